"""Roles are read in the right places: an abstract is one stretch, and outside prose nothing is a finding."""

from __future__ import annotations

import numpy as np

from rag.encoders import MiniLM
from rag.index import Index, build_index
from rag.index.columns import Passages
from rag.index.sentence_roles import role_shares, sentence_places
from rag.text import chunk_review
from rag.types import ROLES, TRAITS, Review, Section
from tests.index.test_index import Clusters

PARTS = [
    ("Abstract: Background", "abstract", "Cough is common. It is hard to treat."),
    ("Abstract: Results", "abstract", "Cough fell by 42%. Nobody had a rash."),
    ("Cough in herders", "body", "Herders cough. They cough in winter. They cough at night."),
    ("References", "references", "Doe 2019. Lung 3:1."),
]


def review(number: int, parts: list[tuple[str, str, str]]) -> Review:
    text, sections = "", []
    for heading, kind, words in parts:
        sections.append(Section(heading, kind, "authors", len(text), len(text) + len(words)))
        text += words + "\n\n"
    return Review(f"10.1/{number}", "Cough", text, tuple(sections))


class Known(Clusters):
    """Vectors that pass for those the weights were learned from."""

    id = MiniLM.id


REVIEWS = [review(0, PARTS), review(1, [("Abstract", "abstract", "Cough is common. Cough fell by 42%.")])]
CUT = [passage for one in REVIEWS for passage in chunk_review(one)]
PASSAGES = Passages.of(REVIEWS, CUT)


def test_an_abstract_is_one_stretch_and_a_section_is_one():
    places = sentence_places(PASSAGES)
    assert places.stretch.tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 3, 3]
    assert places.at.tolist() == [0, 1, 2, 3, 0, 1, 2, 0, 0, 1]
    assert places.length.tolist() == [4, 4, 4, 4, 3, 3, 3, 1, 2, 2]
    assert places.in_abstract.tolist() == [True] * 4 + [False] * 4 + [True] * 2


def test_the_word_abstract_is_no_heading_that_tells_anything_and_the_parts_of_one_are():
    headings = [PASSAGES.places[number][0] if number >= 0 else "" for number in sentence_places(PASSAGES).heading]
    assert headings == ["Abstract: Background"] * 2 + ["Abstract: Results"] * 2 + ["Cough in herders"] * 3 + [
        "References", "", ""
    ]  # fmt: skip


def test_outside_prose_a_sentence_tells_who_paid_or_is_something_else():
    vectors = Clusters().embed([*PASSAGES.sentence_texts()])
    shares = role_shares(PASSAGES, vectors, Clusters().embed([place[0] for place in PASSAGES.places]), MiniLM.id)
    beside = [number for number, role in enumerate(ROLES) if role not in {"funding", "other"}]
    (reference,) = np.flatnonzero(~PASSAGES.sentence_kinds(["abstract", "body"]))
    assert not shares[reference, beside].any() and shares[reference].any()
    assert shares[:, beside].any() and not shares[reference, len(ROLES) :].any()


def test_an_index_gives_back_the_roles_of_the_sentences_asked_for(tmp_path):
    index = Index.open(build_index(REVIEWS, CUT, Known(), tmp_path))
    spans = [(passage.review_id, *span) for passage in CUT for span in passage.sentences]
    given = index.sentence_traits(spans)
    vectors, headings = (Clusters().embed(texts) for texts in (
        [*PASSAGES.sentence_texts()], [place[0] for place in PASSAGES.places]
    ))  # fmt: skip
    assert given.dtype == np.float32
    assert np.array_equal(np.rint(given * 255), role_shares(PASSAGES, vectors, headings, MiniLM.id))
    assert np.array_equal(index.sentence_traits(spans[::-2]), given[::-2])
    assert np.allclose(given[:, : len(ROLES)].sum(axis=1), 1, atol=0.02)
    assert index.sentence_traits([]).shape == (0, len(TRAITS))


def test_without_a_model_or_with_another_one_nothing_is_known(tmp_path):
    spans = [(CUT[0].review_id, *CUT[0].sentences[0])]
    opened = [Index.open(build_index(REVIEWS, CUT, embedder, tmp_path)) for embedder in (None, Clusters(), Known())]
    assert [bool(index.sentence_traits(spans).any()) for index in opened] == [False, False, True]
    assert not opened[2].by_words().sentence_traits(spans).any()
