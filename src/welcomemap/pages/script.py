"""The script that Streamlit runs for each visitor, again after each of their actions."""

from welcomemap.pages.navigation import run

if __name__ == "__main__":
    run()
