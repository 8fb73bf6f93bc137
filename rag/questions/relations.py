"""How a question compares reviews, by its wording: across them at all, and what it asks of how they stand."""

from __future__ import annotations

import re
from typing import Literal

from rag.text import stem

# What a question asks of reviews side by side: what one alone says, what they share, where they part, whether they
# contradict each other, whether a claim holds of all, what the others say.
Relation = Literal["only", "in common", "apart", "contradiction", "claim", "others"]

# What opens a question of yes or no.
AUXILIARY = r"(?:is|are|was|were|do|does|did|can|could|has|have|will|would|should|may|might)"
WHICH_BETTER = (
    r"\bwhich (?:one |of (?:them|the two) )?(?:is|are|was|were|works?|worked|does|has|performs?) (?:the )?"
    r"(?:better|best|safer|safest|worse|superior|cheaper|faster|more|less)\b"
)
_COMPARES = re.compile(
    WHICH_BETTER + r"|\b(?:do|did) (?:the|these|those) (?:reviews|papers|articles|authors of the reviews)\b|"
    r"\bcompar(?!t)\w+|\bdiffer(?!entia)\w*|\bcontrast\w*|\bversus\b|\bvs\b"
    r"|\bboth (?:the )?(?:reviews?|papers?|articles?|authors?|of them|agree|say|mention|discuss|cover)\b"
    r"|\b(?:reviews?|papers?) both\b|\bdo both\b|\beach (?:review|paper|article|of them|one|say)\b"
    r"|\b(?:dis)?agree\w*|\bin common\b|\bcontradict\w*|\bconsensus\b"
    r"|\bwhich (?:one )?(?:of|among) the\b|\bwhich (?:review|paper|article|one)s?\b|\b(?:the )?(?:two|three|four"
    r"|five|all|these|different|other|various) (?:\w+ )?(?:reviews|papers|articles)\b"
    r"|\bacross (?:the )?(?:\w+ )?(?:reviews|papers|articles|library)\b|\bshared?\b(?=.*\breviews\b)|\bside by "
    r"side\b|\bin line with\b",
    re.IGNORECASE,
)
COMPARE_FRAME = frozenset(
    stem(word)
    for word in "compare comparison compared differ difference different differently contrast contrasting versus vs "
    "both agree "
    "disagree agreement disagreement common contradict contradiction consensus weight emphasis emphasize stress "
    "similar "
    "similarity same share shared side opinion stance position message tone optimistic hopeful respectively first "
    "second third other far eye eyes line lines respects ways "
    "better worse best worst".split()
)
_RELATIONS: dict[Relation, re.Pattern[str]] = {
    "only": re.compile(
        r"\bonly\b(?! (?:in|from|by)\b)|\balone\b|\bunique(?:ly)?\b|\bexclusive(?:ly)?\b"
        r"|\bthat (?:the )?others? (?:do|does)(?: not|n['’]t)\b"
        r"|\bbut not\b",
        re.IGNORECASE,
    ),
    "in common": re.compile(
        r"\bin common\b|\bshared?\b|\boverlap\w*|\bcommon ground\b|\bboth\b|\bagree\b", re.IGNORECASE
    ),
    "apart": re.compile(
        r"\bdisagree|\bcontradict|\bconflict(?!s? of)|\bdiffer|\bat odds\b|\bdiverge|\bcontrast", re.IGNORECASE
    ),
    "contradiction": re.compile(r"\bdisagree|\bcontradict|\bconflict(?!s? of)|\bat odds\b", re.IGNORECASE),
    "claim": re.compile(
        r"\b(?:dis)?agree\w*\b|\bconsensus\b|^\W*(?:do|does|did|are|is) (?:the )?(?:both|all|two)\b", re.IGNORECASE
    ),
    "others": re.compile(r"\bothers?\b|\brest\b", re.IGNORECASE),
}


def compares(text: str) -> bool:
    """Tell by its wording a question across reviews."""
    return _COMPARES.search(text) is not None


def relations(text: str) -> frozenset[Relation]:
    """Return what a question asks of how reviews stand to each other."""
    return frozenset(relation for relation, pattern in _RELATIONS.items() if pattern.search(text))
