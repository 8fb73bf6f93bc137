"""What `streamlit run app.py` starts: the server imports this file for its guard, and runs it for the page."""

import streamlit as st

if __name__ == "__main__":
    from rag.ui.page import draw

    draw()
else:
    from rag.ui.server import middleware

    app = st.App(__file__, middleware=middleware())
