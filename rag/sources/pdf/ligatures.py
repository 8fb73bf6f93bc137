"""Joined letters that a font does not name: "speci?c". Their width tells how many they are, English which."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rag.sources.pdf.pages import UNNAMED, Glyphs

# The share of its letters' width by which a ligature may differ, and that of their size which any character is wide.
_ALIKE, _NARROWEST = 0.12, 0.1
# In English a vowel follows fl and hardly ever fi; e follows both, and the letter behind it tells.
_AFTER_FL, _AFTER_FLE = "aiouy", "acetwx"


def with_ligatures(page: Glyphs) -> Glyphs:
    """Return a page with its characters without a name as ligatures, where their width is that of one, or unknown."""
    if UNNAMED not in page.text:
        return page
    letters, widths = np.array(list(page.text)), (page.right - page.left) / page.size
    kept = (letters != UNNAMED) | (widths > _NARROWEST)
    for place in np.flatnonzero(kept & (letters == UNNAMED)).tolist():
        own = page.font == page.font[place]
        f, i = (widths[own & (letters == letter)] for letter in "fi")
        known = len(f) and len(i)
        after = page.text[place + 1 : place + 3]
        letters[place] = _ligature(widths[place], np.median(f), np.median(i), after) if known else UNNAMED
    return replace(page, text="".join(letters)).only(kept)


def _ligature(width: float, f: float, i: float, after: str) -> str:
    """Return the ligature of a width, by those of its letters and the two letters behind it."""
    light = after[:1] in _AFTER_FL or (after[:1] == "e" and after[1:] in _AFTER_FLE)
    sums = {"ﬀ": 2 * f, "ﬂ" if light else "ﬁ": f + i, "ﬄ" if light else "ﬃ": 2 * f + i}
    nearest = min(sums, key=lambda ligature: abs(sums[ligature] - width))
    return nearest if abs(sums[nearest] - width) < _ALIKE * sums[nearest] else UNNAMED
