"""A file with one article in JATS, with many, or with the chapters of a book, as reviews."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.sources.extract import Extract
from rag.sources.jats.facts import facts_of, front_of, notices, title_of
from rag.sources.jats.flow import BACK, TEXT, Flow
from rag.sources.jats.front import add_front
from rag.sources.source_file import Notice, Reading, SourceFile
from rag.sources.xml.parsing import Element, begins_as_xml, decoded, markup, parse
from rag.types import Review

KIND = "JATS XML"
_FRONT = re.compile(r"<(?:\w{1,20}:)?(?:article-meta|book-part-meta)[\s>]")


def recognises(file: SourceFile) -> bool:
    """Return whether a file is XML that holds the front matter of an article or of a chapter."""
    text = file.text or file.content.decode("latin-1")
    return begins_as_xml(text) and bool(_FRONT.search(text))


def read(file: SourceFile) -> Reading:
    """Return a review for each article or chapter that has a title; raise UnreadableReview where none has."""
    text = markup(decoded(file))
    # Several articles may stand one after another; where a document type stays, there can be only one root.
    root, fault = parse(text if "<!DOCTYPE" in text else f"<articles>{text}</articles>", recover=True)
    if root is None:
        raise file.refused(f"is not XML that can be read ({fault})")
    told: list[Notice] = []
    reviews, refused = [], [f"The XML is damaged, so that words may be missing: {fault}"] if fault else []
    for number, article in enumerate(_articles(root), start=1):
        try:
            review = _review(article)
        except RecursionError:
            refused.append(f"Article {number}: its elements are nested too deeply")
            continue
        told += notices(article)
        if review.title:
            reviews.append(review)
        else:
            refused.append(f"Article {number}: it has no title")
    if not reviews:
        raise file.refused("holds no article with a title")
    characters = sum(len(review.text) for review in reviews)
    return Reading(KIND, tuple(reviews), characters, tuple(refused), notices=tuple(told))


def _articles(root: Element) -> Iterator[Element]:
    """Yield articles and chapters; not the parts of a book that only hold chapters."""
    for element in root.iter("article", "book-part"):
        if element.tag == "article" or any(child.tag != "book-part" for child in element.iterfind("body/*")):
            yield element


def _review(article: Element) -> Review:
    """Return an article as a review: without the reviews, replies and translations that are published with it."""
    extract = Extract()
    front = front_of(article)
    title, facts = title_of(front), facts_of(article, front)
    flow = Flow(extract)
    add_front(flow, article, front, title, facts)
    flow.add(article.find("body"), TEXT)
    flow.add(article.find("floats-group"), TEXT)
    flow.add(article.find("back"), BACK)
    return extract.review(title, facts)
