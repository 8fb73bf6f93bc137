"""The months, as dates name them."""

from __future__ import annotations

MONTHS = tuple("January February March April May June July August September October November December".split())
# As bibliographies shorten them.
SHORT_MONTHS = (*(month[:3] for month in MONTHS), "Sept")
# What finds either: "Jan", "January", "Sept".
MONTH = "|".join(sorted({*MONTHS, *SHORT_MONTHS}, key=len, reverse=True))
