"""Effect estimates: only those that a quote states with an interval around them, and only of one measure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.comparison.estimates import estimates_on, read_estimates
from rag.pipeline import ask
from tests.engine import Shelf, open_shelf, settings_for

_PAGE = "# {title}\n\n**DOI:** 10.5555/est.{at}\n\n## Results\n\n{text}\n"
TEXTS = [
    ("Statin A after stroke", "Recurrent stroke was rarer with statins (hazard ratio 0.79, 95% CI 0.66 to 0.94)."),
    ("Statin B after stroke", "With statins the hazard ratio of recurrent stroke was 1.02 (95% CI 0.81–1.28)."),
    ("Statin C after stroke", "Recurrent stroke fell with statins: odds ratio 0.70; 95% CI: 0.51, 0.96."),
]


def shelf() -> Shelf:
    pages = {f"{at}.md": _PAGE.format(title=title, at=at, text=text) for at, (title, text) in enumerate(TEXTS)}
    return open_shelf(settings_for("estimates", pages))


def test_estimates_of_one_measure_stand_side_by_side_and_another_measure_does_not():
    comparison = ask("Do the trials agree that statins prevent recurrent stroke?", shelf().library).comparison
    assert comparison
    (aspect,) = comparison.aspects
    found = estimates_on(comparison, aspect)
    assert {(one.review_id, one.value, one.low, one.high) for one in found} == {
        ("10.5555/est.0", 0.79, 0.66, 0.94),
        ("10.5555/est.1", 1.02, 0.81, 1.28),
    }
    for one in found:
        quote = comparison.citations[one.citation - 1].quote
        assert quote.review_id == one.review_id and f"{one.value:g}" in quote.text
    assert estimates_on(comparison, "no such aspect") == ()


@pytest.mark.parametrize(
    "text",
    [
        "The risk was 0.79 (95% CI 0.66 to 0.94).",  # of what measure?
        "The hazard ratio was 0.79 (P = 0.01).",
        "The odds ratio was 2.5 (95% CI 0.66 to 0.94).",  # outside its interval
        "The hazard ratio was 0.79 in men. In women (95% CI 0.66 to 0.94) it was not.",
    ],
)
def test_what_has_no_measure_or_no_interval_around_it_is_none(text):
    assert read_estimates(text) == []


@given(
    st.sampled_from(["hazard ratio", "odds ratio", "RR", "rate ratio"]),
    st.tuples(*[st.decimals(min_value="0.01", max_value="20", places=2)] * 3),
    st.sampled_from([" ({} to {})", " ({}–{})", ", {}-{}", "; {}, {}"]),
)
def test_an_estimate_is_read_as_it_is_written(name, numbers, interval):
    low, value, high = sorted(map(float, numbers))
    text = f"The {name} was {value:.2f}" + interval.replace("({}", "(95% CI {}").replace(
        ", {}-", ", 95% CI {}-"
    ).replace("; {},", "; 95% CI: {},").format(f"{low:.2f}", f"{high:.2f}")
    ((_, *read),) = read_estimates(text)
    assert read == [value, low, high]
