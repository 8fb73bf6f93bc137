"""What is learned from lines of text: articles laid out as people keep them, each line with what it is there for."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag.encoders import LINE_KINDS, TEXT_WEIGHTS
from rag.encoders.small_weights import read_weights
from rag.training.layouts import Laid, Layout, Paper, frames
from rag.training.text_lines import read_papers, rows_of

LICENSE = '<license xlink:href="http://creativecommons.org/licenses/by/4.0/"><p>Free for all.</p></license>'
XML = f"""<article xmlns:xlink="x"><front><journal-meta><journal-title>Journal of Lamps</journal-title></journal-meta>
<article-meta><article-id pub-id-type="pmc">77</article-id><article-id pub-id-type="doi">10.5555/lamps.1</article-id>
<title-group><article-title>Street lamps and the flight of hawk moths</article-title></title-group>
<contrib-group><contrib><name><surname>Wick</surname><given-names>Ann B</given-names></name></contrib></contrib-group>
<aff><label>1</label>Institute of Lamps, University of Dusk</aff>
<pub-date><year>2019</year></pub-date><volume>3</volume><permissions>{LICENSE}</permissions>
<abstract><sec><title>Results</title><p>Moths like lamps. Nobody knows why they do.</p></sec></abstract>
</article-meta></front><body><sec><title>Introduction</title><p>Lamps are lit at night.</p></sec></body>
<back><ref-list><ref>Moor P. Moths of the lanes. J Dusk 2001.</ref></ref-list></back></article>"""
SENTENCES = [
    "The days are long.",
    "Nobody knows why they do.",
    "Nobody was told about the new road to the sea.",
    "Is it dark?",
    *"abcdefgh",
]
PLACES = {"top", "head", "below", "foot"}
Lay = Callable[[Layout, Paper], Laid]
WAYS: list[Lay] = [Layout.page, Layout.note, Layout.brief, lambda layout, paper: layout.several([paper] * 3)]


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    (tmp_path / "lamps.nxml").write_text(XML)
    (found,) = read_papers(tmp_path, frozenset())
    return found


def laid(way: Lay, paper: Paper, seed: int) -> Laid:
    return way(Layout(random.Random(seed), [paper], frames(), SENTENCES), paper)


def test_an_article_is_taken_apart(paper: Paper) -> None:
    assert (paper.title, paper.authors) == ("Street lamps and the flight of hawk moths", [("Ann B", "Wick")])
    assert paper.affiliations == ["Institute of Lamps, University of Dusk"]
    assert paper.abstract == [("Results", ["Moths like lamps. Nobody knows why they do."])]
    assert (paper.journal, paper.year, paper.numbers["doi"]) == ("Journal of Lamps", "2019", "10.5555/lamps.1")


@pytest.mark.parametrize("excluded", ["lamps", "PMC77"])
def test_articles_that_are_held_back_or_not_free_are_not_read(tmp_path: Path, excluded: str) -> None:
    (tmp_path / "lamps.nxml").write_text(XML)
    assert not list(read_papers(tmp_path, frozenset([excluded])))
    (tmp_path / "lamps.nxml").write_text(XML.replace("licenses/by/", "licenses/by-nc/"))
    assert not list(read_papers(tmp_path, frozenset()))


def test_every_line_of_a_frame_can_be_filled(paper: Paper) -> None:
    sites = frames()
    assert all(PLACES.issuperset(site) for site in sites.values())
    for name, site in sites.items():
        for block in site.values():
            layout = Layout(random.Random(1), [paper], {name: site}, SENTENCES)
            layout._frame_of(block, paper)
            assert not any("{" in words for words, _ in layout.lines)


@pytest.mark.parametrize("way", WAYS)
def test_what_a_paper_says_is_told_from_what_stands_around_it_in_every_layout(way: Lay, paper: Paper) -> None:
    lines = [line for seed in range(60) for line in laid(way, paper, seed)]
    kinds = {kind for words, kind in lines if "Nobody knows why they" in words}
    assert {"abstract"} <= kinds <= {"abstract", "text", "title"} or kinds == {"text"}
    assert laid(way, paper, 3) == laid(way, paper, 3)


def test_the_rows_are_as_the_shipped_weights_read_them(paper: Paper) -> None:
    weights = read_weights(TEXT_WEIGHTS)
    assert weights is not None
    rows, kinds = rows_of(laid(Layout.page, paper, 5), random.Random(5))
    assert rows.shape == (len(kinds), len(weights.matrices["lines.hidden"])) and np.isfinite(rows).all()
    assert set(kinds) <= set(range(len(LINE_KINDS)))
