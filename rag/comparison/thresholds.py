"""What is the same, and what is quoted: the numbers that decide what a comparison says."""

from __future__ import annotations

# A review is quoted on an aspect from the first probability on that it answers, its best sentence is the closest from
# the second on, and it is said to speak of it from the third on. Of rows of comparisons that answer .89, .98 and .73
# are beyond these, of the others .27, .62 and .14.
QUOTED, CLOSEST, SPEAKS = 0.4, 0.1, 0.6
# What speaks of an aspect without its words is as likely as not to answer by itself.
LIKELY = 0.5
# Two phrases nearer than this in sense are one topic.
ONE_TOPIC = 0.6
# Two entries of reference lists are one work when author and year agree and so much of the shorter title does.
SAME_TITLE = 0.6
