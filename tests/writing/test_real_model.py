"""The whole path against a small real model on this machine, which writes badly: that is the point.

What is asked here is true of any model: nothing that it writes is shown as more than its quotes carry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from rag.pipeline import ask, converse
from rag.settings import Settings
from rag.types import Answer
from rag.writing.checking import Cited, check_sentences, other_names
from rag.writing.models import connect
from rag.writing.stream import PAUSES, LanguageModel, Limits, Message
from rag.writing.writing import rewrite
from tests.engine import invented
from tests.local_model import NAME, is_installed, local_model

pytestmark = pytest.mark.skipif(not is_installed(), reason="no model on this machine: make test-model installs one")
QUESTIONS = (
    "What does the phage cocktail PT-41 do to the infection?",
    "What is known about biofilm?",
    "Which enzymes dissolve the biofilm?",
)
# Slow machines are no fault of what is tested.
PATIENT = Limits(first_token=240, silence=240, whole=480, tokens=400)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with local_model() as running:
        yield running


@pytest.fixture
def model(address: str) -> LanguageModel:
    PAUSES.faults.clear()
    PAUSES.until.clear()
    return connect(Settings(openai_base_url=address, model_prices="1/2"), f"openai:{NAME}", PATIENT)


def hold(answer: Answer) -> None:
    """Assert what is true of every written answer: its quotes are there, and its supported sentences stand again."""
    library = invented().library
    assert answer.quoted and answer.written
    for citation in answer.quoted:
        quote = citation.quote
        assert library.index.reviews[quote.review_id].text[quote.start : quote.end] == quote.text
    known = {citation.number: citation.quote for citation in answer.quoted}
    # Where quotes stand in its place, what stands above a matrix is ours.
    for sentence in answer.sentences if answer.mode != "quotes" else ():
        if sentence.support == "supported":
            quotes = [known[number] for number in sentence.citations]
            titles = [library.index.reviews[quote.review_id].title for quote in quotes]
            texts = [quote.text for quote in quotes]
            cited = Cited(sentence.text, texts, titles, called=other_names(texts, library.synonyms))
            assert check_sentences([cited], library.reader)[0].support == "supported"


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_it_writes_stands_on_quotes_or_they_stand_alone(model, question):
    answer = ask(question, invented().library, model=model)
    hold(answer)
    written = answer.written
    assert written and written.ending in ("complete", "length", "repeated") and not written.fault
    assert written.prompt_tokens is None or (written.cost or 0) > 0


def test_no_id_that_it_was_not_given_comes_out_of_the_form(model):
    schema = {"type": "array", "items": {"type": "string", "enum": ["k7q3", "x2mf"]}, "minItems": 2, "maxItems": 2}
    stream = model.stream([Message("user", "Name four animals.")], schema)
    assert set("".join(stream).translate(str.maketrans('",[]', "    ")).split()) <= {"k7q3", "x2mf"}
    assert stream.reply.complete and stream.reply.usage


def test_it_streams_and_is_stopped(model):
    seen: list[str] = []
    begun: list[Callable[[], Answer]] = []

    def text(so_far: str) -> None:
        seen.append(so_far)
        if len(seen) == 2:
            begun[0]()

    drawn = SimpleNamespace(begun=begun.append, quoted=lambda answer: None, text=text)
    answer = ask(QUESTIONS[0], invented().library, model=model, watch=drawn)
    hold(answer)
    assert 1 <= len(seen) <= 3 and not any("{" in one for one in seen)
    assert answer.written and answer.written.ending in ("stopped", "complete")


def test_a_comparison_keeps_its_matrix_whatever_stands_above(model):
    answer = ask("How do the reviews differ on biofilm?", invented().library, compare=True, model=model)
    assert answer.comparison and answer.comparison.cells
    hold(answer)


def test_a_follow_up_is_rewritten_in_words_of_the_conversation_or_not_at_all(model):
    turns = converse(["What does the phage cocktail PT-41 do to the infection?"], invented().library)
    asked = rewrite("and to biofilm?", "the fallback", turns, model)
    assert asked == "the fallback" or "biofilm" in asked


def test_where_nothing_is_found_it_is_not_asked(model):
    assert ask("What does Yescarta cost in Norway?", invented().library, model=model).written is None
