"""The story from a question to its answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rag.chat import chat_reply
from rag.citations import chat_answer, quoted_answer
from rag.conversation import carried_terms, standalone
from rag.evidence import gather
from rag.library import Library
from rag.questions import clean, parse
from rag.spelling import correct_spelling
from rag.types import Answer, Turn

# A question in capitals with more words than this is taken as typed in small letters; a shorter one may be a name.
SHOUTED = 2


def ask(
    question: str, library: Library, history: Sequence[Turn] = (), review_ids: Collection[str] | None = None
) -> Answer:
    """Answer a question with quotes from the reviews, or from those chosen by id; always the same answer."""
    reviews = [review for review in library.reviews if review_ids is None or review.id in review_ids]
    asked = clean(question)
    if reply := chat_reply(asked, reviews):
        return chat_answer(asked, reply)
    quiet = asked.lower() if asked.isupper() and len(asked.split()) > SHOUTED else asked
    whole = standalone(quiet, history, reviews, library.alike)
    searched = correct_spelling(whole, library.index.vocabulary, library.language)
    parsed = parse(searched, reviews, library.alike)
    scope = [review for review in reviews if not parsed.reviews or review.id in parsed.reviews]
    evidence = gather(parsed, library, scope, carried_terms(quiet, whole) if whole != quiet else ())
    return quoted_answer(asked, searched, evidence, scope, reviews)


def converse(questions: Sequence[str], library: Library, review_ids: Collection[str] | None = None) -> list[Turn]:
    """Ask questions one after the other, each with the turns before it as its history."""
    turns: list[Turn] = []
    for question in questions:
        turns.append(Turn(question, ask(question, library, turns, review_ids)))
    return turns
