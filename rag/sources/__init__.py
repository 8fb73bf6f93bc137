"""Files as reviews: recognised by their content, read with the place of every section in the text.

library      read_review, read_library: what others call
decoding     bytes → text, or the reason why not
pubmed       a saved PubMed abstract page; pubmed_head: the block above the abstract; pubmed_words: the page's own words
summary      a paper-summary page in Markdown
plain        other Markdown and plain text
facts, front_matter, names, dates, identifiers, entities, headings, lines    what the readers share
"""

from rag.sources.library import Library, read_library, read_review

__all__ = ["Library", "read_library", "read_review"]
