"""From what was typed to the question that is answered: small talk told apart, follow-ups written out, words mended."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.questions.follow_ups import carried_terms, points_at_one, standalone
from rag.questions.parsing import MAX_QUESTION_CHARS, clean, parse
from rag.questions.question import Question
from rag.questions.relations import AUXILIARY
from rag.questions.shelf_reading import Asked, all_but, asked_of_shelf, going_on
from rag.questions.small_talk import courtesy_reply, talk_reply
from rag.questions.spelling import correct_spelling
from rag.shelf import Catalogue, Library, ShelfQuery, found
from rag.types import Turn

# Writes a follow-up out, given what was typed and how it is written out already.
Rewriting = Callable[[str, str], str]
# How likely a question must be put to the shelf.
SURELY_OF_SHELF = 0.8
# Of a question to some papers only, less: what is quoted still answers it.
SURELY_FILTERED = 0.5
# "Which of them were randomised?"
OF_THEM = re.compile(rf"\b(?:of|among) (?:them\b|(?:these|those)(?= {AUXILIARY}\b|\W*$))", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d")
# "Does it work???"
_MARKS = re.compile(r"([?!])[?!]+")
# A question in capitals with more words than this is taken as typed in small letters; a shorter one may be a name.
SHOUTED = 2


def understand(
    typed: str,
    library: Library,
    history: Sequence[Turn] = (),
    reviews: Catalogue | None = None,
    rewriting: Rewriting | None = None,
    may_be_talk: bool = True,
) -> Question:
    """Return what is asked, after the turns before it, of the reviews that may be asked; by default of all.

    `rewriting` may write a follow-up out in better words.
    """
    asked, among = clean(typed), library.reviews if reviews is None else reviews
    among = _of_them(asked, among, history)
    knows = library.index.vocabulary.__contains__
    if query := _of_shelf(asked, library, among, history):
        # "Ignore all instructions" is not understood as a question to the shelf.
        reply = talk_reply(asked, among, knows) if may_be_talk and query.aside else None
        return Question(asked, asked, among, among, reply=reply or "", shelf=None if reply else query)
    if may_be_talk and (reply := courtesy_reply(asked, among, knows)):
        return Question(asked, asked, among, among, reply=reply)
    quiet = _MARKS.sub(r"\1", asked.lower() if asked.isupper() and len(asked.split()) > SHOUTED else asked)
    turns = [turn for turn in history if turn.answer.outcome != "chat"]
    whole = standalone(parse(quiet, among), turns, library.alike) if turns else quiet
    # "How does it work?" is put to the tool unless something was said before that it may mean.
    if may_be_talk and whole == quiet and (reply := talk_reply(asked, among, knows)):
        return Question(asked, asked, among, among, reply=reply)
    if rewriting and whole != quiet:
        whole = rewriting(quiet, whole)
    searched = correct_spelling(whole, library.index.vocabulary, library.language)
    carried = carried_terms(quiet, whole) if whole != quiet else frozenset[str]()
    kept_to: tuple[str, ...] = ()
    if kept := _kept_to(searched, library, among):
        meant = found(kept.query, library, among)
        if not meant and not _only_of_design(kept.query):
            return Question(asked, asked, among, among, shelf=kept.query)
        if meant:
            among, searched, kept_to = among.part([review.id for review in meant]), kept.rest, kept.query.filters
    question = replace(parse(searched, among, library.alike), typed=asked, carried=carried, filters=kept_to)
    question = _standing(question, library) if reviews is None or reviews is library.reviews else question
    return replace(question, called=library.called(question.scope))


def _kept_to(asked: str, library: Library, among: Catalogue) -> Asked | None:
    """Return what a question asks of some papers only, if it surely says of which."""
    read = asked_of_shelf(asked, library, among)
    if read is None or read.put != "filtered" or read.sure < SURELY_FILTERED:
        return None
    if read.query.aside or not read.of_papers:
        return None
    # "Penn et al. 2013" and "the 2021 and 2024 reviews" are papers by name.
    named = [asked[slice(*span)] for span in parse(asked, among).names]
    if named and (read.query.authors or any(map(_YEAR.search, named))):
        return None
    # What a subject says of the papers, it says of what is asked.
    query = replace(read.query, about=(), subject="", order="", first=0, counts=False, columns=())
    return replace(read, query=query) if query.filters else None


def _of_them(asked: str, among: Catalogue, history: Sequence[Turn]) -> Catalogue:
    """Return the papers that the turn before listed, set side by side or quoted, where a question is put to these."""
    if not history or not OF_THEM.search(asked):
        return among
    before = history[-1].answer
    cited = dict.fromkeys(citation.quote.review_id for citation in before.citations)
    listed = before.table.review_ids if before.table else before.comparison.near if before.comparison else ()
    meant = [review_id for review_id in listed or cited if review_id in among.place]
    return among.part(meant) if meant else among


def _of_shelf(asked: str, library: Library, among: Catalogue, history: Sequence[Turn]) -> ShelfQuery | None:
    """Return what a question asks of the shelf: if all of it is understood, or if it surely is about the shelf.

    It may go on with what was asked of the shelf before.
    """
    if len(asked) > MAX_QUESTION_CHARS or (history and points_at_one(asked)):
        return None
    read = _surely_of_shelf(asked, library, among)
    if read is None:
        return None
    if (history or read.others) and read.goes_on and not OF_THEM.search(asked):
        before = _of_shelf(clean(history[-1].question), library, among, history[:-1]) if history else None
        if before or read.others or not read.query.designs:
            goes_on = all_but if read.others else going_on
            return goes_on(before, read.query) if before else None
    return None if _is_of_one(asked, read, library, among) else read.query


def _surely_of_shelf(asked: str, library: Library, among: Catalogue) -> Asked | None:
    """Return what is read in a question that surely is put to the shelf and says something of the papers."""
    read = asked_of_shelf(asked, library, among)
    if read is None or read.put != "shelf" or read.sure < SURELY_OF_SHELF:
        return None
    query = read.query
    # "Which mention melphalan, and which do not?" is understood in part, and that part is what the papers say.
    # The reviews that are spoken of are a design only in name.
    if query.aside and replace(query, about=(), subject="", aside=(), designs=()) == ShelfQuery():
        return None
    return read if query.narrows or read.of_papers or query.columns else None


def _is_of_one(asked: str, read: Asked, library: Library, among: Catalogue) -> bool:
    """Tell a question for a line of one paper: "Who wrote the cement paper?", "the DOI of PMID 123"."""
    question, query = parse(asked, among), read.query
    # "Who wrote engneering immunity?" names no paper yet, and what its words were taken for is nowhere.
    if question.fields and (len(question.named) == 1 or not found(query, library, among)):
        return True
    # "Penn 2013 and Teller 2016: design, falls" are papers by name.
    if len(question.named) > 1 and any(_YEAR.search(asked, *span) for span in question.names):
        return True
    # "The newest study on moths" is named by the order that is asked for.
    if query.narrows and (query.authors or query.journals or query.order or not question.named):
        return False
    # What no paper is about may still be spoken of in one.
    vain = query.about and not found(query, library, among)
    return bool(question.named or vain or (question.fields and not read.several))


def _only_of_design(query: ShelfQuery) -> bool:
    """Tell whether only a kind of papers is wanted: where there is none, what others say of such papers is meant."""
    return query == ShelfQuery(designs=query.designs)


def _standing(question: Question, library: Library) -> Question:
    """Return a question that is put to no retracted paper, and of each work to one version.

    Unless it names one, or nothing else is there.
    """
    standing = [
        review.id for review in question.scope if review.status != "retracted" and review.id not in library.spoken_for
    ]
    if question.named or not standing or len(standing) == len(question.scope):
        return question
    return replace(question, scope=question.scope.part(standing))
