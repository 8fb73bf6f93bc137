"""Comparisons over full-length papers: a paper that uses a word is quoted with it, one that never does is silent."""

from __future__ import annotations

import re

import pytest

from rag.pipeline import ask
from rag.shelf.library import Library
from rag.types import PROSE
from tests.papers import PAPERS, papers

pytestmark = pytest.mark.skipif(not PAPERS.is_dir(), reason="the full-length papers are not here")
# Words of the field with one spelling, and what every quote on them has to hold.
WORDS = {
    "lenalidomide": "lenalidomide",
    "selenium": r"selenium|selenite|(?-i:\bSe\b)",
    "angioplasty": "angioplast",
    "tocilizumab": "tocilizumab",
    "trametinib": "trametinib",
    "melphalan": "melphalan",
    "thrombocytopenia": "thrombocytop",
    "rituximab": "rituximab",
}


def _prose(library: Library, review_id: str) -> str:
    return " ".join(p.text for p in library.passages_of(review_id) if p.kind in PROSE)


@pytest.mark.parametrize("word", WORDS)
def test_who_uses_a_word_is_quoted_with_it_and_who_does_not_is_silent(word):
    library = papers()
    answer = ask(f"Which of the papers mention {word}, and which do not?", library)
    assert answer.comparison is not None
    for cell in answer.comparison.cells:
        spoken = re.search(WORDS[word], _prose(library, cell.review_id), re.IGNORECASE)
        assert cell.state == ("quoted" if spoken else "silent"), (cell.review_id, cell.state)
        for number in cell.citations:
            assert re.search(WORDS[word], answer.citations[number - 1].quote.text, re.IGNORECASE)
