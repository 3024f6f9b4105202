"""Start the Streamlit pages, nothing else."""

from welcomemap.pages.navigation import run

run()
