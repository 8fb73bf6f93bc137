"""`python -m rag.training.page_lines SOURCES EXCLUDED`: learn what the lines of printed pages are there for.

Learns from articles that are had twice, as PDF and as JATS, but for those that EXCLUDED names and those whose licence
restricts what may be made of them. What a line is there for is found by looking its letters up in the article's XML.
Prints by cross-validation over articles how many lines of each kind are told, then learns from all and writes
`rag/encoders/weights/page_lines.safetensors`.
"""

from __future__ import annotations

import argparse
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lxml import etree

from rag.encoders import LINE_KINDS, LINE_WEIGHTS, LineKind, Numbers, keep_weights, softmax
from rag.sources import PrintedLines, printed_lines
from rag.training.network import Mask, Network, Weights
from rag.training.rows import SEED
from rag.training.sources import Sources
from rag.types import FloatMatrix

NETWORK = Network("lines", hidden=32, epochs=15, dropped=0.3, decay=1.0)
FOLDS = 5
_RESTRICTED = re.compile(r"\bby-n[cd]\b|non-?commercial|no-?derivative", re.IGNORECASE)
# Letters in a row that are looked up, and the share of them that is found where a line stands.
_GRAM, _FOUND, _UNSURE = 10, 0.7, 0.25
_SHORTEST = 5  # letters
# What journals set above an abstract and the references without its being in the XML.
_HEADINGS = frozenset(["abstract", "references"])
# Of the lines between the first and the last pages one in so many is learned from; shares of a first page.
_TAKEN, _SHORTENED = 5, (1.0, 0.6, 0.3)
_AUTHORS_WITHIN = 25  # lines of the title
_EDGE = 2  # pages at the beginning and the end on which what is found nowhere is known to be the frame


@dataclass(frozen=True, slots=True)
class Article:
    """What is known of each line, and what it is there for: a number of LINE_KINDS, -1 where that is unsure."""

    features: FloatMatrix
    kinds: Numbers


@dataclass(frozen=True, slots=True)
class _Truth:
    """The letters of an article by what they are there for, and the words of its authors' names."""

    title: str
    authors: frozenset[str]
    headings: frozenset[str]
    places: dict[LineKind, frozenset[str]]


def read_articles(folder: Path, excluded: frozenset[str]) -> Iterator[Article]:
    """Yield the articles of a folder whose lines can be looked up."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    for file in sorted(folder.glob("*.xml")):
        root = etree.fromstring(file.read_bytes(), parser)
        article = root if root.tag == "article" else root.find(".//article")
        printed = file.with_suffix(".pdf")
        if article is None or file.stem in excluded or not printed.exists() or not _is_free(article):
            continue
        lines = printed_lines(printed.read_bytes())
        kinds = _kinds(lines, _truth(article))
        if "title" in kinds:
            yield _article(lines, kinds)


def _is_free(article: etree._Element) -> bool:
    permissions = article.find("front/article-meta/permissions")
    return permissions is not None and not _RESTRICTED.search(etree.tostring(permissions, encoding="unicode"))


def _article(lines: PrintedLines, kinds: Sequence[LineKind | None]) -> Article:
    """Return the lines of the first and last pages, some of the others, and those of shorter and plainer files."""
    rows = lines.rows
    first, last = rows[0].page, rows[-1].page
    numbers = np.array([-1 if kind is None else LINE_KINDS.index(kind) for kind in kinds])
    at_edge = np.array([row.page < first + _EDGE or row.page > last - _EDGE for row in rows])
    kept = at_edge | (np.arange(len(rows)) % _TAKEN == 0)
    found = [(lines.features()[kept], numbers[kept])]
    for share in _SHORTENED:
        short = lines.beginning(int(share * sum(row.page == first for row in rows)))
        found.append((short.features(), numbers[: len(short.rows)]))
    features, known = zip(*found, strict=True)
    return Article(np.concatenate(features).astype(np.float16), np.concatenate(known))


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in folded if letter.isalnum())


def _truth(article: etree._Element) -> _Truth:
    def of(*paths: str) -> frozenset[str]:
        found = (_letters("".join(part.itertext())) for path in paths for part in article.iterfind(path))
        return frozenset(gram for text in found for gram in _grams(text))

    names = article.iterfind("front/article-meta/contrib-group//name")
    return _Truth(
        _letters("".join(article.find("front/article-meta/title-group/article-title").itertext())),
        frozenset(word for name in names for word in map(_letters, " ".join(name.itertext()).split()) if len(word) > 1),
        frozenset(_letters("".join(heading.itertext())) for heading in article.iterfind(".//title")) | _HEADINGS,
        {
            "references": of(".//ref-list"),
            "abstract": of("front/article-meta/abstract", "front/article-meta/trans-abstract"),
            "text": of("body", "floats-group", "back/ack", "back/app-group", "back/sec", "back/glossary"),
            "place": of(".//aff", ".//author-notes", ".//contrib-group//bio"),
        },
    )


def _grams(text: str) -> list[str]:
    return [text[at : at + _GRAM] for at in range(max(len(text) - _GRAM + 1, 1))]


def _kinds(lines: PrintedLines, truth: _Truth) -> list[LineKind | None]:
    """Return what each line is there for, None where that is unsure."""
    texts = [_letters(re.sub(r"\[[\d,–-]{1,8}\]", "", row.text)) for row in lines.rows]
    title = _title(lines, texts, truth.title)
    first, last = lines.rows[0].page, lines.rows[-1].page
    found: list[LineKind | None] = []
    for place, (row, text) in enumerate(zip(lines.rows, texts, strict=True)):
        names = [word for word in map(_letters, re.findall(r"[^\W\d_]{2,}", row.text)) if word]
        named = sum(word in truth.authors for word in names) > len(names) / 2
        edge = row.page < first + _EDGE or row.page > last - _EDGE
        if place in title:
            found.append("title")
        elif named and title and max(title) < place <= max(title) + _AUTHORS_WITHIN:
            found.append("authors")
        else:
            found.append(_looked_up(text, truth, edge=edge))
    return _between(found, lines)


def _looked_up(text: str, truth: _Truth, *, edge: bool) -> LineKind | None:
    if text.lstrip("0123456789") in truth.headings:
        return "text"
    if len(text) < _GRAM:
        return None
    grams = _grams(text)
    shares = {kind: sum(gram in known for gram in grams) / len(grams) for kind, known in truth.places.items()}
    kind = max(shares, key=lambda kind: shares[kind])
    if shares[kind] >= _FOUND:
        return kind
    return "frame" if edge and shares[kind] < _UNSURE else None


def _title(lines: PrintedLines, texts: Sequence[str], title: str) -> set[int]:
    """Return the places of the largest lines near the beginning that the title consists of, if they make most of it."""
    pages = sorted({row.page for row in lines.rows})[:_EDGE]
    parts = [at for at, row in enumerate(lines.rows) if row.page in pages and len(texts[at]) >= _SHORTEST]
    parts = [at for at in parts if texts[at] in title]
    sizes = Counter({lines.rows[at].size: 0 for at in parts})
    for at in parts:
        sizes[lines.rows[at].size] += len(texts[at])
    enough = [size for size, length in sizes.items() if length > 0.8 * len(title)]
    return {at for at in parts if enough and lines.rows[at].size == max(enough)}


def _between(kinds: list[LineKind | None], lines: PrintedLines) -> list[LineKind | None]:
    """Return the kinds with those of lines that could not be looked up, between two of one kind set as they are."""
    found = list(kinds)
    for at in range(1, len(kinds) - 1):
        above, row, below = lines.rows[at - 1 : at + 2]
        if kinds[at] in (None, "frame") and found[at - 1] == kinds[at + 1] and above.size == row.size == below.size:
            found[at] = kinds[at + 1]
    return found


def _learn(articles: Sequence[Article], seed: int) -> Weights:
    features, kinds = _joined(articles)
    roles: Mask = np.eye(len(LINE_KINDS), dtype=bool)[kinds]
    return NETWORK.fit(lambda rows: features[rows].astype(np.float32), roles, np.flatnonzero(kinds >= 0), seed)


def _joined(articles: Sequence[Article]) -> tuple[FloatMatrix, Numbers]:
    return (
        np.concatenate([article.features for article in articles]),
        np.concatenate([article.kinds for article in articles]),
    )


def _measure(articles: Sequence[Article]) -> None:
    """Print for each kind how many of its lines are told, and how many that are told are of it."""
    told = np.zeros((len(LINE_KINDS), len(LINE_KINDS)), int)
    for fold in range(FOLDS):
        weights = _learn([one for at, one in enumerate(articles) if at % FOLDS != fold], SEED)
        features, kinds = _joined(articles[fold::FOLDS])
        given = softmax(NETWORK.scores(features.astype(np.float32), weights)).argmax(axis=1)
        np.add.at(told, (kinds[kinds >= 0], given[kinds >= 0]), 1)
    for at, kind in enumerate(LINE_KINDS):
        right, lines, taken = told[at, at], told[at].sum(), told[:, at].sum()
        print(f"{kind}: {right / max(lines, 1):.3f} of {lines} told, {right / max(taken, 1):.3f} of {taken} right")


def main() -> None:
    """Learn, measure and write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("sources", type=Path)
    parser.add_argument("excluded", type=Path)
    given = parser.parse_args()
    articles = list(read_articles(Sources(given.sources).pages, frozenset(given.excluded.read_text("utf-8").split())))
    _measure(articles)
    weights = {name: values.astype(np.float16) for name, values in _learn(articles, SEED).items()}
    keep_weights(weights, LINE_WEIGHTS, {"articles": str(len(articles)), "seed": str(SEED)})


if __name__ == "__main__":
    main()
