"""What each sentence of an index is there for: read while it is built.

A share of 255 is kept for each role and each state; where nothing tells, all are 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from rag.encoders import SentencePlaces, reads, role_probabilities, state_probabilities
from rag.index.columns import IntVector, Passages
from rag.text import chunk_review
from rag.types import PROSE, ROLES, TRAITS, FloatMatrix, Review

RoleShares = npt.NDArray[np.uint8]
WHOLE = 255
# Outside prose stand facts about the paper: who paid for it, and the rest.
BESIDE_PROSE = np.array([role in {"funding", "other"} for role in ROLES])


def role_shares(passages: Passages, vectors: FloatMatrix, headings: FloatMatrix, embedder: str | None) -> RoleShares:
    """Return the roles and states of all distinct sentences, (n, len(TRAITS)), from their vectors and the headings'."""
    if not reads(embedder):
        return no_roles(passages.n_sentences)
    return _shares(vectors, headings, sentence_places(passages), passages.sentence_kinds(PROSE))


def sentence_role_shares(
    review: Review, embed: Callable[[Sequence[str]], FloatMatrix], embedder: str
) -> tuple[list[str], FloatMatrix]:
    """Return the sentences of a review and how likely each role is for each of them, shape (n, len(ROLES))."""
    passages = Passages.of([review], chunk_review(review))
    texts = list(passages.sentence_texts())
    headings = embed([heading for heading, _, _ in passages.places])
    return texts, np.float32(1 / WHOLE) * role_shares(passages, embed(texts), headings, embedder)[:, : len(ROLES)]


def no_roles(count: int) -> RoleShares:
    """Return the roles of sentences of which nothing is known."""
    return np.broadcast_to(np.zeros(len(TRAITS), np.uint8), (count, len(TRAITS)))


def sentence_places(passages: Passages) -> SentencePlaces:
    """Return where each distinct sentence stands; an abstract is one stretch, however its authors divided it."""
    reviews, places = passages.sentence_reviews(), passages.sentence_places()
    in_abstract = np.array([kind == "abstract" for _, kind, _ in passages.places], bool)[places]
    stretch = _changes(reviews, np.where(in_abstract, -1, places))
    first = np.flatnonzero(np.diff(stretch, prepend=-1))
    length = np.diff(np.append(first, len(stretch)))
    # "Abstract" alone tells no more than that it is one; the parts of a divided one tell much.
    divided = np.logical_or.reduceat(places != places[first][stretch], first)
    named = np.array([bool(heading) for heading, _, _ in passages.places])[places]
    return SentencePlaces(
        heading=np.where(named & (~in_abstract | divided[stretch]), places, -1),
        stretch=stretch,
        at=np.arange(len(stretch)) - first[stretch],
        length=length[stretch],
        in_abstract=in_abstract,
    )


def _changes(*columns: IntVector) -> IntVector:
    """Return the number of each row's run: it rises wherever one of the columns changes."""
    changed = [np.diff(column, prepend=column[:1]) != 0 for column in columns]
    return np.cumsum(np.logical_or.reduce(changed))


def _shares(
    vectors: FloatMatrix, headings: FloatMatrix, places: SentencePlaces, in_prose: npt.NDArray[np.bool_]
) -> RoleShares:
    roles = role_probabilities(vectors, headings, places)
    states = state_probabilities(vectors, roles) * in_prose[:, None]
    roles[~in_prose] *= BESIDE_PROSE
    shares = np.hstack([roles / roles.sum(axis=1, keepdims=True), states])
    return np.asarray(np.rint(WHOLE * shares), np.uint8)
