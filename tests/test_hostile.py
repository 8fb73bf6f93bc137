"""Questions of a shape that a careless pattern takes hours for: one visitor's must not hold up all others."""

from __future__ import annotations

import pytest

from rag.pipeline import ask
from rag.shelf import Library
from rag.types import Turn
from tests.growth import at_once

LONGEST = 1990
PIECES = (
    *(".", "=", "è1.2.3.", "a.", "a. ", "  a", "\n", "((", "((a", "- ", "1 ", "1,", "é1.2.", "and ", "of a ", "x, "),
    *("'", "“", "how ", "not ", "is a ", "[", "a-", "Smith and ", "et al. ", "J. ", "please ", "& ", "years ", "who "),
    *("between ", "than the ", "% ", "p < 0.", "and (", "vs ", "too ", "as well ", "on ", "only the ", "a, a "),
)
SHAPES = ("{}", "What about {}?", "{} safety too", "Compare {}", "which {} year")


@pytest.mark.parametrize("shape", SHAPES)
def test_no_question_takes_long_whatever_its_shape(library: Library, shape: str) -> None:
    history = [Turn("What about lupus?", ask("What about lupus?", library))]
    for piece in PIECES:
        question = shape.format((piece * LONGEST)[: LONGEST - len(shape)])
        for before in ((), history):
            with at_once((shape, piece, "after an answer" if before else "")):
                ask(question, library, before)
