"""Streamlit pages: widgets to study request, result to map and table."""
