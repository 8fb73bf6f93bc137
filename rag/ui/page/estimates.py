"""The effect estimates of reviews side by side as a plot, and as a table for those who do not see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from rag.comparison import Estimate, estimates_on
from rag.shelf import label
from rag.types import Comparison, Review

ROW, FRAME = 34, 70


def draw_estimates(comparison: Comparison, reviews: Sequence[Review], number: int) -> None:
    """Draw a plot for each aspect on which several reviews state the same measure with its interval."""
    by_id = {review.id: review for review in reviews}
    for at, aspect in enumerate(comparison.aspects):
        if found := estimates_on(comparison, aspect):
            names = {one.review_id: f"{label(by_id[one.review_id])} [{one.citation}]" for one in found}
            st.html(_table(aspect, found, names))
            st.vega_lite_chart(_values(found, names), _spec(found), key=f"estimates-{number}-{at}", width="stretch")


def _values(found: Sequence[Estimate], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"review": names[one.review_id], "value": one.value, "low": one.low, "high": one.high, "none": 1}
        for one in found
    ]


def _spec(found: Sequence[Estimate]) -> dict[str, Any]:
    """Return a plot of points with their intervals on a scale of ratios, and a line where there is no difference."""
    reviews = {"field": "review", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 160}}
    title = f"{found[0].measure} (95% interval); 1 is no difference"
    scale = {"field": "low", "type": "quantitative", "scale": {"type": "log"}, "title": title}
    return {
        "height": FRAME + ROW * len(found),
        "layer": [
            {
                "mark": {"type": "rule", "strokeDash": [4, 4], "opacity": 0.6},
                "encoding": {"x": {"field": "none", "type": "quantitative"}},
            },
            {"mark": {"type": "rule", "size": 2}, "encoding": {"x": scale, "x2": {"field": "high"}, "y": reviews}},
            {
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                "encoding": {"x": {"field": "value", "type": "quantitative"}, "y": reviews},
            },
        ],
    }


def _table(aspect: str, found: Sequence[Estimate], names: Mapping[str, str]) -> str:
    """Return the head of a plot, and what it shows as a table that only a screen reader reads."""
    rows = "".join(
        f'<tr><th scope="row">{escape(names[one.review_id])}</th>'
        f"<td>{one.value:g}</td><td>{one.low:g} to {one.high:g}</td></tr>"
        for one in found
    )
    head = f'<th scope="col">Review</th><th scope="col">{found[0].measure}</th><th scope="col">95% interval</th>'
    return (
        f'<div class="answer estimates"><h3>{escape(aspect)}: what the quotes state, not pooled</h3>'
        f"<table><caption>{escape(aspect)}</caption><tr>{head}</tr>{rows}</table></div>"
    )
