"""The measures of a ranking, against values worked out by hand and against what must hold of any ranking."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.ranking import difference_interval, ndcg, recall, reciprocal_rank

IDS = [f"d{number}" for number in range(12)]
rankings = st.lists(st.sampled_from(IDS), unique=True)
judgements = st.dictionaries(st.sampled_from(IDS), st.integers(-1, 3))
cuts = st.integers(1, 12)


@pytest.mark.parametrize(
    ("ranking", "scores", "k", "expected"),
    [
        (["a", "b", "c"], {"a": 1}, 10, 1.0),
        (["b", "a", "c"], {"a": 1}, 10, 0.630930),  # 1 / log2 3
        (["b", "c", "a"], {"a": 1}, 10, 0.5),  # 1 / log2 4
        (["b", "c", "a"], {"a": 1}, 2, 0.0),
        # Gains 0, 1, 2 at ranks 1, 2, 3: 1/1.584963 + 2/2 = 1.630930; the best order: 2/1 + 1/1.584963 = 2.630930.
        (["x", "b", "a"], {"a": 2, "b": 1, "x": 0}, 10, 0.619906),
        # Järvelin & Kekäläinen's example as trec_eval counts it, gains 3 2 3 0 1 2: 6.861127 of 7.140995.
        (list("abcdef"), {"a": 3, "b": 2, "c": 3, "d": 0, "e": 1, "f": 2}, 6, 0.960808),
        # More is relevant than fits: one of two places is right, 1 of 1 + 1/1.584963.
        (["a", "x"], {"a": 1, "b": 1, "c": 1}, 2, 0.613147),
        # What is judged and never found counts in the best order.
        (["a"], {"a": 1, "gone": 1}, 10, 0.613147),
        ([], {"a": 1}, 10, 0.0),
        (["a"], {"a": 0}, 10, 0.0),
        (["a"], {"a": -1, "b": 1}, 10, 0.0),
        (["a"], {}, 10, 0.0),
    ],
)
def test_ndcg_is_what_a_hand_computes(ranking: list[str], scores: dict[str, int], k: int, expected: float) -> None:
    assert ndcg(ranking, scores, k) == pytest.approx(expected, abs=1e-6)


def test_recall_and_reciprocal_rank_are_what_a_hand_computes() -> None:
    scores = {"a": 1, "b": 2, "c": 0, "gone": 1}
    ranking = ["c", "x", "b", "y", "a"]
    assert [recall(ranking, scores, k) for k in (1, 2, 3, 5)] == [0, 0, 1 / 3, 2 / 3]
    assert [reciprocal_rank(ranking, scores, k) for k in (2, 3, 5)] == [0, 1 / 3, 1 / 3]
    assert recall(ranking, {"c": 0}, 5) == reciprocal_rank(ranking, {}, 5) == 0


@given(rankings, judgements, cuts)
def test_every_measure_lies_between_0_and_1(ranking: list[str], scores: dict[str, int], k: int) -> None:
    for measure in (ndcg, recall, reciprocal_rank):
        assert 0 <= measure(ranking, scores, k) <= 1 + 1e-12


@given(judgements, cuts, st.randoms())
def test_the_best_order_has_1_and_no_other_more(scores: dict[str, int], k: int, random) -> None:
    best = sorted(IDS, key=lambda document: -scores.get(document, 0))
    relevant = sum(score > 0 for score in scores.values())
    assert ndcg(best, scores, k) == pytest.approx(1.0 if relevant else 0.0)
    assert reciprocal_rank(best, scores, k) == (1.0 if relevant else 0.0)
    assert recall(best, scores, k) == pytest.approx(min(k, relevant) / relevant if relevant else 0.0)
    shuffled = random.sample(IDS, len(IDS))
    for measure in (ndcg, recall, reciprocal_rank):
        assert measure(shuffled, scores, k) <= measure(best, scores, k) + 1e-12


@given(rankings, judgements, cuts, st.permutations(IDS))
def test_names_and_the_order_of_judgements_do_not_matter(
    ranking: list[str], scores: dict[str, int], k: int, names: list[str]
) -> None:
    other = dict(zip(IDS, names, strict=True))
    renamed = {other[document]: score for document, score in reversed(scores.items())}
    for measure in (ndcg, recall, reciprocal_rank):
        assert measure([other[d] for d in ranking], renamed, k) == pytest.approx(measure(ranking, scores, k))


@given(rankings, judgements, cuts)
def test_what_stands_below_the_cut_does_not_matter(ranking: list[str], scores: dict[str, int], k: int) -> None:
    for measure in (ndcg, recall, reciprocal_rank):
        assert measure(ranking, scores, k) == measure(ranking[:k], scores, k)


def test_the_interval_of_a_difference_that_is_always_the_same_is_that_difference() -> None:
    assert difference_interval([0.75] * 30, [0.5] * 30) == (0.25, 0.25)


def test_the_interval_is_near_that_of_the_normal_distribution_and_the_same_every_time() -> None:
    ours, theirs = [1.0, 0.0, 1.0, 1.0] * 100, [0.0] * 400
    low, high = difference_interval(ours, theirs)
    half = 1.96 * math.sqrt(0.75 * 0.25 / 400)
    assert (low, high) == pytest.approx((0.75 - half, 0.75 + half), abs=0.004)
    assert difference_interval(ours, theirs) == (low, high)
    assert difference_interval(theirs, ours) == pytest.approx((-high, -low), abs=0.004)
    narrow = difference_interval(ours, theirs, share=0.5)
    assert low < narrow[0] < 0.75 < narrow[1] < high


@pytest.mark.parametrize(("ours", "theirs"), [([], []), ([1.0], [1.0, 0.0]), ([1.0, 0.0], [1.0])])
def test_values_that_are_no_pairs_are_refused(ours: list[float], theirs: list[float]) -> None:
    with pytest.raises(ValueError):
        difference_interval(ours, theirs)
