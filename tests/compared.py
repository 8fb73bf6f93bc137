"""Three short reviews on one subject, invented for the tests of comparisons, with planted agreements and conflicts."""

from __future__ import annotations

from functools import cache

from tests.engine import Shelf, open_shelf, settings_for

FOR, AGAINST, THIRD = "10.5555/bright.1", "10.5555/dim.2", "10.5555/third.3"

_PAPER = """# {title}

**Authors:** {authors}

{journal} · DOI: {doi} · {year}

## Findings

{findings}

## Conclusion

{conclusion}
"""

PAGES = {
    "bright.md": _PAPER.format(
        title="Bright light against winter fatigue",
        authors="Ola Nordahl, Mei Castellan",
        journal="J Light Res",
        doi=FOR,
        year=2021,
        findings="Morning light reduced fatigue scores in adults with winter depression. Relapse was seen in 12% of "
        "treated patients after one winter. In the AURORA trial headache was the most common side effect of the lamps. "
        "Light boxes may restore sleep in shift workers.",
        conclusion="We recommend morning light for every adult with winter depression.",
    ),
    "dim.md": _PAPER.format(
        title="A sober look at light boxes",
        authors="Piet Haverkamp",
        journal="Rev Chronobiol",
        doi=AGAINST,
        year=2024,
        findings="Morning light did not reduce fatigue scores in adults with winter depression. Relapse was seen in "
        "31% of treated patients after one winter. In the AURORA trial headache was the most common side effect of the "
        "lamps. Light boxes have been shown to restore sleep in shift workers.",
        conclusion="Light cannot be recommended for adults with winter depression outside trials.",
    ),
    "third.md": _PAPER.format(
        title="Vitamin D and the long night",
        authors="Rosa Quint, Ivo Quint",
        journal="Nutr Dark",
        doi=THIRD,
        year=2019,
        findings="Vitamin D tablets left mood unchanged in schoolchildren. Calcium was not measured.",
        conclusion="Whoever lives in the north should eat fish.",
    ),
}


@cache
def lamps() -> Shelf:
    return open_shelf(settings_for("lamps", PAGES))
