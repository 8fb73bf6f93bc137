"""What is the same, or against each other: the numbers that decide what a comparison says.

They were chosen on the development part of the gold matrices (`tests/gold`) and tried on its other parts.
"""

from __future__ import annotations

# A review speaks of two things that are compared when it holds this share of their words, and a sentence that sets
# one against the other counts for this much more.
HOLDS_BOTH, SETS_AGAINST = 0.6, 1.4
# Further quotes of a cell hold at least this share of what the best one holds of the words that decide.
AS_WELL_AS_BEST = 0.7
# Two sentences measure the same only when they are this near in sense, and state opposite things when they are
# nearer;
SAME_MATTER, SAME_STATEMENT = 0.42, 0.55
# and they say much the same from this likeness on, with this share of the stems of the shorter one in common.
MUCH_THE_SAME, COMMON_STEMS = 0.8, 0.5
# Two phrases nearer than this in sense are one topic.
ONE_TOPIC = 0.6
# Two sentences claim the same, whatever it is, in so many of their words.
IN_SAME_WORDS = 0.75
# Two entries of reference lists are one work when author and year agree and so much of the shorter title does.
SAME_TITLE = 0.6
