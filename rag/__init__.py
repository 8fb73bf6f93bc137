"""Questions to a library of scientific reviews, answered with exact quotes."""

__version__ = "0.1.0"
