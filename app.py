"""Start the Streamlit pages, nothing else."""

import streamlit as st

from welcomemap.pages import server

app = st.App(
    server.SCRIPT,
    lifespan=server.start,
    middleware=server.MIDDLEWARE,
    on_script_error=server.say_fault,
)
