"""Words that deny, and words that are each other's opposite."""

from __future__ import annotations

DENIALS = frozenset("no not never neither nor without cannot".split())
_PAIRS = (
    "increase/decrease increases/decreases increased/decreased increasing/decreasing higher/lower high/low more/less "
    "more/fewer reduces/raises reduced/raised reduces/increases reduced/increased reduce/increase improved/worsened "
    "improves/worsens improve/worsen inhibits/promotes inhibited/promoted inhibit/promote inhibits/activates "
    "upregulated/downregulated upregulates/downregulates up-regulated/down-regulated greater/smaller greater/less "
    "positive/negative positively/negatively effective/ineffective efficacious/inefficacious better/worse rose/fell "
    "longer/shorter faster/slower earlier/later gain/loss gained/lost safe/unsafe sufficient/insufficient "
    "common/rare strong/weak stronger/weaker enhanced/impaired enhances/impairs enhance/impair presence/absence "
    "activates/suppresses activated/suppressed induced/suppressed before/after above/below over/under "
    "resistant/sensitive resistance/sensitivity dependent/independent significant/insignificant superior/inferior "
    "accelerates/slows accelerated/slowed elevated/reduced elevated/decreased larger/smaller always/never "
    "causes/prevents cause/prevent caused/prevented all/some most/few many/few majority/minority augmented/diminished "
    "augments/diminishes systolic/diastolic acute/chronic oral/intravenous men/women male/female children/adults "
    "protective/harmful beneficial/harmful benefit/harm lowers/raises lowered/raised lower/raise"
)
OPPOSITES = frozenset((a, b) for pair in _PAIRS.split() for a, b in (pair.split("/"), pair.split("/")[::-1]))
# One edit apart and opposite in meaning, or different in kind: never mended into each other.
OPPOSITE_BEGINNINGS = (
    ("hypo", "hyper"),
    ("intra", "inter"),
    ("pro", "pre"),
    ("anti", "ante"),
    ("in", "un"),
    ("mono", "di"),
)
