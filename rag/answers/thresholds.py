"""What is near, held, enough: all the numbers that decide what answers, and what they were measured on.

Cosines are MiniLM's. Where nothing else stands beside a number it was chosen on the project's own questions over the
seeds and over invented pages; what the parts of the search gain on public collections is in docs/retrieval.md.
"""

from __future__ import annotations

# Cosine of two words in MiniLM: below the first they are unrelated, from the second on they mean the same
# ("cost" and "price" .74, "difficult" and "challenges" .57, "survival" and "remission" .36).
UNRELATED, SAME = 0.42, 0.72
# Two words beside each other, and the one word of the library for both ("brain tumour" and "glioblastoma" .70).
PHRASE_UNRELATED, PHRASE_SAME, PHRASE_GAIN = 0.5, 0.72, 0.05
# Technical words of one kind are near each other too ("neuroblastoma" and "glioblastoma" .71), synonyms nearer
# ("renal" and "kidney" .92, "hepatic" and "liver" .81), and "thrombosis" is no "thrombocytopenia" (.75).
TECHNICAL_UNRELATED, TECHNICAL_SAME = 0.8, 0.88
# How near an everyday word of medicine is to one of MEDICAL_KINDS, alone or with its neighbour.
MEDICAL, MEDICAL_PHRASE = 0.44, 0.5
# Words of the sentences that lead up to the question.
ASIDE_WEIGHT = 0.3
# How well "rash" stands for "side effects", and "amoxicillin" for "antibiotic".
SPOKEN = 0.6
# A term is held by a sentence from this strength on.
HELD = 0.3

# The topic of the review supplies what a sentence leaves unsaid, and the sentence before it where it refers back
# ("It also lowers …"); both at this discount.
CONTEXT_DISCOUNT = 0.6
# Relevance of a sentence: share of the question's weight that it holds, and its cosine to the question.
COVERAGE_SHARE = 0.5
# Among sentences that answer, the words of the question count more, and what an abstract says last is what it found:
# its beginning gets nothing, its end this much.
ORDER_BY_COVERAGE, CONCLUDES = 0.7, 0.1
# A sentence answers from this score on; where an everyday word of medicine is missing, from the higher one.
ANSWER_SCORE, ANSWER_SCORE_WITHOUT = 0.32, 0.44
# A sentence that holds no word of the question but the library's own subject must be this near in sense.
SAME_SENSE = 0.5
# A sentence speaks of an aspect from this relevance on; it holds this share of what decides, and
# a sentence near in sense at least the second. A sentence this near in sense need not hold each part of the aspect.
SPEAKS_OF_ASPECT, HOLDS, TOUCHES = 0.35, 0.37, 0.1
SENSE_OF_ALL = 0.55
# A sentence that defines a short form is worth this much more to a question about it.
DEFINES = 0.05
# The authors' words come before a page's, and a finding before the announcement of what a paper is about.
PAGE_SHARE, ANNOUNCES, GIVES_REASON = 0.9, 0.85, 1.08
# Further quotes must come this close to the best one, of the answer and of their review.
CLOSE_TO_BEST = 0.6
CLOSE_IN_REVIEW = 0.65
# Two sentences of one review repeat each other from this share of common stems or this cosine on.
SAME_STEMS = 0.7
SAME_COSINE = 0.86

# Words that a follow-up inherits steer the search; what was typed decides.
CARRIED_WEIGHT = 0.4
# A review whose best sentence holds less of the question than this is silent on it.
SPEAKS_AT_ALL = 0.3
# A line beside the prose has no sense to go by; it must hold this share of the question.
ASIDE_COVERAGE = 0.4
# A review is described by words of which it holds this share.
DESCRIBES = 0.75
