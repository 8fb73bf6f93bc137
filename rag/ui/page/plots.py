"""A comparison at a glance: a map of who finds what, and the effect estimates side by side as a plot.

What a plot shows stands beside it for those who do not see it: in the matrix, or in a table of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from rag.comparison import Estimate, estimates_on
from rag.shelf import label
from rag.types import Cell, Comparison, Review

ROW, FRAME = 34, 70
# A map has so many papers and rows at the least, and so many papers at the most.
FEWEST, MOST, FEWEST_ROWS = 3, 20, 2
_SIGNS = {
    "increased": "↑",
    "decreased": "↓",
    "no difference": "=",
    "quoted": "●",
    "closest": "○",
    "nothing quoted": "–",
}
# Told apart by all, in the light and in the dark; what is quoted is no alarm.
_COLORS = ("#c2571a", "#3b7dd8", "#8a8a8a", "#2a8f86", "#2a8f86", "#8a8a8a")


def draw_estimates(comparison: Comparison, reviews: Sequence[Review], number: int) -> None:
    """Draw a plot for each aspect on which several reviews state the same measure with its interval."""
    by_id = {review.id: review for review in reviews}
    for at, aspect in enumerate(comparison.aspects):
        if found := estimates_on(comparison, aspect):
            names = {one.review_id: f"{label(by_id[one.review_id])} [{one.citation}]" for one in found}
            st.html(_table(aspect, found, names))
            st.vega_lite_chart(_values(found, names), _spec(found), key=f"estimates-{number}-{at}", width="stretch")


def draw_map(comparison: Comparison, reviews: Sequence[Review], number: int) -> None:
    """Draw which of several papers finds, or says, something of which aspects."""
    papers = comparison.near
    if FEWEST <= len(papers) <= MOST and len(comparison.aspects) - len(comparison.facets) >= FEWEST_ROWS:
        names = {review.id: label(review) for review in reviews}
        cells = [cell for cell in comparison.cells if cell.review_id in papers and cell.aspect not in comparison.facets]
        said = [{"review": names[c.review_id], "aspect": c.aspect, "found": _found(c)} for c in cells]
        found = {one["found"] for one in said}
        told = "; ".join(f"{sign} {name}" for name, sign in _SIGNS.items() if name in found)
        st.html(f'<div class="answer estimates"><h3>At a glance: {escape(told)}</h3></div>')
        st.vega_lite_chart(said, _map(len(papers)), key=f"map-{number}", width="stretch")


def _found(cell: Cell) -> str:
    """Return what a cell holds, as the map names it."""
    return cell.direction or (cell.state if cell.state in _SIGNS else "nothing quoted")


def _map(papers: int) -> dict[str, Any]:
    """Return a grid of papers and aspects with a sign in each field; what stands there is read on it."""
    place = {
        "x": {
            "field": "aspect", "type": "nominal", "sort": None, "title": None,
            "axis": {
                "labelAngle": -90, "labelLimit": 100, "labelOverlap": False, "orient": "top", "domain": False,
                "ticks": False,
            },
        },
        "y": {
            "field": "review", "type": "nominal", "sort": None, "title": None,
            "axis": {"labelLimit": 150, "domain": False, "ticks": False, "grid": True},
        },
    }  # fmt: skip
    sign = {"condition": [{"test": f"datum.found === '{n}'", "value": s} for n, s in _SIGNS.items()], "value": ""}
    return {
        "height": 2 * FRAME + ROW * papers,
        "mark": {"type": "text", "size": 18, "fontWeight": 600},
        "encoding": {
            **place,
            "text": sign,
            "color": {
                "field": "found",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": [*_SIGNS], "range": [*_COLORS]},
            },
            "tooltip": [{"field": name, "title": name} for name in ("review", "aspect", "found")],
        },
    }


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
