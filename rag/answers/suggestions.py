"""Questions to begin with, drawn from the reviews that are loaded, each tried before it is offered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

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
    titles = [{form for word in words(review.title) for form in word.forms} for review in reviews]
    titled = {key for key in total if any(title.issuperset(key) for title in titles)}
    ranked = sorted(
        (key for key in total if total[key] > 1),
        key=lambda key: (key not in titled, -reviews_with[key], -total[key], key),
    )
    # What stands in no title is a subject of the library where half of its reviews speak of it.
    ranked = [key for key in ranked if key in titled or 2 * reviews_with[key] >= len(reviews)]
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
    """Return the names of two words in a review's abstract, or else its text, by their stems, as they are worded."""
    found: dict[Key, list[str]] = {}
    passages = [p for p in library.passages_of(review.id) if p.kind in PROSE]
    passages = [p for p in passages if p.kind != "body"] or passages
    for start, end in sorted({span for p in passages for span in p.sentences}):
        for name in _runs(words(review.text, start, end), review.text):
            if len(name) == 2 and _is_subject(name[0], name[1], library):
                key = name[0].forms[0], name[1].forms[0]
                found.setdefault(key, []).append(f"{name[0].text} {name[1].text}".lower())
    return found


def _runs(found: Sequence[Word], text: str) -> Iterator[list[Word]]:
    """Yield the content words that stand side by side: "solid tumors", and "solid tumor microenvironment" as three."""
    run: list[Word] = []
    for word in found:
        if run and not (is_content(word) and text[run[-1].end : word.start] == " "):
            yield run
            run = []
        run = [*run, word] if is_content(word) else []
    yield run


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
