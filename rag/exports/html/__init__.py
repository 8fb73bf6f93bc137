"""An answer as HTML: what the page shows and what the saved file holds, all text escaped.

Quotes are marked in their place in the passage; links lead to DOIs, PubMed and the review's own address only.
"""
