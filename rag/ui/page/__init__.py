"""What Streamlit runs: the page from top to bottom, its conversations, its shelf, its owner's view.

What draws needs nothing heavy until a question is asked.
"""

from rag.ui.page.entry import draw

__all__ = ["draw"]
