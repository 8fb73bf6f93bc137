"""Files as reviews: recognised by their content, read with the place of every section in the text.

One reader a format; what they share (headings, names, dates, identifiers, facts) stands beside them.
"""

from rag.sources.folder import Folder, read_folder, read_review

__all__ = ["Folder", "read_folder", "read_review"]
