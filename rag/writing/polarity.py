"""Whether two sentences on the same matter state opposite things, or how sure one is, as their words show.

What a sentence says is read clause by clause from words that move (reduced, raised), judge (effective, harmful) or
count (rare, common), and from what denies them (no, did not, no better than, just as common). Nothing is understood:
where the words do not show it, nothing is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.lexicon import DAYS, DENIES, LARGE, NUMBER_WORDS, is_content
from rag.text import Word, stem, words

Axis = Literal["moves", "judges", "counts", "advises"]
Certainty = Literal["hedged", "plain", "firm"]


def _stems(listed: str) -> frozenset[str]:
    return frozenset(stem(word) for word in listed.split())


_CUES: dict[tuple[Axis, int], frozenset[str]] = {
    ("moves", -1): _stems(
        "reduce reduced reduction lower lowered lowers fall fell fallen decrease decreased decline declined drop "
        "dropped "
        "diminish attenuate lessen prevent prevented prevention avert halve halved shrink slow slowed suppress "
        "fewer less "
        "eliminate shorten shortened ease relieve relieved alleviate protect protects weaken delay delayed "
        "earlier sooner"
    ),
    ("moves", 1): _stems(
        "increase increased raise raised rise rose risen elevate elevated higher greater more climb climbed "
        "exceed double "
        "doubled triple prolong prolonged lengthen lengthened enhance enhanced boost accelerate accelerated "
        "longer trigger provoke "
        "promote promotes cause "
        "causes caused induce later"
    ),
    ("judges", 1): _stems(
        "effective efficacious beneficial benefit superior better best improve improved improvement safe safely "
        "promising "
        "promise remarkable success successful succeed advantage advantageous worthwhile durable outperform "
        "outperformed encouraging impressive reliable feasible valuable favourable favorable tolerated "
        "well-tolerated works worked helps helped beat transformative robust convincing breakthrough harmless "
        "sustained"
    ),
    ("judges", -1): _stems(
        "ineffective harmful harm harms hazard hazardous resistant inferior worse worst worsen worsened disappoint "
        "disappointing "
        "disappointment unsafe toxic impair impaired impairs impairment fail failed failure futile useless dangerous "
        "short-lived unreliable poor poorly burden deteriorate deteriorated damage suffer suffered serious "
        "severe modest "
        "unconvincing drawback peril"
    ),
    ("counts", 1): _stems("common frequent frequently often widespread prevalent substantial considerable"),
    ("counts", -1): _stems(
        "rare rarely seldom uncommon infrequent infrequently exceptional negligible sporadic minimal isolated scarce"
    ),
    ("advises", 1): _stems("recommend recommended recommendation deserve deserves favour favor advise endorse warrant"),
    ("advises", -1): _stems("discourage withhold avoid avoided contraindicate contraindicated"),
}
_OF_STEM = {form: cue for cue, forms in _CUES.items() for form in forms}
# "no better than", "as common with as without", "did not differ": nothing moves, and nothing is better.
_NO_CHANGE = re.compile(
    r"\b(?:did|does|do) (?:nothing|little) to \w+|\bno (?:\w+ )?(?:difference|effect|change|benefit|advantage"
    r"|impact|improvement|gain)s?\b|\b(?:not|n['’]t"
    r"|no longer) "
    r"(?:\w+ )?(?:differ|change|affect|separate)\w*|\bnor was .{1,40}? affected\b|\b(?:no|not|neither"
    r"|never) (?:any )?"
    r"(?:\w+ )?(?:more|less|better|worse|higher|lower|fewer|greater|superior|inferior|longer|shorter)\b"
    r"|\b(?:just )?as (?!well|soon|long|far)(?:\w+ )as\b|\bjust as \w+|\bequally\b|\bequivalent\b|\bunchanged\b"
    r"|\bunaffected\b|\b(?:is|are|was|were|remained) (?:\w+ )?similar\b"
    r"|\bcomparable\b|\bthe same\b|\b(?:fail\w*|unable) to (?:\w+ )?(?:reduce|lower|improve|prevent|differ"
    r"|separate|show)"
    r"|\b(?:advantage|benefit|effect|difference) (?:\w+ ){0,4}(?:vanished|disappeared)\b",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"\badvised? against\b|\bargues? against\b|\brecommend\w* against\b|\bshould not\b|\bmust not\b", re.I
)
_NO_DENIAL = re.compile(r"\bnot only\b|\bno doubt\b|\bnot without\b|\bnot least\b", re.IGNORECASE)
# A longer text is no sentence but a table.
LONGEST = 1500
CONTRASTED = 2
# How many words a denial reaches; how many before and after a word are what it says something about.
SCOPE, BEFORE, AFTER = 5, 5, 6
# The most words between a denial and what it denies directly; how many other content words two sentences must share.
DIRECTLY, SHARED = 3, 2
_PREFIXED = re.compile(r"(?:in|im|ir|un|non-?)([a-z]+)")
_COMPARING = _stems("more less better worse higher lower fewer greater longer shorter evidence trial study data doubt")
_ADJECTIVE = re.compile(r"(?:ful|ive|ous|al|ic|able|ible|ly)$")
_NO_CUES = frozenset("several effect effects safety use used".split())
_COMPARATIVES = frozenset("more less fewer higher lower greater better worse longer earlier later sooner".split())
_ANY_FINDING = _stems(
    "mg ml kg daily once twice adult adults united states kingdom percent "
    "risk rate level patient treatment therapy drug trial study group day week month year incidence person "
    "people result "
    "participant dose effect differ difference change affect half third significantly treated control population "
    "disease associated"
)
_CLAUSE_END = re.compile(
    r"[;:()]|,? (?:but|whereas|although|though|while|however|yet|despite|except|provided)\b|, (?:and|which|who|so)\b",
    re.IGNORECASE,
)
# "stage II or higher", "32 weeks or less": a bound, nothing that moves.
_BOUND = re.compile(
    r"\b(?:or|and) (?:higher|lower|above|below|more|less|older|younger|greater|later|earlier)\b"
    r"|\b(?:more|less|fewer|greater|higher|lower|better|longer) than \d",
    re.IGNORECASE,
)
# Under what circumstances something was found: times, ages, weights and doses, and who or what it was found in.
_CIRCUMSTANCE = re.compile(
    r"(?<![\w.])(\d+(?:,\d{3})*(?:\.\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|half an?|an?)[\s-]"
    r"(?:corrected |consecutive )?"
    r"(minutes?|hours?|days?|weeks?|months?|years?|mg/kg|mg/m2|mg|mcg|µg|g|kg|units|IU|billion|million|Gy)\b"
    r"|\b(?:over|above|below|under|aged|than) (\d+)\b(?! ?%)",
    re.IGNORECASE,
)
# Whom and how, a dimension a line: two sentences that name other groups of one dimension can both hold.
_GROUPS = tuple(
    tuple(_stems(group) for group in dimension.split("/"))
    for dimension in (
        "children child pediatric infant infants neonate baby babies / adolescent adolescents / adult adults "
        "/ elderly older geriatric",
        "mouse mice rat rats animal animals murine / primate primates / vitro / human humans",
        "women female / men male",
        "pregnant pregnancy / breastfeeding",
        "long-term chronic long / short-term acute short",
        "alone monotherapy / combined combination combinations adjunct adjunctive",
        "oral tablet tablets / intravenous infusion infusions infused / nasal intranasal spray / topical",
        "early-onset / late-onset",
        "surgical surgery postoperative / recreational",
        "low-dose / high-dose",
        "lymphoma lymphomas leukemia hematologic hematological / solid",
    )
)
# Where and when a finding holds, and how much of it there is there.
_SETTING = re.compile(
    r"\b(?:where|if|unless|provided that|in (?:areas?|villages|regions|settings|places|countries|communities"
    r"|populations|households|units|centres|centers|hospitals|districts|practices)\b(?: in which)?)\b[^,;.]*",
    re.IGNORECASE,
)
_LITTLE = re.compile(
    r"\b(?:few|little|low|lower|rare|scarce|small|without|no|poor|mild|less|fewer|absent|seldom)\b", re.IGNORECASE
)
_MUCH = re.compile(
    r"\b(?:high|higher|many|most|much|intense|severe|widespread|common|large|more|frequent|always|rich)\b",
    re.IGNORECASE,
)
# "People with raised urate" are a group; nothing was raised.
_HAVING = frozenset("with have has had of".split())
_IS = re.compile(r"is|are|was|were|be|been|being|not|less|more", re.IGNORECASE)
_HEDGES = re.compile(
    r"\b(?:may(?! (?:19|20)\d\d)|might|could(?! not)|not (?:yet )?(?:been )?(?:established|proven|confirmed)"
    r"|yet to be|possibl[ey]|perhaps|suggest\w*|appears?|seems?|seemed|appeared|preliminary|tentative\w*"
    r"|potential\w*|likely|probabl[ey]|uncertain|unclear|promis\w+|early (?:clinical )?(?:studies|data|evidence"
    r"|results)"
    r"|hint\w*|indicat\w+|to be confirmed|limited evidence|inconclusive)\b",
    re.IGNORECASE,
)
_FIRM = re.compile(
    r"\bno doubt\b|\b(?:demonstrat\w+|prove[ns]?|proved|established|confirm\w*|clear(?:ly)?|undoubted\w*"
    r"|certain(?:ly)?"
    r"|conclusive\w*"
    r"|definit\w+|shows?|shown|showed|ha(?:s|ve) achieved|consistent(?:ly)?|robust(?:ly)?|unequivocal\w*"
    r"|decisive\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Opposition:
    """The words of two sentences that oppose each other, exactly as they stand there."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What one clause says on an axis: -1, 0 (denied, unchanged) or +1.

    `about` are the content stems of the whole sentence, `near` those beside the word,
    `before` and `after` what does it and what it is done to; `compares` when what is said
    holds of one thing beside another ("less often than …"). `theme` is what moves: "urate" of "urate fell" and of
    "lowered urate".
    """

    axis: Axis
    value: int
    wording: str
    about: frozenset[str]
    near: frozenset[str]
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    compares: bool = False
    theme: frozenset[str] = frozenset()


def opposed(one: str, other: str) -> Opposition | None:
    """Return the words by which two sentences on the same matter oppose each other, None where no words show it.

    The caller sees to it that the sentences are near in sense. Swapped sentences give swapped words.
    """
    one, other = one[:LONGEST], other[:LONGEST]
    if one == other or other_circumstances(one, other) or _contrast(_content(one), _content(other)):
        return None
    if flipped := _flipped(one, other):
        return flipped
    pairs = [(a, b) for a in _claims(one) for b in _claims(other) if _clash(a, b)]
    if not pairs:
        return None
    a, b = max(pairs, key=lambda pair: (len(pair[0].about & pair[1].about), *sorted(claim.wording for claim in pair)))
    return Opposition(a.wording, b.wording)


def _of_others(one: frozenset[str], other: frozenset[str], near: frozenset[str], other_near: frozenset[str]) -> bool:
    """Tell whether two claims are of other things, aspirin and warfarin, in whatever order they come."""
    return bool(one and other) and one.isdisjoint(other_near) and other.isdisjoint(near)


def _flipped(one: str, other: str) -> Opposition | None:
    """Return what one sentence says and the other denies, as each words it: "is reversible", "is not reversible"."""
    here, there = _denied_words(one), _denied_words(other)
    plain, others = _plain_words(one), _plain_words(other)
    about = (here.keys() | plain.keys()) & (there.keys() | others.keys())
    for form in sorted((here.keys() & others.keys()) | (plain.keys() & there.keys())):
        if len(about - {form}) >= SHARED:
            return Opposition(here.get(form) or plain[form], there.get(form) or others[form])
    return None


@lru_cache(maxsize=8192)
def _denied_words(text: str) -> dict[str, str]:
    """Return the content words that a sentence denies directly, by stem, with the wording of the denial."""
    found: dict[str, str] = {}
    setting = _SETTING.search(text)
    for start, end in _clauses(text):
        clause = words(text, start, end)
        for denial in _denials(text, start, end):
            if setting and setting.start() <= denial[0] < setting.end():
                continue
            after = [word for word in clause if word.start >= denial[1] and is_content(word)]
            if after and len(words(text, denial[1], after[0].start)) < DIRECTLY and after[0].forms[0] not in _COMPARING:
                found.setdefault(after[0].forms[0], text[denial[0] : after[0].end])
    for word in words(text):
        if (prefixed := _PREFIXED.fullmatch(word.text.casefold())) and len(prefixed.group(1)) > 4:
            found.setdefault(stem(prefixed.group(1)), word.text)
    return found


@lru_cache(maxsize=8192)
def _plain_words(text: str) -> dict[str, str]:
    denied = _denied_words(text)
    return {w.forms[0]: w.text for w in words(text) if is_content(w) and w.forms[0] not in denied}


def _contrast(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell two sentences that are alike but for a word or two in each: they contrast drugs, outcomes or patients."""
    alike = len(one & other) >= min(len(one), len(other)) / 2
    return alike and 1 <= len(one - other) <= CONTRASTED and 1 <= len(other - one) <= CONTRASTED


@lru_cache(maxsize=8192)
def _content(text: str) -> frozenset[str]:
    return frozenset(word.forms[0] for word in words(text) if _tells(word))


def _clash(one: Claim, other: Claim) -> bool:
    """Tell whether two claims cannot both hold of one matter."""
    if one.value == other.value or not one.about & other.about:
        return False
    if 0 not in (one.value, other.value) and (one.compares or other.compares or not one.near & other.near):
        return False
    if _of_others(one.before, other.before, one.near, other.near) or _of_others(
        one.after, other.after, one.near, other.near
    ):
        return False
    if one.axis == other.axis in ("moves", "counts") and _of_others(one.theme, other.theme, one.near, other.near):
        return False
    if one.axis == other.axis:
        return one.axis in ("moves", "judges") or one.value * other.value < 0 or 0 in (one.value, other.value)
    axes = {one.axis, other.axis}
    if not one.near & other.near:
        return False
    # What is no better is not good, what is advised against neither.
    if axes == {"moves", "judges"}:
        moves, judges = (one, other) if one.axis == "moves" else (other, one)
        return moves.value == 0 and judges.value > 0
    if axes == {"judges", "counts"}:
        judged, counted = (one, other) if one.axis == "judges" else (other, one)
        return judged.value < 0 and counted.value < 0
    return axes == {"judges", "advises"} and one.value * other.value < 0


@lru_cache(maxsize=8192)
def _claims(text: str) -> tuple[Claim, ...]:
    """Return what the clauses of a sentence claim; what a sentence speaks of is shared by its clauses."""
    everything = _content(text)
    return tuple(claim for start, end in _clauses(text) for claim in _claims_in(text, start, end, everything))


def _tells(word: Word) -> bool:
    """Tell a word that says what a sentence is about from grammar, cues and what any finding has."""
    form = word.forms[0]
    return is_content(word) and form not in _OF_STEM and form not in _ANY_FINDING and not form[0].isdigit()


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _CLAUSE_END.finditer(text):
        yield start, found.start()
        start = found.end() if found.group()[-1] in ";:()" else found.start()
    yield start, len(text)


def _claims_in(text: str, start: int, end: int, about: frozenset[str]) -> Iterator[Claim]:
    setting = _SETTING.search(text)
    limits = setting.span() if setting else (0, 0)
    clause = [word for word in words(text, start, end) if not limits[0] <= word.start < limits[1]]
    inside = frozenset(word.forms[0] for word in clause)
    same = [found.span() for found in _NO_CHANGE.finditer(text, start, end)]
    for span in same:
        subject = frozenset(w.forms[0] for w in clause if w.start < span[0] and _tells(w))
        yield Claim("moves", 0, text[slice(*span)], about, inside, theme=subject)
    against = _AGAINST.search(text, start, end)
    if against:
        yield Claim("advises", -1, against.group(), about, inside)
    passed = [*same, limits, *(found.span() for found in _BOUND.finditer(text, start, end))]
    passed += [against.span()] if against else []
    denials = list(_denials(text, start, end))
    for at, word in enumerate(clause):
        cue = _cue(word, clause[at - 1] if at else None, clause[at + 1] if at + 1 < len(clause) else None)
        if cue is None or any(a <= word.start < b for a, b in passed):
            continue
        axis, value = cue
        denied = next((d for d in denials if any(w.start == d[0] for w in clause[max(0, at - SCOPE) : at])), None)
        before = frozenset(w.forms[0] for w in clause[max(0, at - BEFORE) : at] if _tells(w))
        after = frozenset(w.forms[0] for w in clause[at + 1 : at + AFTER] if _tells(w))
        compares = word.text.casefold() in _COMPARATIVES and "than" in text[word.end : end].split()
        value = _denied(axis, value) if denied else value
        theme = after if _acts(word, clause[at - 1] if at else None) else before
        wording = _wording(text, word, denied)
        yield Claim(axis, value, wording, about, before | after, before, after, compares, theme)


def _acts(word: Word, preceding: Word | None) -> bool:
    """Tell "lowered urate" from "urate was lowered" and "urate fell"."""
    return word.text.endswith(("ed", "es")) and not (preceding and _IS.fullmatch(preceding.text))


def _cue(word: Word, preceding: Word | None, following: Word | None) -> tuple[Axis, int] | None:
    """Return the axis and value of a word; "several" is not severe, "more likely", "a slow infusion" move nothing."""
    if word.text.casefold() in _NO_CUES or (following and following.text.casefold() == "likely"):
        return None
    if word.text.casefold() in ("raised", "elevated") and preceding and preceding.text.casefold() in _HAVING:
        return None
    if word.text.casefold() == "slow" and preceding and preceding.text.casefold() in ("a", "the", "by", "as", "very"):
        return None
    if word.text.casefold() in ("more", "less") and following and _ADJECTIVE.search(following.text):
        return None
    return _OF_STEM.get(word.forms[0])


def _denied(axis: Axis, value: int) -> int:
    """Return what is left when a claim is denied: what is not reduced is unchanged, what is not safe is unsafe."""
    if axis == "moves":
        return 0
    return 0 if axis == "judges" and value < 0 else -value


def _denials(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    spared = [found.span() for found in _NO_DENIAL.finditer(text, start, end)]
    for found in DENIES.finditer(text, start, end):
        if not any(a <= found.start() < b for a, b in spared):
            yield found.span()


def _wording(text: str, word: Word, denied: tuple[int, int] | None) -> str:
    return text[denied[0] if denied else word.start : word.end]


def other_circumstances(one: str, other: str) -> bool:
    """Tell whether two sentences name different times, doses, ages, groups or settings, so that both can hold."""
    if _other_setting(_setting(one), _setting(other)):
        return True
    here, there = _circumstances(one), _circumstances(other)
    if any(here[kind].isdisjoint(there[kind]) for kind in here.keys() & there.keys()):
        return True
    return any(a and b and a.isdisjoint(b) for a, b in zip(_groups(one), _groups(other), strict=True))


@dataclass(frozen=True, slots=True)
class Setting:
    """Where or when a sentence holds: the content stems of that, and whether there is little of it (-1) or much (1)."""

    about: frozenset[str]
    degree: int


@lru_cache(maxsize=8192)
def _setting(text: str) -> Setting | None:
    """Return the setting that a sentence names ("where resistance is high"), None when it names none."""
    found = _SETTING.search(text)
    if not found:
        return None
    wording = found.group()
    degree = -1 if _LITTLE.search(wording) else 1 if _MUCH.search(wording) else 0
    return Setting(frozenset(word.forms[0] for word in words(wording) if is_content(word)), degree)


def _other_setting(one: Setting | None, other: Setting | None) -> bool:
    if one is None or other is None:
        limited = one or other
        return limited is not None and limited.degree != 0
    return one.degree * other.degree < 0 or one.about.isdisjoint(other.about)


@lru_cache(maxsize=8192)
def _circumstances(text: str) -> dict[str, frozenset[float]]:
    """Return the times (in days), doses and bounds that a text names."""
    found: dict[str, set[float]] = {}
    for match in _CIRCUMSTANCE.finditer(text):
        number, unit, bound = match.groups()
        if bound:
            found.setdefault("bound", set()).add(float(bound))
            continue
        value = NUMBER_WORDS.get(number.casefold()) or float(number.replace(",", ""))
        days = DAYS.get(unit.casefold().rstrip("s"))
        found.setdefault("dose" if days is None else "time", set()).add(round(value * (days or LARGE.get(unit, 1)), 2))
    return {kind: frozenset(values) for kind, values in found.items()}


@lru_cache(maxsize=8192)
def _groups(text: str) -> tuple[frozenset[int], ...]:
    """Return for each dimension the groups that a text names."""
    forms = {form for word in words(text) for form in word.forms}
    return tuple(frozenset(at for at, group in enumerate(groups) if group & forms) for groups in _GROUPS)


def certainty(text: str) -> Certainty:
    """Return how sure a sentence is, by its words: "may" is hedged, "demonstrated" firm."""
    if _HEDGES.search(text):
        return "hedged"
    return "firm" if _FIRM.search(text) else "plain"
