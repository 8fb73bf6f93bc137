"""The story from a question to its answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rag.answers import (
    chat_answer,
    compared_answer,
    gather,
    publication_facts,
    quoted_answer,
    shelf_answer,
    suggest_questions,
)
from rag.comparison import compare as compare_reviews
from rag.comparison import papers_meant, summary
from rag.encoders import knows_roles
from rag.errors import ModelMissing
from rag.questions import Question, of_several, understand, with_parts, with_rows
from rag.shelf import Library, label
from rag.text import listed
from rag.types import Answer, Outcome, Quote, Turn
from rag.writing import Watch, rewrite, write

if TYPE_CHECKING:
    from rag.writing import LanguageModel

BY_WORDS = "Searched by words only, without other words for the same thing: the embedding model cannot be used."
UNREAD = "Judged by words and sense alone: the reader, which weighs what each sentence says, cannot be used."
NO_ROLES = "Judged without the roles of sentences (result, aim, method …): their weights cannot be read."
# What a file that is not read may mend.
_IN_DOUBT: tuple[Outcome, ...] = ("not_found", "closest", "partial")
# An answer in quotes, and what a model may write from beside these.
_Quoted = tuple[Answer, tuple[Quote, ...]]
log = logging.getLogger(__name__)


def ask(
    question: str,
    library: Library,
    history: Sequence[Turn] = (),
    review_ids: Collection[str] | None = None,
    compare: bool = False,
    aspects: Sequence[str] = (),
    model: LanguageModel | None = None,
    watch: Watch | None = None,
    manner: str = "",
) -> Answer:
    """Answer a question with quotes from the reviews, or from those chosen by id; without a model always the same.

    A question that compares is answered side by side, any other when `compare` asks for it; `aspects` take the place
    of those that the question names. A model writes the answer from the same quotes and what may matter beside them, in
    the `manner` of one of its MANNERS or LANGUAGES if it is named, and `watch` sees it being written.
    """
    rewriting = partial(rewrite, history=history, model=model) if model else None

    def quoted(searched: Library) -> _Quoted:
        reviews = searched.reviews if review_ids is None else searched.reviews.part(review_ids)
        understood = understand(question, searched, history, reviews, rewriting, may_be_talk=not aspects)
        answer, beside = _quoted(understood, searched, compare, aspects)
        return replace(answer, filters=understood.filters, note=_of_other_years(understood, searched)), beside

    answer, beside = _with_what_is_there(quoted, library)
    return write(answer, model, library, watch, manner, beside) if model else answer


def _with_what_is_there(quoted: Callable[[Library], _Quoted], library: Library) -> _Quoted:
    """Answer from a library, or from what is left of it without a reader that is gone; the answer says so."""
    try:
        answer, beside = quoted(library)
        return _noted(answer, library), beside
    except ModelMissing as missing:
        if not library.reader:
            raise
        log.warning("%s Answers are chosen without it.", missing)
        return _with_what_is_there(quoted, library.without_reader)


def _noted(answer: Answer, library: Library) -> Answer:
    """Return an answer with a note when its sentences were judged, and by less than a whole library has."""
    judged = answer.confidence is not None or answer.comparison
    notes = missing_parts(library), _not_read(library) if answer.outcome in _IN_DOUBT else ""
    return replace(answer, note=" ".join(filter(None, (answer.note, *notes)))) if judged else answer


def _of_other_years(question: Question, library: Library) -> str:
    """Return for a reader which papers a question names by another year than theirs; "" without any."""
    reviews = library.index.reviews
    taken = [(mention, listed([label(reviews[i]) for i in ids])) for mention, ids in question.of_other_years]
    return " ".join(f"No paper “{mention}” is loaded; taken for {papers}." for mention, papers in taken)


def missing_parts(library: Library) -> str:
    """Return for a reader what a library's sentences are judged without; "" when all is there."""
    if not library.embedder:
        return BY_WORDS
    if not library.reader:
        return UNREAD
    return "" if knows_roles() else NO_ROLES


def _not_read(library: Library) -> str:
    """Return how many files an answer that was not found may stand in; "" where all are read."""
    count = sum(not file.kind for file in library.files)
    one = count == 1
    return f"{count:,} file{'' if one else 's'} of the folder {'is' if one else 'are'} not read." if count else ""


def _quoted(question: Question, library: Library, compare: bool, aspects: Sequence[str]) -> _Quoted:
    """Answer a question with quotes, by what it is put to."""
    if question.intent == "talk":
        return chat_answer(question), ()
    wished = compare or bool(aspects)
    if question.shelf and not wished:
        return shelf_answer(question, question.shelf, library), ()
    if question.intent == "facts" and not wished:
        if facts := publication_facts(question, library):
            return quoted_answer(question, facts), ()
        question = question.not_of_facts()
    question = of_several(question, library)
    if (wished or question.intent == "comparison") and (answer := _side_by_side(question, library, aspects, wished)):
        return answer, ()
    evidence = gather(with_parts(question, library), library)
    return quoted_answer(question, evidence), evidence.beside


def _side_by_side(question: Question, library: Library, aspects: Sequence[str], always: bool) -> Answer | None:
    question = with_rows(question, library)
    meant = papers_meant(question, library)
    comparison = compare_reviews(question, library, meant, aspects, always)
    if comparison is None:
        return None
    question = replace(question, called=library.called(meant.reviews))
    above = summary(question, comparison, meant, library)
    return compared_answer(question, comparison, above, meant.reviews, library.index.reviews)


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
