"""What is the same, or against each other: the numbers that decide what a comparison says.

They were chosen on the development part of the gold matrices (`tests/gold`) and tried on its other parts.
"""

from __future__ import annotations

# A review speaks of two things that are compared when it holds this share of their words.
HOLDS_BOTH = 0.6
# Two phrases nearer than this in sense are one topic.
ONE_TOPIC = 0.6
# Two entries of reference lists are one work when author and year agree and so much of the shorter title does.
SAME_TITLE = 0.6
