"""Start the Streamlit pages, nothing else."""
