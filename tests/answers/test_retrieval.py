"""Two searches become one order: what the fusion promises, and what the hits of a real index look like."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answers.retrieval import HITS_PER_REVIEW, best_reviews, fuse, query_for, retrieve
from rag.index.index import TITLE_SHARE
from rag.questions import content_terms
from rag.types import PROSE, Hit, Query, SectionKind
from tests.engine import herons, hits, invented, lexical, open_shelf, settings_for
from tests.invented import APNOEA, CEMENT, MUSIC_TEXT, PHAGE

# Whole numbers, far apart beside float32's precision, so that a property is not about rounding.
scores = st.lists(st.integers(-1000, 1000), min_size=1, max_size=30)
pairs = st.lists(st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)), min_size=1, max_size=30).map(
    lambda both: ([lexical for lexical, _ in both], [dense for _, dense in both])
)
weights = st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0])
QUESTIONS = ("biofilm on a joint replacement", "What did the CASTOR trial find?", "blood pressure", "music", "PT-41")


def array(numbers: list[int]) -> np.ndarray:
    return np.array(numbers, np.float32)


def close(one: np.ndarray, other: np.ndarray) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, atol=1e-5))


def both(lexical: np.ndarray, dense: np.ndarray, weight: float = 0.5) -> np.ndarray:
    return fuse((1 - weight, lexical), (weight, dense))


@given(pairs, weights)
def test_a_score_is_fused_in_standard_deviations_from_the_mean(
    pair: tuple[list[int], list[int]], weight: float
) -> None:
    fused = both(*map(array, pair), weight)
    assert fused.shape == (len(pair[0]),)
    assert fused.mean() == pytest.approx(0, abs=1e-9)
    assert fused.std() <= 1 + 1e-9


@given(pairs, weights, st.integers(-500, 500), st.integers(1, 50), st.booleans())
def test_neither_the_unit_nor_the_zero_of_a_search_matters(
    pair: tuple[list[int], list[int]], weight: float, shift: int, scale: int, first: bool
) -> None:
    lexical, dense = map(array, pair)
    moved = both(lexical * scale + shift, dense, weight) if first else both(lexical, dense * scale + shift, weight)
    assert close(both(lexical, dense, weight), moved)


@given(pairs, weights)
def test_what_both_searches_rank_at_least_as_high_is_not_fused_lower(
    pair: tuple[list[int], list[int]], weight: float
) -> None:
    lexical, dense = pair
    fused = both(array(lexical), array(dense), weight)
    for one in range(len(lexical)):
        for other in range(len(lexical)):
            if lexical[one] >= lexical[other] and dense[one] >= dense[other]:
                assert fused[one] >= fused[other] - 1e-6


@given(pairs, weights, st.randoms(use_true_random=False))
def test_the_order_of_the_passages_does_not_matter(pair: tuple[list[int], list[int]], weight: float, random) -> None:
    order = list(range(len(pair[0])))
    random.shuffle(order)
    lexical, dense = map(array, pair)
    assert close(both(lexical, dense, weight)[order], both(lexical[order], dense[order], weight))


@given(scores, st.integers(-1000, 1000), st.booleans())
def test_a_search_that_tells_nothing_apart_leaves_the_order_to_the_other(
    own: list[int], same: int, first: bool
) -> None:
    constant = np.full(len(own), same, np.float32)
    fused = both(constant, array(own)) if first else both(array(own), constant)
    assert np.all(np.isfinite(fused))
    assert np.array_equal(np.argsort(fused, kind="stable"), np.argsort(array(own), kind="stable"))


def test_two_searches_that_tell_nothing_apart_give_nothing() -> None:
    assert both(np.full(3, 7.0), np.full(3, -2.0)).tolist() == [0, 0, 0]


def test_a_score_counts_by_its_weight() -> None:
    lexical, dense = np.array([0.0, 2.0]), np.array([0.9, 0.1])
    assert fuse((1, lexical), (0, dense)).tolist() == [-1, 1]
    assert fuse((0.25, lexical), (0.75, dense)).tolist() == [0.5, -0.5]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("shelf", [invented, herons, lexical])
def test_hits_are_passages_of_the_index_best_first(shelf, question: str) -> None:
    found = hits(question, shelf(), kinds=None)
    assert [hit.rank for hit in found] == list(range(len(found)))
    assert all(0 <= hit.score <= 1 and hit.passage in shelf().library.index.passages for hit in found)
    assert [(-hit.score, hit.passage.id) for hit in found] == sorted((-hit.score, hit.passage.id) for hit in found)
    assert len({hit.passage.id for hit in found}) == len(found)


def test_a_planted_fact_is_the_best_hit() -> None:
    for question, review_id in {
        "Which enzymes dissolve the biofilm?": PHAGE,
        "vancomycin and reinfection": CEMENT,
        "Does a mandibular splint hurt the jaw?": APNOEA,
    }.items():
        assert hits(question, invented())[0].passage.review_id == review_id


def test_a_long_review_does_not_push_the_others_out() -> None:
    fields = (f"## Field {at}\n\nAn owl hunts to the music of field {at}." for at in range(2 * HITS_PER_REVIEW))
    owls = "\n\n".join(["# Owls of the fields", *fields])
    shelf = open_shelf(settings_for("owls", {"owls.md": owls, "music.txt": MUSIC_TEXT}))
    found = hits("Which owl hunts in the field to music?", shelf)
    counts = Counter(hit.passage.review_id for hit in found)
    assert len(counts) == 2
    assert max(counts.values()) == HITS_PER_REVIEW


@pytest.mark.parametrize("kinds", [["abstract"], ["references", "entities"], ["bibliographic"]])
def test_only_the_kinds_of_section_asked_for_are_searched(kinds: list[SectionKind]) -> None:
    found = hits("biofilm and bone cement: Staphylococcus", invented(), kinds)
    assert {hit.passage.kind for hit in found} == set(kinds)


def only(*review_ids: str) -> list[Hit]:
    query = query_for("biofilm", (), invented().library)
    return retrieve(Query("biofilm", {"biofilm": 1.0}, query.vector), invented().library.index, review_ids)


def test_only_the_reviews_asked_for_are_searched() -> None:
    assert {hit.passage.review_id for hit in only(CEMENT)} == {CEMENT}
    assert {hit.passage.review_id for hit in only(CEMENT, PHAGE)} == {CEMENT, PHAGE}
    assert only() == only("10.5555/unknown") == []


def test_a_query_of_nothing_finds_nothing() -> None:
    assert retrieve(Query("", {}, None), invented().library.index) == []
    assert retrieve(Query("", {"zyzzyva": 1.0}, None), invented().library.index) == []
    assert retrieve(Query("biofilm", {"biofilm": 1.0}, None), invented().library.index, kinds=()) == []


def test_without_a_vector_the_words_decide() -> None:
    found = retrieve(Query("biofilm", {"biofilm": 1.0}, None), invented().library.index)
    assert found[0].score == 1
    assert all("biofilm" in hit.passage.text.lower() for hit in found)


def test_what_holds_no_word_of_the_question_is_found_by_its_sense() -> None:
    found = hits("tranquillity of old residents at nightfall", invented())
    assert "evenings became calmer" in found[0].passage.text
    assert hits("tranquillity of old residents at nightfall", lexical()) == []


def test_the_best_sentence_of_a_passage_is_read_under_the_title_of_its_review() -> None:
    library = invented().library
    query, (embed,) = query_for("evenings became calmer", (), library), [library.embedder.embed]
    number = next(n for n, p in enumerate(library.index.passages) if "evenings became calmer" in p.text)
    passage, (score,) = library.index.passages[number], library.index.sentence_scores(query.vector, [number])
    review = library.index.reviews[passage.review_id]
    texts = [review.text[start:end] for start, end in passage.sentences]
    in_context = embed(texts) + TITLE_SHARE * embed([review.title])
    cosines = in_context @ query.vector / np.linalg.norm(in_context, axis=1)
    assert score == pytest.approx(cosines.max(), abs=1e-4)
    assert "evenings became calmer" in texts[int(cosines.argmax())]


def test_a_passage_is_found_by_the_title_of_its_review() -> None:
    for review in invented().library.reviews:
        prose = [hit for hit in hits(review.title, invented()) if hit.passage.review_id == review.id]
        assert prose[0].rank == 0


def test_the_other_names_of_a_term_share_its_weight() -> None:
    page = "# Rashes\n\n## Abstract\n\nVaricella is known as chickenpox; some write chicken pox. Measles is another."
    library = open_shelf(settings_for("rashes", {"rashes.md": page})).library
    weights = query_for("varicella", content_terms("varicella"), library).stems
    assert weights == pytest.approx({"varicella": 1, "chickenpox": 1 / 2, "chicken": 1 / 4, "pox": 1 / 4})


def test_the_nearest_reviews_are_those_of_the_best_passages() -> None:
    library = invented().library
    query = query_for("vancomycin in bone cement", content_terms("vancomycin in bone cement"), library)
    assert best_reviews(query, library.index, None, PROSE, 1) == {CEMENT}
    assert best_reviews(query, library.index, [PHAGE], PROSE, 1) == {PHAGE}
    prose = {p.review_id for p in library.index.passages if p.kind in PROSE}
    assert best_reviews(query, library.index, None, PROSE, 99) == prose
