"""What stands between a visitor and Streamlit: headers, a guard on the socket, the settings of a hosted page.

It is imported by the server alone, and knows nothing of reviews.
"""

from rag.ui.server.headers import READER_COOKIE, is_reader
from rag.ui.server.scripts import SCROLL
from rag.ui.server.serving import middleware

__all__ = ["READER_COOKIE", "SCROLL", "is_reader", "middleware"]
