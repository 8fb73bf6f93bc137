"""The story from a question to its answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rag.answers import chat_answer, compared_answer, gather, publication_facts, quoted_answer, suggest_questions
from rag.comparison import asked_reviews, is_comparison, nearest_reviews, summary
from rag.comparison import compare as compare_reviews
from rag.errors import VectorsAway
from rag.index import SECONDS_FOR_A_QUESTION, patience
from rag.questions import carried_terms, chat_reply, clean, correct_spelling, parse, standalone
from rag.shelf import Catalogue, Library
from rag.types import Answer, Question, Turn
from rag.writing import Watch, rewrite, write

if TYPE_CHECKING:
    from rag.writing import LanguageModel

# A question in capitals with more words than this is taken as typed in small letters; a shorter one may be a name.
SHOUTED = 2


def ask(
    question: str,
    library: Library,
    history: Sequence[Turn] = (),
    review_ids: Collection[str] | None = None,
    compare: bool = False,
    aspects: Sequence[str] = (),
    model: LanguageModel | None = None,
    watch: Watch | None = None,
) -> Answer:
    """Answer a question with quotes from the reviews, or from those chosen by id; without a model always the same.

    A question that compares is answered side by side, any other when `compare` asks for it; `aspects` take the place
    of those that the question names. A model writes the answer from the same quotes, and `watch` sees it being written.
    """
    try:
        with patience(SECONDS_FOR_A_QUESTION):
            quoted = _quoted(question, library, history, review_ids, compare, aspects, model)
    except VectorsAway as away:
        by_words = _quoted(question, library.by_words, history, review_ids, compare, aspects, model)
        quoted = replace(by_words, note=f"Searched by words only: {away}.") if by_words.outcome != "chat" else by_words
    return write(quoted, model, library, watch) if model else quoted


def _quoted(
    question: str,
    library: Library,
    history: Sequence[Turn],
    review_ids: Collection[str] | None,
    compare: bool,
    aspects: Sequence[str],
    model: LanguageModel | None,
) -> Answer:
    reviews = library.reviews if review_ids is None else library.reviews.part(review_ids)
    asked = clean(question)
    if not aspects and (reply := chat_reply(asked, reviews)):
        return chat_answer(asked, reply)
    quiet = asked.lower() if asked.isupper() and len(asked.split()) > SHOUTED else asked
    whole = standalone(quiet, history, reviews, library.alike)
    if model and whole != quiet:
        whole = rewrite(quiet, history, whole, model)
    searched = correct_spelling(whole, library.index.vocabulary, library.language)
    parsed = parse(searched, reviews, library.alike)
    scope = asked_reviews(parsed, reviews)
    facts = parsed.fields and publication_facts(parsed, library, scope)
    if aspects or compare or (is_comparison(parsed) and not facts):
        return _side_by_side(asked, parsed, library, scope, aspects)
    evidence = gather(parsed, library, scope, carried_terms(quiet, whole) if whole != quiet else ())
    return quoted_answer(asked, searched, evidence, scope)


def _side_by_side(asked: str, question: Question, library: Library, scope: Catalogue, aspects: Sequence[str]) -> Answer:
    near = nearest_reviews(question, library, scope)
    comparison = compare_reviews(question, library, near, aspects)
    above = summary(question, comparison, near, len(scope))
    return compared_answer(asked, question.text, comparison, above, near, library.index.reviews)


def suggestions(library: Library) -> list[str]:
    """Return questions to begin with, each of which the reviews answer."""
    return suggest_questions(library, lambda question: ask(question, library).outcome == "answered")


def converse(
    questions: Sequence[str],
    library: Library,
    review_ids: Collection[str] | None = None,
) -> list[Turn]:
    """Ask questions one after the other, each with the turns before it as its history."""
    turns: list[Turn] = []
    for question in questions:
        turns.append(Turn(question, ask(question, library, turns, review_ids)))
    return turns
