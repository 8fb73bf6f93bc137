"""A comparison in two or three sentences: who speaks of what, what only some name, who is silent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from rag.comparison.agreement import findings, numbers
from rag.questions import Question, Relation, is_noun_phrase
from rag.shelf import label
from rag.text import listed
from rag.types import Agreement, Cell, Comparison, Difference, Review, Sentence

# With more reviews than this, their number replaces their names; at most so many groups of reviews are listed.
NAMED, MOST_GROUPS = 4, 3
# A longer name of the only aspect is "this".
SHORT = 3
_SILENT = {
    "silent": ("{who} says nothing about {about}.", "{who} say nothing about {about}."),
    "not_indexed": (
        "The abstract of {who} does not speak of {about}; its full text, which is not loaded, may.",
        "The abstracts of {who} do not speak of {about}; their full texts, which are not loaded, may.",
    ),
}
_ALL_SILENT = {
    "silent": "{none} {review} says anything about {about}.",
    "not_indexed": "{none} {abstract} speaks of {about}; the full texts, which are not loaded, may.",
}
_SILENT_ON_SOME = {
    "silent": "{number} reviews are silent on some of this.",
    "not_indexed": "The abstracts of {number} reviews are silent on some of this; their full texts are not loaded.",
}
_NEAREST = "Of {1:,} reviews the {0} nearest to the question are set side by side."
# What asks whether reviews agree.
_AGREEING: frozenset[Relation] = frozenset(("contradiction", "claim"))
_LEFT_TO_READER = "Whether they agree on {} is not read surely enough to be told: their quotes stand side by side."
_OF_ITS_OWN = "Each on its own subject: "
_ALONE = "Only one review is asked, so there is nothing to compare it with."


def summary(question: Question, comparison: Comparison, reviews: Sequence[Review]) -> tuple[Sentence, ...]:
    """Return the sentences above a matrix; `reviews` are those that were asked, of many the nearest."""
    names = {review.id: label(review) for review in reviews}
    near = {review_id: names[review_id] for review_id in comparison.near}
    rows = {
        aspect: [cell for cell in comparison.cells if cell.aspect == aspect and cell.review_id in near]
        for aspect in comparison.aspects
    }
    sentences = [
        *(Sentence(f"No review by {name} is loaded.", (), "none") for name in question.absent),
        *(
            [Sentence(_NEAREST.format(len(reviews), len(question.scope)), (), "none")]
            if len(reviews) < len(question.scope)
            else []
        ),
        *([Sentence(_ALONE, (), "none")] if len(reviews) == 1 and question.compares else []),
        *_told(question, comparison, rows, near),
        _silent(rows, near),
    ]
    return tuple(sentence for sentence in sentences if sentence)


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
    """Tell which reviews speak of which aspects: the direct answer to "Which of the reviews mentions X?"."""
    by_reviews: dict[tuple[str, ...], list[str]] = {}
    cited: dict[tuple[str, ...], list[int]] = {}
    for aspect, cells in rows.items():
        speaking = tuple(cell.review_id for cell in cells if cell.state == "quoted")
        if speaking:
            by_reviews.setdefault(speaking, []).append(aspect)
            cited.setdefault(speaking, []).extend(cell.citations[0] for cell in cells if cell.citations)
    if not by_reviews:
        return None
    shared = sorted(by_reviews, key=lambda ids: -len(ids))
    if question.asks("in common") and len(shared[0]) > 1:
        shared = [ids for ids in shared if len(ids) > 1]
    shared = shared[:MOST_GROUPS]
    about = {ids: f"of {_named(by_reviews[ids], rows)}" if _is_named(rows) else "to this" for ids in shared}
    parts = [f"{_who(ids, names)} {_speak(ids)} {about[ids]}" for ids in shared]
    if question.asks("only") and len(shared[0]) == 1:
        parts = [f"Only {part}" for part in parts]
    numbered = sorted({number for ids in shared for number in cited[ids]})
    return Sentence("; ".join(parts) + ".", tuple(numbered), "supported")


def _is_named(aspects: Collection[str]) -> bool:
    """Tell whether all aspects have names; the only one may be the question itself, or what a clause of it says."""
    return len(aspects) > 1 or all(is_noun_phrase(name) and len(name.split()) <= SHORT for name in aspects)


def _named(some: Sequence[str], aspects: Collection[str]) -> str:
    return listed(some) if _is_named(aspects) else "this"


def _who(ids: Sequence[str], names: Mapping[str, str]) -> str:
    if len(ids) == len(names) == 2:
        return "Both reviews"
    if len(ids) == len(names) > 2:
        return f"All {len(names)} reviews"
    if len(ids) > NAMED:
        return f"{len(ids)} of {len(names)} reviews"
    return listed([names[review_id] for review_id in ids])


def _speak(ids: Sequence[str]) -> str:
    return "speak" if len(ids) > 1 else "speaks"


def _silent(rows: Mapping[str, Sequence[Cell]], names: Mapping[str, str]) -> Sentence | None:
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
            parts.append(_SILENT_ON_SOME[state].format(number=several))
            continue
        for ids, aspects in groups:
            about = _named(aspects, rows) if len(aspects) < len(rows) or len(rows) == 1 else "any of this"
            if len(ids) == len(names) > 1:
                two = len(ids) == 2
                parts.append(
                    _ALL_SILENT[state].format(
                        none="Neither" if two else f"None of the {len(ids)}",
                        review="review" if two else "reviews",
                        abstract="abstract" if two else "abstracts",
                        about=about,
                    )
                )
            else:
                parts.append(_SILENT[state][len(ids) > 1].format(who=_who(ids, names), about=about))
    return Sentence(" ".join(parts), (), "none") if parts else None
