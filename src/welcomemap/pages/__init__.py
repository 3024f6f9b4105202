"""Streamlit pages: widgets to study request, result to map and table."""

from welcomemap.extras import require_extra

require_extra("app", by=__name__)
