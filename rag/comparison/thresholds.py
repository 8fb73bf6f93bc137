"""What is the same, and what is quoted: the numbers that decide what a comparison says."""

from __future__ import annotations

# A review is quoted on an aspect from this probability on that it answers; its best sentence is the closest from the
# second on. Of rows of comparisons that were not learned from .82 that answer are quoted, .90 at least close.
QUOTED, CLOSEST = 0.4, 0.3
# What speaks of an aspect without its words is as likely as not to answer by itself.
LIKELY = 0.5
# Two phrases nearer than this in sense are one topic.
ONE_TOPIC = 0.6
# Two entries of reference lists are one work when author and year agree and so much of the shorter title does.
SAME_TITLE = 0.6
