"""The columns of a table of papers, as questions name them."""

from __future__ import annotations

import re

from rag.shelf import Column
from rag.types import Span

COLUMNS: tuple[tuple[Column, str], ...] = (
    ("year", r"\b(?:publication )?(?:years?|dates?)\b"),
    ("journal", r"\bjournals?\b"),
    ("design", r"\b(?:study )?(?:designs?|types?)\b"),
    ("participants", r"\b(?:sample sizes?|(?:numbers? of )?(?:participants|patients|subjects))\b"),
    ("intervention", r"\b(?:interventions?|treatments?|comparators?|arms)\b"),
    ("outcome", r"\b(?:primary |main )?(?:outcomes?|end-?points?)\b"),
    ("result", r"\b(?:main |key )?(?:results?|findings?)\b"),
    ("harms", r"\b(?:harms?|adverse (?:events?|effects?)|side effects?)\b"),
    ("conclusion", r"\bconclusions?\b"),
    ("limitations", r"\b(?:limitations?|limits|weaknesses)\b"),
    ("registration", r"\b(?:registrations?|registration numbers?|registered)\b"),
    ("place", r"\b(?:countr(?:y|ies)|places?)\b"),
    ("funding", r"\bfund(?:ing|ers?)\b"),
    ("DOI", r"\bdois?\b"),
    ("PMID", r"\bpmids?\b"),
    ("status", r"\bstatus\b"),
)


def column_called(name: str) -> Column | None:
    """Return the column that a whole name stands for: "sample size" are the participants."""
    return next((column for column, pattern in COLUMNS if re.fullmatch(pattern, name, re.IGNORECASE)), None)


def named_column(column: Column, text: str) -> Span | None:
    """Return where a text names a column; None where it does not."""
    found = re.search(dict(COLUMNS)[column], text, re.IGNORECASE)
    return found.span() if found else None
