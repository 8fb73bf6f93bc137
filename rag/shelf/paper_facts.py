"""What a paper states of itself beyond its citation: design, participants, registration, places, funding.

Each fact with its span, read by the form of the words, on any paper. What is not stated is not there: none is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rag.lexicon import is_content, open_thesaurus
from rag.text import NUMERALS, Word, sentence_spans, stem, stems, words
from rag.types import Review, Section, Span

# What of a paper is loaded.
Loaded = Literal["full text", "abstract", "note", "record"]

_DEALT = r"(?:assigned|allocated|divided|distributed|enrolled (?:in)?to)"
_BY_CHANCE = rf"randomly(?: \w+){{0,2}} {_DEALT}|{_DEALT}[^.;]{{0,60}} randomly"
# The designs of studies and kinds of papers by their usual names, the most telling first, and what each is a kind of.
_DESIGNS: tuple[tuple[str, str, str], ...] = (
    ("meta-analysis", "review", r"(?:network )?meta-?analys[ei]s"),
    ("systematic review", "review", r"systematic(?:ally)? review(?:s|ed)?|scoping review|umbrella review"),
    ("protocol", "", r"(?:study|trial|review|research) protocols?|protocol (?:for|of) an?"),
    ("qualitative study", "", r"qualitative (?:study|research|interviews?|exploration)|focus groups?|interview study"),
    ("cluster randomised trial", "trial", r"cluster[- ]randomi[sz](?:ed|ation)"),
    ("crossover trial", "trial", r"cross-?over"),
    (
        "randomised trial",
        "trial",
        rf"randomi[sz]ed|{_BY_CHANCE}|RCT|randomi[sz]ation",
    ),
    ("trial", "trial", r"(?:clinical|controlled|open-label|phase [1-4I]+\w?) (?:trial|study)"),
    ("case-control study", "observational study", r"case[-–— ]control(?:led)?"),
    ("cohort study", "observational study", r"cohort(?: study)?|follow-up study|registry study"),
    ("cross-sectional study", "observational study", r"cross-sectional|survey"),
    ("case report", "observational study", r"case (?:reports?|series)"),
    ("retrospective study", "observational study", r"retrospective(?:ly)?(?: study| analysis)?"),
    ("observational study", "observational study", r"observational(?: study)?"),
    ("guideline", "", r"guidelines?|consensus statement"),
    ("editorial", "", r"editorial|commentary"),
    ("letter", "", r"letter|comment"),
    ("correction", "", r"(?:published )?erratum|corrigendum|(?:author |publisher )?correction|addendum"),
    ("retraction notice", "", r"retraction(?: of publication| notice)?"),
    ("animal study", "", r"animal (?:stud(?:y|ies)|experiments?)"),
    ("review", "review", r"(?:narrative |literature |state-of-the-art |mini[- ]?)?review"),
)
# A title may be on guidelines; a paper's own sentences name what it is not.
_GENERAL = ("trial", "randomised trial", "observational study", "review")
_NOTICES = ("correction", "retraction notice")
_LITTLE_TELLING = ("trial", "guideline", "editorial", "letter", "animal study", *_NOTICES)
_NOT_OF_OWN = ("protocol", *_NOTICES, "editorial", "letter", "guideline", "review", "animal study")
# So many times as many words for animals as for persons tell on whom a study is.
_OFTEN = 2
_NO_STUDY = ("protocol", "guideline", "editorial", "letter", *_NOTICES)
GROUP = {name: group for name, group, _ in _DESIGNS}
DESIGNS = tuple(sorted({*GROUP, *filter(None, GROUP.values())}))
_BY_NAME = {name: re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for name, _, pattern in _DESIGNS}
_TIMES = {"hundred": 100, "thousand": 1_000}
# Who may take part, beside what the vocabularies know as persons and animals.
_WHO = frozenset(map(stem, "participant subject people individual case eye couple household resident".split()))
_NUMERAL = "|".join(sorted(NUMERALS, key=len, reverse=True))
# "forty", "seventy-eight", "two hundred", "one hundred and forty-five"
_SPOKEN = (
    rf"(?:{_NUMERAL}|an?(?= hundred| thousand))"
    rf"(?:(?:[- ]|(?:(?<=hundred)|(?<=thousand)) and )(?:{_NUMERAL}|hundred|thousand)\b)*"
)
_NUMBER = rf"(?P<n>\d{{1,3}}(?:[ ,\u2009\u202f]\d{{3}})+|\d{{1,7}}|{_SPOKEN})"
_COUNTED = (
    re.compile(
        rf"(?<![\w.,/–-])(?<!\d )(?<!% )(?<!hundred )(?<!hundred and ){_NUMBER}(?P<who>(?: [\w’'/-]+){{1,5}})",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?P<who>\w+) [(\[]n\s*=\s*(?P<n>\d{1,3}(?:[ ,]\d{3})+|\d{2,7})(?=\s*[),;\]])", re.IGNORECASE),
)
# What says that people entered a study; a number of people beside it is of all who did.
_ENTERED = re.compile(
    r"\b(?:randomi[sz]ed|randomly|enrol\w+|recruit\w+|included|allocated|assigned|participat\w+|took part|entered"
    r"|agreed|involv\w+|followed|studied|underwent|sample|total|cohort|trial|study was"
    r"|(?:study|series|analysis) (?:of|in)|(?-i:Among|Of)(?: the| all)? \d[\d,]*)\b",
    re.IGNORECASE,
)
# "208 individual sequences" are no individuals.
_PLURAL = ("s", "people", "men", "children", "offspring", "mice", "sheep", "fish", "cattle")
_REGISTRATION = re.compile(
    r"\bNCT\s?\d{8}\b|\bISRCTN\s?\d{6,8}\b|\bACTRN\s?\d{14,15}\b|\bChiCTR[-\w]{6,20}\b|\bCTRI/\d{4}/\d{2}/\d+\b"
    r"|\bUMIN\s?\d{9}\b|\b(?:EudraCT|EUCTR)\D{0,12}\d{4}-\d{6}-\d{2}\b|\bNTR\s?\d{3,5}\b|\bDRKS\d{8}\b|\bIRCT\w{10,20}\b"
    r"|\bCRD\s?\d{8,12}\b|\bjRCT\w?\d{6,12}\b|\bKCT\d{7}\b|\bRBR-\w{6}\b|\bPACTR\d{12,18}\b|\bTCTR\d{11}\b"
)
_ON_PARTICIPANTS = re.compile(
    r"method|participa|subjects|patients|population|sample|recruit|enrol|cohort|results", re.IGNORECASE
)
_NOT_TAKING_PART = re.compile(
    r"exclu|required|would require|needed|\bpower\b|calculat|estimat|declin|withdr|drop|\blost\b|not available|minimum"
    r"|per group|screen|invit|approached|offered",
    re.IGNORECASE,
)
_ON_FINDINGS = re.compile(r"result|finding|conclusion", re.IGNORECASE)
_A_PART = re.compile(
    r"[^.;:(]{0,60}?(?:\(\d[\d.]*\s?%(?! (?:fe)?male)|\bacted as|\bdiscontinued|\bstopped|\bdied)"
    r"|(?: [\w’'-]+){1,3} had\b|[^.;:()]{0,30}?(?:\beach\b|\bper\b|\bboth\b)"
    r"|(?: (?!were\b|was\b)[\w’'-]+){1,6}(?<!between \d)(?<!between \d\d) (?:and|&) \d+\b"
)
_OF_EACH = re.compile(
    r"\b(?:each|per) (?:\w+ ){0,2}$|\b(?:group|arm)s? (?:\w+ ){0,2}[(\[]?$|\bof (?:which|whom) $"
    r"|\b(?:than|least|most|under|over|up to|between \d[\d,]* and) $|\bsub(?:set|group) of (?:\w+ )?[(\[]?$"
    # "16 men and | 4 women"
    r"|\b\d+ (?:[\w’'-]+ ){1,3}(?:and|&) $"
    # Who did something to those that took part: "supervised by two physiotherapists".
    r"|\bby (?:\w+ )?$"
)
# "Among 18,520 participants (96% male), 708 …": all of them.
_OF_ALL = re.compile(r"\b(?:of|among) (?:the |a total of |all )?$", re.IGNORECASE)
# "Of 2,182 people with fever, 536 were enrolled."
_OF_THEM_ENTERED = re.compile(
    rf"\b(?:Of|Out of|From|Among) [^;]{{0,120}}?(?:,|\)) {_NUMBER} (?:[\w-]+ )?(?:were|was) "
    r"(?:\w+ly )?(?:enrol|randomi|includ|recruit|allocat|assign|analy|stud|evaluat)",
    re.IGNORECASE,
)
# "371 cases and 327 controls", "41 patients with fibrosis, 47 with asthma, and 86 with neither": all took part.
_N = r"(?<![\w.,/–-])(?<!\d )\d[\d,]*"
_TOGETHER = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_N}(?: \([^()]*\))?(?: [a-z’'-]+){{1,6}},? and (?:in )?{_N}(?: [a-z’'-]+){{0,3}} (?:controls?|non\S+)\b",
        rf"{_N} [a-z-]+ with [^.;\d]{{2,60}}(?:, (?:and )?{_N} with [^.;\d,]{{2,60}})+",
    )
)
# "To education (102 patients) or control (109 patients)": the groups of one study, of which each tells its part.
_GROUPS = re.compile(
    rf"\((?:[^()]* )?(?<!and )(?P<one>{_N})(?P<who> [a-z]+)\b[^()\d]*\)[^.;()]{{1,80}}"
    rf"\((?:[^()]* )?(?<!and )(?P<other>{_N})(?P=who)\b",
    re.IGNORECASE,
)
# A paper tells of another's study by the names of its authors, or as of one before it.
_OF_OTHERS = re.compile(
    r"\bet al\b|\b(?:another|earlier|previous|prior) (?:\w+ )?(?:study|trial) (?:in|of|on|with)\b", re.IGNORECASE
)
# Of no more characters a text without an abstract is one: that of a talk.
_LONGEST_ABSTRACT = 4_000
_ONE_CASE = re.compile(
    r"\b(?:a|an|one|our)\s(?:[\w-]+\s){0,3}?(?:case|patient|man|woman|boy|girl|\d+-year-old)\b", re.IGNORECASE
)
_ON_DESIGN = re.compile(r"method|regist|design|ethic", re.IGNORECASE)
_ON_FUNDING = re.compile(r"(?:abstract: )?(?:funding|financial support|grant)", re.IGNORECASE)
_FUNDED = re.compile(
    r"\b(?:fund(?:ed|ing)|financ(?:ed|ial(?! (?:conflicts?|interests?)))|supported by|grants?)\b", re.IGNORECASE
)
_STUDY_FUNDED = re.compile(
    r"\b(?:study|trial|work|research|project|survey)\b[^.;]{0,40}\b(?:funded|financed|sponsored|supported) by\b",
    re.IGNORECASE,
)
# Countries that addresses abbreviate.
COUNTRIES = {"UK": "United Kingdom", "U.K.": "United Kingdom", "USA": "United States", "US": "United States"} | {
    "U.S.A.": "United States",
    "U.S.": "United States",
}
ABBREVIATED = re.compile(r"(?<![\w.])(?:UK|U\.K\.|USA?|U\.S\.(?:A\.)?)(?!\w)")
_CONTINENTS = tuple((name,) for name in stems("Africa America Asia Europe Oceania Antarctica"))
# "Twenty\N{HYPHEN}nine", "cross\N{NON-BREAKING HYPHEN}over"
_HYPHENS = str.maketrans("\N{HYPHEN}\N{NON-BREAKING HYPHEN}", "--")
_LINE, _NUMBERED = re.compile(r"[^\n]+"), re.compile(r"(?:\d+|[a-z*†‡§]|[A-Z]|[IVX]+)[\s.,)]+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact as a paper states it: its value, and the span it was read from, None where a record has it in a field."""

    value: str
    span: Span | None


# Of 121 abstracts of trials and studies 114 have this share of sentences on what was done and found; of 17 reviews 4.
REPORTS = 0.45


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """What a paper states of itself; () or None where it does not. It `reports` what it did and found itself."""

    loaded: Loaded
    designs: tuple[Fact, ...] = ()
    participants: Fact | None = None
    registrations: tuple[Fact, ...] = ()
    places: tuple[Fact, ...] = ()
    funding: Fact | None = None
    reports: bool = False

    @property
    def kind(self) -> Literal["trial", "study", "review", ""]:
        """What a paper is by its designs; "" where it states none, or is about another paper, as a notice is."""
        names = {fact.value for fact in self.designs}
        groups = {GROUP[name] for name in names}
        if "review" in groups:
            return "review"
        if names.intersection(_NO_STUDY):
            return ""
        return "trial" if "trial" in groups else "study" if groups else ""

    @property
    def is_study(self) -> bool:
        """Tell what found something itself, by its design or what it reports, from what reviews or announces it."""
        return self.kind in ("trial", "study") or (self.reports and not self.designs)


def most_telling(designs: Sequence[Fact]) -> list[Fact]:
    """Return the designs without those that another of them is a kind of: a randomised trial is a trial."""
    groups = {GROUP[fact.value] for fact in designs if GROUP[fact.value] != fact.value}
    return [fact for fact in designs if fact.value not in groups]


def paper_facts(review: Review, is_own: Callable[[Span], bool]) -> PaperFacts:
    """Return what a paper states of itself. `is_own` tells the sentences on what it did and found from the others."""
    own = [span for span in _prose(review) if is_own(span)]
    typed = replace(review, text=review.text.translate(_HYPHENS))
    designs = tuple(_designs(typed, own))
    return PaperFacts(
        _loaded(review),
        designs,
        _who_took_part(typed, own, {fact.value for fact in designs}),
        tuple(_registrations(typed)),
        tuple(_places(review)),
        _funding(review),
        _reports(review, own),
    )


def _reports(review: Review, own: Sequence[Span]) -> bool:
    """Tell a study by the share of its own sentences in its abstract, or in all; none where roles are unknown."""
    abstract = [s for s in review.sections if s.kind == "abstract"]
    told = [span for span in _prose(review) if not abstract or any(s.start <= span[0] < s.end for s in abstract)]
    return REPORTS * len(told) <= len({*own}.intersection(told)) < len(told)


def _loaded(review: Review) -> Loaded:
    kinds = {(section.kind, section.provenance) for section in review.sections}
    if ("body", "authors") in kinds:
        return "full text"
    if any(kind == "abstract" for kind, _ in kinds):
        return "abstract"
    return "note" if any(whose != "authors" and kind == "summary" for kind, whose in kinds) else "record"


def _prose(review: Review) -> list[Span]:
    """Return the sentences of the abstract, or else those of the text up to its first thousands of characters."""
    abstract = [s for s in review.sections if s.kind == "abstract"]
    body = [s for s in review.sections if s.kind == "body" and s.provenance == "authors"]
    return [span for s in [*abstract, *body] for span in sentence_spans(review.text, s.start, s.end)]


def _designs(review: Review, own: list[Span]) -> Iterator[Fact]:
    """Yield the designs: those that the record names, or else the title, or else the paper's own sentences."""
    stated = " ; ".join(review.types)
    kinds = {kind.casefold() for kind in review.types}
    of_record = [name for name, pattern in _BY_NAME.items() if name in kinds or pattern.search(stated)]
    yield from (Fact(name, None) for name in of_record)
    # "Clinical Trial" and "Review" leave open which, a protocol of what.
    if not {*of_record} <= {*_GENERAL, "protocol"}:
        return
    title = next((s for s in review.sections if s.heading == "Title"), None)
    if on_animals := _on_animals(review, own):
        yield on_animals
    of_title = [name for name in _BY_NAME if title and name not in _NOTICES]
    found = [(name, match) for name in of_title if title and (match := _in(review, name, title.start, title.end))]
    if all(name in _LITTLE_TELLING for name, _ in found):
        of_own = [(name, match) for name in _BY_NAME if (match := _in_own(review, name, own))]
        of_own = [pair for pair in of_own if pair[0] not in ("trial" if found else "", *_NOT_OF_OWN)]
        found = [pair for pair in found if pair[0] == "trial" or not of_own] + of_own
    elif "trial" in {GROUP[name] for name, _ in found}:
        named = {"trial", *(name for name, _ in found)}
        closer = [name for name in _BY_NAME if name not in named and GROUP[name] == "trial"]
        found += [(name, match) for name in closer if (match := _in_own(review, name, own))]
    groups = {GROUP[name] for name, _ in found}
    # A review of trials is no trial, and what is randomised is no cohort.
    groups |= {GROUP[name] for name in of_record}
    # Interviews with those who took part in a trial are none.
    if "qualitative study" in {name for name, _ in found}:
        groups, found = set(), [pair for pair in found if not GROUP[pair[0]]]
    leading = next((group for group in ("review", "trial") if group in groups), None)
    for name, match in found:
        if name not in of_record and (not leading or GROUP[name] in (leading, "")):
            yield Fact(name, match.span())


def _on_animals(review: Review, own: Sequence[Span]) -> Fact | None:
    """Return that a study is on animals: by its index terms, or by whom its title and abstract speak of most.

    What reports nothing of its own may be on animals and is no study: a review of mosquitoes.
    """
    if review.mesh:
        return Fact("animal study", None) if "Animals" in review.mesh and "Humans" not in review.mesh else None
    if not _reports(review, own):
        return None
    sections = [s for s in review.sections if s.heading == "Title" or s.kind == "abstract"]
    thesaurus, met = open_thesaurus(), dict[str, list[Span]]({"person": [], "animal": []})
    for word in (word for s in sections for word in words(review.text, s.start, s.end)):
        if (entry := thesaurus.entry(word.forms[:1])) and entry.kind in met:
            met[entry.kind].append((word.start, word.end))
    often = len(met["animal"]) > _OFTEN * max(len(met["person"]), 1)
    return Fact("animal study", met["animal"][0]) if often else None


def _in(review: Review, name: str, start: int, end: int) -> re.Match[str] | None:
    return _BY_NAME[name].search(review.text, start, end)


def _in_own(review: Review, name: str, own: list[Span]) -> re.Match[str] | None:
    abstract = [s for s in review.sections if s.kind == "abstract"]
    within = [span for span in own if not abstract or any(s.start <= span[0] < s.end for s in abstract)]
    return next((match for span in within if (match := _in(review, name, *span))), None)


def _participants(review: Review, own: list[Span]) -> Fact | None:
    """Return how many took part: the first number of people that the paper's own sentences say entered it.

    The abstract tells it first, else the part on who took part, where other numbers stand beside it.
    """
    of_abstract = [s for s in review.sections if s.kind == "abstract"]
    if not of_abstract and review.wording <= _LONGEST_ABSTRACT:
        of_abstract = [s for s in review.sections if s.kind == "body"]
    taking_part = [s for s in review.sections if s.kind == "body" and _ON_PARTICIPANTS.search(s.heading)]
    abstract = [span for s in of_abstract for span in sentence_spans(review.text, s.start, s.end)]
    own_body = [span for span in own if any(s.start <= span[0] < s.end for s in taking_part)]
    labelled = [s for s in of_abstract if _ON_PARTICIPANTS.search(s.heading)]
    own_abstract = [span for span in abstract if span in own or any(s.start <= span[0] < s.end for s in labelled)]
    found = {
        span for s in of_abstract if _ON_FINDINGS.search(s.heading) for span in abstract if s.start <= span[0] < s.end
    }
    # Whoever says that they entered a study is its own; of other numbers of people only those beside methods are.
    methods = [span for span in own_abstract if span not in found]
    for spans, entered in ((own_abstract, True), (abstract, True), (methods, False), (own_body, True)):
        telling = [span for span in spans if not _NOT_TAKING_PART.search(review.text, *span)]
        telling = [span for span in telling if not _OF_OTHERS.search(review.text, *span)]
        telling = [span for span in telling if not entered or _ENTERED.search(review.text, *span)]
        told = [[*_counts_in(review.text, span)] for span in telling]
        counted = [fact for facts in told if entered or _has_all(facts) for fact in facts]
        if counted:
            # A body also counts who was asked for a part: all are the most of those.
            first = entered and spans is not own_body
            return counted[0] if first else max(counted, key=lambda fact: int(fact.value))
    return None


def _who_took_part(review: Review, own: list[Span], designs: set[str]) -> Fact | None:
    """Return how many took part; in none of its own, where a paper tells of others' studies and adds nothing up."""
    if "case report" in designs:
        return _one_case(review)
    reviews = {name for name in designs if GROUP[name] == "review"}
    return None if reviews == {"review"} else _participants(review, own)


def _one_case(review: Review) -> Fact | None:
    """Return that a report of a case is on one person, where its title or abstract says so."""
    sections = [s for s in review.sections if s.heading == "Title" or s.kind == "abstract"]
    found = next((match for s in sections if (match := _ONE_CASE.search(review.text, s.start, s.end))), None)
    return Fact("1", found.span()) if found else None


def _counts_in(text: str, span: Span) -> Iterator[Fact]:
    """Yield how many people a sentence says took part, what it says most surely first."""
    if entered := _OF_THEM_ENTERED.search(text, *span):
        yield Fact(f"{_count(entered['n'])}", entered.span("n"))
    groups = _GROUPS.search(text, *span)
    if groups and all(map(_may_take_part, words(text, *groups.span("who")))):
        yield Fact(f"{sum(_count(groups[name]) or 0 for name in ('one', 'other'))}", groups.span())
    for together in (found for pattern in _TOGETHER if (found := pattern.search(text, *span))):
        yield Fact(f"{sum(_count(number) or 0 for number in re.findall(_N, together.group()))}", together.span())
    for match in _numbers_in(text, span):
        if (count := _count(match["n"])) and count > 1 and _are_people(match):
            yield Fact(f"{count}", match.span("n"))


def _has_all(counts: Sequence[Fact]) -> bool:
    """Tell whether the largest of some numbers may be of all: it is no less than the others together."""
    numbers = [int(fact.value) for fact in counts]
    return bool(numbers) and 2 * max(numbers) >= sum(numbers)


def _numbers_in(text: str, span: Span) -> list[re.Match[str]]:
    """Return the numbers in a sentence that may be of people, in their order."""
    found = (match for pattern in _COUNTED for match in pattern.finditer(text, *span))
    return sorted(found, key=lambda match: match.start("n"))


def _are_people(match: re.Match[str]) -> bool:
    """Tell whether what is counted are those that may take part: the words up to the next small one name such.

    Those of one group of several, and a share of others, are not all.
    """
    before = match.string[max(match.start("n") - 40, 0) : match.start("n")]
    a_part = _A_PART.match(match.string, match.end("n")) and not _OF_ALL.search(before)
    if a_part or _OF_EACH.search(before):
        return False
    before_it = ""
    for at, word in enumerate(words(match.string, *_up_to_a_stop(match))):
        # "2,249 included patients", "194 overweight and obese employees"
        joins = at and word.text in ("and", "or") and not before_it.endswith("s")
        before_it = word.text
        if not is_content(word) and word.forms[0] not in _WHO and not joins and (at or not word.text.endswith("ed")):
            return False
        if _may_take_part(word):
            return True
    return False


def _may_take_part(word: Word) -> bool:
    entry = open_thesaurus().entry(word.forms[:1])
    is_one = word.forms[0] in _WHO or (entry is not None and entry.kind in ("person", "animal"))
    return is_one and word.text.casefold().endswith(_PLURAL)


def _up_to_a_stop(match: re.Match[str]) -> Span:
    """Return the words that may name what is counted: a few beyond those that matched."""
    start = match.start("who")
    stop = re.compile(r"[.,;:()]").search(match.string, start)
    return start, min(start + 80, stop.start() if stop else len(match.string))


def _count(words_of_number: str) -> int | None:
    """Return the number that figures or words name.

    >>> _count("1,120"), _count("Seventy-eight"), _count("one hundred and five"), _count("of")
    (1120, 78, 105, None)
    """
    bare = re.sub(r"[\s,\u2009\u202f]", "", words_of_number)
    if bare.isdigit():
        return int(bare)
    total = 0
    for part in re.split(r"[- ]+", words_of_number.casefold()):
        if times := _TIMES.get(part):
            total = (total or 1) * times
        elif part in NUMERALS:
            total += NUMERALS[part]
        elif part not in ("and", "a", "an"):
            return None
    return total or None


def _registrations(review: Review) -> Iterator[Fact]:
    """Yield the numbers in registers of trials and reviews: those of the abstract, else of the part on methods."""
    seen: set[str] = set()
    for section in _on_itself(review):
        for match in _REGISTRATION.finditer(review.text, section.start, section.end):
            value = re.sub(r"\s+", "", match.group())
            if value not in seen:
                seen.add(value)
                yield Fact(value, match.span())


def _on_itself(review: Review) -> list[Section]:
    """Return the sections in which a number is the paper's own: not its references, nor a text that names many."""
    first = [s for s in review.sections if s.kind in {"abstract", "bibliographic"}]
    own = [s for s in review.sections if s.kind == "body" and _ON_DESIGN.search(s.heading)]
    numbers = [s for s in first if _REGISTRATION.search(review.text, s.start, s.end)]
    return numbers or own


def _places(review: Review) -> Iterator[Fact]:
    """Yield the countries and other places of the authors' addresses, each once."""
    thesaurus, seen = open_thesaurus(), set[str]()
    for start, end in _addresses(review):
        found = words(review.text, start, end)
        for run in thesaurus.longest([word.forms[0] for word in found]):
            forms = tuple(word.forms[0] for word in found[run])
            span = found[run][0].start, found[run][-1].end
            name = review.text[slice(*span)]
            on_earth = any(forms == one or thesaurus.is_kind_of(forms, one) for one in _CONTINENTS)
            if on_earth and name[0].isupper() and name.casefold() not in seen:
                seen.add(name.casefold())
                yield Fact(name, span)
        for match in ABBREVIATED.finditer(review.text, start, end):
            if (name := COUNTRIES[match.group()]).casefold() not in seen:
                seen.add(name.casefold())
                yield Fact(name, match.span())


def _addresses(review: Review) -> list[Span]:
    """Return the lines with the authors' addresses; beside numbered ones one without a number is the editor's."""
    headed = [s for s in review.sections if s.heading.casefold().startswith("affiliation")]
    headed = headed or [s for s in review.sections if s.heading == "Authors"]
    lines = [match.span() for s in headed for match in _LINE.finditer(review.text, s.start, s.end)]
    numbered = [span for span in lines if _NUMBERED.match(review.text, *span)]
    return numbered if len(numbered) > 1 else lines


def _funding(review: Review) -> Fact | None:
    """Return the statement on funding: the part that is headed so, else the sentence that thanks or declares it."""
    if section := next((s for s in review.sections if _ON_FUNDING.match(s.heading)), None):
        return Fact(review.text[section.start : section.end], (section.start, section.end))
    thanks = [s for s in review.sections if s.heading.casefold().startswith("acknowledg")]
    beside = [s for s in review.sections if s.kind in ("bibliographic", "competing interests")]
    for sections, says in ((beside, _STUDY_FUNDED), (thanks, _FUNDED)):
        said = (span for s in sections for span in sentence_spans(review.text, s.start, s.end))
        if span := next((span for span in said if says.search(review.text, *span)), None):
            return Fact(review.text[slice(*span)], span)
    # PubMed's records: "Research Support, N.I.H., Extramural".
    supported = [name for name in review.types if name.startswith("Research Support")]
    return Fact("; ".join(supported), None) if supported else None
