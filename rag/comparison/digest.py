"""A comparison in two or three sentences: who speaks of what, what only some name, who is silent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from rag.comparison.agreement import findings, numbers
from rag.comparison.papers import Meant
from rag.questions import Question, Relation, is_noun_phrase
from rag.shelf import label
from rag.text import listed
from rag.types import Agreement, Cell, Comparison, Difference, Sentence

if TYPE_CHECKING:
    from rag.shelf import Library

# With more reviews than this, their number replaces their names; at most so many groups of reviews are listed.
NAMED, MOST_GROUPS = 4, 3
# So many studies are named above their table.
MOST_TOLD = 5
# A longer name of the only aspect is "this".
SHORT = 3
_SINGULAR = {"reviews": "review", "papers": "paper", "studies": "study", "trials": "trial"}
_SILENT = {
    "silent": ("In {who} nothing was found on {about}.",) * 2,
    "not_indexed": (
        "In the abstract of {who} nothing was found on {about}; its full text, which is not loaded, may speak of it.",
        "In the abstracts of {who} nothing was found on {about}; their full texts, which are not loaded, may speak of "
        "it.",
    ),
}
_ALL_SILENT = {
    "silent": "In {none} {review} was anything found on {about}.",
    "not_indexed": "In {none} {abstract} was anything found on {about}; the full texts, not loaded, may speak of it.",
}
_SILENT_ON_SOME = {
    "silent": "In {number} {called} nothing was found on some of this.",
    "not_indexed": "In the abstracts of {number} {called} nothing was found on some of this; no full text is loaded.",
}
_OF_ALL = "Of {1:,} papers the {0} that seem {2} are set side by side."
# What asks whether reviews agree.
_AGREEING: frozenset[Relation] = frozenset(("contradiction", "claim"))
_LEFT_TO_READER = "Whether they agree on {} is not read surely enough to be told: their quotes stand side by side."
_OF_ITS_OWN = "Each on its own subject: "
_MAY_ANSWER = ("{} holds sentences that may answer this.", "{} hold sentences that may answer this.")
_ALONE = "Only one {} is asked, so there is nothing to compare it with."


def summary(question: Question, comparison: Comparison, meant: Meant, library: Library) -> tuple[Sentence, ...]:
    """Return the sentences above a matrix of the reviews that a question means."""
    reviews = meant.reviews
    names = {review.id: label(review) for review in reviews}
    near = {review_id: names[review_id] for review_id in comparison.near}
    rows = {
        aspect: [cell for cell in comparison.cells if cell.aspect == aspect and cell.review_id in near]
        for aspect in comparison.aspects
    }
    of_studies = bool(comparison.facets) and comparison.facets == comparison.aspects
    which = "to be on this subject" if meant.surely else "nearest to the question"
    count = len(near) if meant.surely else len(reviews)
    sentences = [
        *(Sentence(f"No review by {name} is loaded.", (), "none") for name in question.absent),
        *(
            [Sentence(_OF_ALL.format(count, len(question.scope), which), (), "none")]
            if count < len(question.scope) and not of_studies
            else []
        ),
        *(
            [Sentence(_ALONE.format(_SINGULAR[question.called]), (), "none")]
            if len(reviews) == 1 and question.compares
            else []
        ),
        *([_studies(question, rows, library)] if of_studies else _told(question, comparison, rows, near)),
        _silent(rows, near, question.called),
    ]
    return tuple(sentence for sentence in sentences if sentence)


def _studies(question: Question, rows: Mapping[str, Sequence[Cell]], library: Library) -> Sentence:
    """Tell which studies are set side by side."""
    ids = [cell.review_id for cell in next(iter(rows.values()))]
    told = [label(library.index.reviews[review_id]) for review_id in ids[:MOST_TOLD]]
    more = [f"{len(ids) - MOST_TOLD} more"] if len(ids) > MOST_TOLD else []
    among = f" of {len(question.scope):,} papers" if len(ids) < len(question.scope) else ""
    return Sentence(f"{len(ids)} {question.called}{among}, side by side: {listed([*told, *more])}.", (), "none")


def _told(
    question: Question, comparison: Comparison, rows: Mapping[str, Sequence[Cell]], names: Mapping[str, str]
) -> list[Sentence | None]:
    """Tell what the reviews found; where that is not read surely, who speaks of what."""
    standing = _standing(question, comparison, names)
    return [standing] if standing and standing.citations else [standing, _spoken(question, rows, names)]


def _standing(question: Question, comparison: Comparison, names: Mapping[str, str]) -> Sentence | None:
    """Tell what the reviews found and whether it is the same, of the first aspect on which that is read surely.

    A question whether they agree is otherwise left to the reader.
    """
    judged: list[Agreement | Difference] = [*comparison.differences, *comparison.agreements]
    if judged:
        on = f"On {judged[0].aspect}: " if len(comparison.aspects) > 1 else ""
        return Sentence(f"{on}{judged[0].text}", judged[0].citations, "supported")
    found = [cell for cell in comparison.cells if cell.direction and cell.review_id in names]
    if len(comparison.aspects) == 1 and len(found) > 1:
        return Sentence(_OF_ITS_OWN + findings(found, names), numbers(found), "supported")
    if question.relations & _AGREEING and comparison.undecided:
        about = _named(comparison.undecided, comparison.aspects)
        return Sentence(_LEFT_TO_READER.format(about), (), "none")
    return None


def _spoken(question: Question, rows: Mapping[str, Sequence[Cell]], names: Mapping[str, str]) -> Sentence | None:
    """Tell which reviews speak of which aspects: the direct answer to "Which of the reviews mentions X?".

    Of quotes that may answer and do not name what is asked it tells only that they are there.
    """
    by_reviews: dict[tuple[str, ...], list[str]] = {}
    cited: dict[tuple[str, ...], list[int]] = {}
    for aspect, cells in rows.items():
        speaking = tuple(cell.review_id for cell in cells if cell.names_it)
        if speaking:
            by_reviews.setdefault(speaking, []).append(aspect)
            cited.setdefault(speaking, []).extend(cell.citations[0] for cell in cells if cell.names_it)
    if not by_reviews:
        quoted = {cell.review_id: cell.citations[0] for cells in rows.values() for cell in cells if cell.citations}
        who = _who([*quoted], names, question.called)
        text = _MAY_ANSWER[len(quoted) > 1].format(who)
        return Sentence(text, tuple(sorted(quoted.values())), "supported") if quoted else None
    shared = sorted(by_reviews, key=lambda ids: -len(ids))
    if question.asks("in common") and len(shared[0]) > 1:
        shared = [ids for ids in shared if len(ids) > 1]
    shared = shared[:MOST_GROUPS]
    about = {ids: f"of {_named(by_reviews[ids], rows)}" if _is_named(rows) else "to this" for ids in shared}
    parts = [f"{_who(ids, names, question.called)} {_speak(ids)} {about[ids]}" for ids in shared]
    if question.asks("only") and len(shared[0]) == 1:
        parts = [f"Only {part}" for part in parts]
    numbered = sorted({number for ids in shared for number in cited[ids]})
    return Sentence("; ".join(parts) + ".", tuple(numbered), "supported")


def _is_named(aspects: Collection[str]) -> bool:
    """Tell whether all aspects have names; the only one may be the question itself, or what a clause of it says."""
    return len(aspects) > 1 or all(is_noun_phrase(name) and len(name.split()) <= SHORT for name in aspects)


def _named(some: Sequence[str], aspects: Collection[str]) -> str:
    return listed([one if is_noun_phrase(one) else f"“{one}”" for one in some]) if _is_named(aspects) else "this"


def _who(ids: Sequence[str], names: Mapping[str, str], called: str) -> str:
    if len(ids) == len(names) == 2:
        return f"Both {called}"
    if len(ids) == len(names) > 2:
        return f"All {len(names)} {called}"
    if len(ids) > NAMED:
        return f"{len(ids)} of {len(names)} {called}"
    return listed([names[review_id] for review_id in ids])


def _speak(ids: Sequence[str]) -> str:
    return "speak" if len(ids) > 1 else "speaks"


def _silent(rows: Mapping[str, Sequence[Cell]], names: Mapping[str, str], called: str) -> Sentence | None:
    """Tell who says nothing, and whether the whole of the review was there to be searched."""
    parts = []
    for state in ("silent", "not_indexed"):
        by_reviews: dict[tuple[str, ...], list[str]] = {}
        for aspect, cells in rows.items():
            if ids := tuple(cell.review_id for cell in cells if cell.state == state):
                by_reviews.setdefault(ids, []).append(aspect)
        groups = sorted(by_reviews.items(), key=lambda pair: (-len(pair[0]), pair[0]))
        if len(groups) > MOST_GROUPS:
            several = len({review_id for ids, _ in groups for review_id in ids})
            parts.append(_SILENT_ON_SOME[state].format(number=several, called=called))
            continue
        for ids, aspects in groups:
            about = _named(aspects, rows) if len(aspects) < len(rows) or len(rows) == 1 else "any of this"
            if len(ids) == len(names) > 1:
                two = len(ids) == 2
                parts.append(
                    _ALL_SILENT[state].format(
                        none="neither" if two else f"none of the {len(ids)}",
                        review=_SINGULAR[called] if two else called,
                        abstract="abstract" if two else "abstracts",
                        about=about,
                    )
                )
            else:
                parts.append(_SILENT[state][len(ids) > 1].format(who=_who(ids, names, called), about=about))
    return Sentence(" ".join(parts), (), "none") if parts else None
