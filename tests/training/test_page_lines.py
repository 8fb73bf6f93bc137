"""What is learned from the lines of pages: what each is there for, looked up in the article's XML."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rag.encoders import LINE_KINDS
from rag.training.page_lines import read_articles
from tests.sources.pdfs import Words, column, pdf

ABSTRACT = [
    "Hawk moths turn towards lamps at dusk and pay for it with",
    "a night of feeding, as we show in one valley.",
]
BODY = [
    "Moths have flown by the moon for longer than there were",
    "lamps to mislead them, and a night without one is long.",
]
XML = f"""<article><front><article-meta>
<title-group><article-title>Street lamps and the flight of hawk moths</article-title></title-group>
<contrib-group><contrib><name><surname>Wick</surname><given-names>Ann</given-names></name></contrib></contrib-group>
<permissions><license><license-p>Creative Commons Attribution 4.0</license-p></license></permissions>
<aff>Institute of Lamps, University of Dusk</aff><abstract><p>{" ".join(ABSTRACT)}</p></abstract>
</article-meta></front><body><sec><title>Introduction</title><p>{" ".join(BODY)}</p></sec></body>
<back><ref-list><ref>Moor P, Hedge Q. Moths of the lanes. J Dusk 2001.</ref></ref-list></back></article>"""
PAGE = [
    Words(50, 60, "Journal of Evening Studies, volume nine", 8),
    Words(50, 90, "Street lamps and the flight of hawk moths", 18),
    Words(50, 115, "Ann Wick", 11),
    Words(50, 140, "Institute of Lamps, University of Dusk", 8),
    *column(50, 170, ABSTRACT),
    Words(50, 210, "Introduction", 12, bold=True),
    *column(50, 230, BODY),
    Words(50, 280, "1. Moor P, Hedge Q. Moths of the lanes. J Dusk 2001.", 8),
]
KINDS = ["frame", "title", "authors", "place", "abstract", "abstract", "text", "text", "text", "references"]


def test_lines_are_looked_up_and_shown_again_as_shorter_files_would(tmp_path: Path) -> None:
    (tmp_path / "lamps.pdf").write_bytes(pdf([PAGE]))
    (tmp_path / "lamps.xml").write_text(XML)
    (article,) = read_articles(tmp_path, frozenset())
    told = [LINE_KINDS[kind] for kind in article.kinds]
    assert told == [*KINDS, *KINDS, *KINDS[:6], *KINDS[:3]]
    assert len(article.features) == len(told) and np.isfinite(article.features).all()


def test_articles_that_are_held_back_or_not_free_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "lamps.pdf").write_bytes(pdf([PAGE]))
    (tmp_path / "lamps.xml").write_text(XML)
    assert not list(read_articles(tmp_path, frozenset(["lamps"])))
    (tmp_path / "lamps.xml").write_text(XML.replace("Attribution 4.0", "Attribution-NonCommercial 4.0"))
    assert not list(read_articles(tmp_path, frozenset()))
