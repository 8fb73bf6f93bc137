"""What is near, held, enough: the numbers of the search for quotes that are set by hand; the others are learned.

Cosines are MiniLM's.
"""

from __future__ import annotations

# Cosine of two words: below the first they are unrelated, from the second on they mean the same
# ("cost" and "price" .74, "difficult" and "challenges" .57, "survival" and "remission" .36).
NEAR, NEARLY_SAME = 0.5, 0.8
# Further quotes must be so likely to answer, as a share of the best one, of the answer or of their review.
CLOSE_TO_BEST = 0.6
# They may not lack words of the question that the best one holds and that surprise by so many nats.
LACKING = 1.5
# Two sentences of one review repeat each other from this share of common stems or this cosine on.
SAME_STEMS = 0.7
SAME_COSINE = 0.86
# A sentence speaks of an aspect when it holds this share of what decides and, with what is around it, more than that.
HOLDS, MOST = 0.37, 0.5
# Words that a follow-up inherits steer the search; what was typed decides. So with sentences that lead up to it.
CARRIED_WEIGHT, ASIDE_WEIGHT = 0.4, 0.3
# A term is held by a sentence from this strength on.
HELD = 0.3
# A review whose best sentence holds less of the question than this is silent on it.
SPEAKS_AT_ALL = 0.3
# A line beside the prose has no sense to go by; it must hold this share of the question.
ASIDE_COVERAGE = 0.4
# A review is described by words of which it holds this share.
DESCRIBES = 0.75
