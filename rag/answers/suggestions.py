"""Questions to begin with, drawn from the reviews that are loaded, each tried before it is offered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

from rag.lexicon import is_content
from rag.shelf import Library, label
from rag.text import Word, stem, words
from rag.types import PROSE, Review

MOST = 4
# Of more reviews than this every so many-th is read.
MOST_READ = 200
Key = tuple[str, str]
# Nouns that name no subject: "cell therapy" in a library of cell therapy.
_THIN = frozenset(stem(word) for word in "therapy cell patient treatment trial result".split())


def suggest_questions(library: Library, is_answered: Callable[[str], bool]) -> list[str]:
    """Return up to four questions that these reviews answer: shared subjects, own subjects, a fact of publication."""
    found: list[str] = []
    for question in _candidates(library):
        if len(found) < MOST and question not in found and is_answered(question):
            found.append(question)
    return found


def _candidates(library: Library) -> Iterator[str]:
    """Yield more questions than are needed, the most telling first."""
    reviews = library.reviews[:: 1 + len(library.reviews) // MOST_READ]
    subjects = {review.id: _subjects(library, review) for review in reviews}
    reviews_with = Counter(key for counts in subjects.values() for key in counts)
    total = sum((Counter({key: len(w) for key, w in counts.items()}) for counts in subjects.values()), Counter[Key]())
    wording = {key: max(sorted(set(w)), key=w.count) for counts in subjects.values() for key, w in counts.items()}
    ranked = sorted((key for key in total if total[key] > 1), key=lambda key: (-reviews_with[key], -total[key], key))
    shared = [wording[key] for key in ranked if reviews_with[key] > 1]
    yield from (f"What do the reviews say about {subject}?" for subject in shared[:1])
    yield from (f"How do the reviews differ on {subject}?" for subject in shared[1:2])
    yield from (f"Who wrote “{_short_title(review)}”?" for review in reviews[:1] if review.authors)
    for review in reviews:
        own = [wording[key] for key in ranked if key in subjects[review.id] and reviews_with[key] == 1]
        yield from (f"What {_authors(review)} say about {subject}?" for subject in own[:1] if review.authors)
    yield from (f"What do the reviews say about {wording[key]}?" for key in ranked[2:])
    yield from (f"What is “{_short_title(review)}” about?" for review in reviews)


def _subjects(library: Library, review: Review) -> dict[Key, list[str]]:
    """Return the pairs of neighbouring content words in the prose of a review, by their stems, as they are worded."""
    found: dict[Key, list[str]] = {}
    spans = {span for p in library.passages_of(review.id) if p.kind in PROSE for span in p.sentences}
    for start, end in sorted(spans):
        in_sentence = words(review.text, start, end)
        for one, other in pairwise(in_sentence):
            if _is_subject(one, other, library) and review.text[one.end : other.start] == " ":
                key = one.forms[0], other.forms[0]
                found.setdefault(key, []).append(f"{one.text} {other.text}".lower())
    return found


def _is_subject(one: Word, other: Word, library: Library) -> bool:
    """Tell an adjective or noun before a noun, roughly, that is not what all of the library is about."""
    ordinary = all(word.text[1:].islower() and is_content(word) for word in (one, other))
    verbal = one.text.endswith(("ed", "ly", "es")) or other.text.endswith(("ed", "ing", "ly"))
    everywhere = all(library.index.vocabulary.is_ubiquitous(word.forms[0]) for word in (one, other))
    return ordinary and not verbal and not (everywhere and other.forms[0] in _THIN)


def _authors(review: Review) -> str:
    names = re.sub(r" \d{4}$", "", label(review))
    return f"{'do' if len(review.authors) > 1 or 'et al.' in names else 'does'} {names}"


def _short_title(review: Review) -> str:
    return re.split(r"[:?.] ", review.title)[0]
