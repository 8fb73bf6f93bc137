"""Questions to a library as they are learned from: made of wordings, marked by hand, or only known to be such."""

from __future__ import annotations

import pytest

from rag.training.of_shelf import questions
from rag.training.wordings import UNTOLD, Wordings

CONTENT = ["Do amber lamps draw fewer moths than white lamps?", "How long do garden moths live?"]


@pytest.fixture(scope="module")
def wordings() -> Wordings:
    return Wordings(CONTENT, 1)


def test_a_marked_question_tells_what_each_word_is_there_for(wordings: Wordings) -> None:
    worded = wordings.written("[no]NEG [studies]PAPER !([from before]BEFORE [1995]BEFORE) by [Osei]AUTHOR")
    assert worded.text == "no studies from before 1995 by Osei"
    assert [piece.tag for _, piece in worded.words] == ["NEG", "PAPER", "BEFORE", "BEFORE", "BEFORE", "O", "AUTHOR"]
    assert [piece.excluded for _, piece in worded.words] == [False, False, True, True, True, False, False]
    assert [piece.known for _, piece in worded.words][-1] == "author"


def test_of_an_unmarked_question_only_what_it_is_put_to_is_known(wordings: Wordings) -> None:
    worded = wordings.written("What is new here?")
    assert worded.put == "shelf"
    assert [(worded.text[slice(*span)], piece.tag) for span, piece in worded.words] == [
        (word, UNTOLD) for word in ("What", "is", "new", "here")
    ]


def test_every_wording_can_be_made_and_every_word_of_it_has_a_tag(wordings: Wordings) -> None:
    made = list(wordings.questions(2_000))
    assert {one.put for one in made} == {"shelf", "filtered", "content"}
    tags = {piece.tag for one in made for _, piece in one.words}
    assert UNTOLD not in tags and not any("]" in one.text or "@" in one.text for one in made)


def test_what_is_learned_from_is_the_same_every_time() -> None:
    assert questions()[:50] == questions()[:50]
