"""Dates as journals and pages print them; they are kept as printed, only the year is read."""

from __future__ import annotations

import re

from rag.text import MONTH

_MONTH = rf"(?:{MONTH}|Spring|Summer|Fall|Autumn|Winter)\.?"
_YEAR = r"(?:1[89]|20)\d\d"

# "2025", "2025 Apr", "2023 Jul-Sep", "2019 Dec 28", "2019 Dec 28-Jan 3"
JOURNAL_DATE = rf"{_YEAR}(?:\s{_MONTH}(?:\s?\d{{1,2}}\b)?(?:[-–/](?:{_MONTH}(?:\s\d{{1,2}}\b)?|\d{{1,2}}\b))?)?"
# the above, "2026-01-16", "2026/01", "16 January 2026", "January 16, 2026", "May 2024"
PRINTED_DATE = (
    rf"(?:{_YEAR}[-/.]\d{{1,2}}(?:[-/.]\d{{1,2}})?|\d{{1,2}}\s{_MONTH},?\s{_YEAR}|{_MONTH}(?:\s\d{{1,2}},)?\s{_YEAR}"
    rf"|{JOURNAL_DATE})"
)
_printed = re.compile(rf"(?<![\w.])({PRINTED_DATE})(?!\w)", re.IGNORECASE)
_year = re.compile(rf"(?<!\d)({_YEAR})(?!\d)")


def find_date(text: str) -> str | None:
    """Return the first date of a text as it is printed there."""
    match = _printed.search(text)
    return match.group(1) if match else None


def is_date(text: str) -> bool:
    """Return whether a text is a date and nothing else."""
    return bool(re.fullmatch(PRINTED_DATE, text.strip(), re.IGNORECASE))


def find_year(text: str | None) -> int | None:
    """Return the first year of a text.

    >>> find_year("2023 Jul-Sep")
    2023
    """
    match = _year.search(text or "")
    return int(match.group(1)) if match else None
