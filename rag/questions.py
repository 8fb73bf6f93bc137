"""What a question asks for: its content terms, facts of publication, a comparison, and the reviews that it names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rag.bibliography import ASKING_FRAME, asked_fields
from rag.naming import REVIEW_NOUN, Alike, named_reviews
from rag.sentences import sentence_spans
from rag.terms import Word, compound_parts, stem, words
from rag.types import Review, Span

# Words of grammar: never content.
STOP_WORDS = frozenset(
    "a about above across actually after again against all almost along already also although always am among an and "
    "another "
    "any are around as at be became because been before being below between both but by can cannot could did do does "
    "doing done "
    "down due during each either else enough even ever every few for from further had has have having he her here "
    "him his how "
    "however i if in instead into is it its itself just let like many may me might mine more most much must my near "
    "neither no "
    "nor not now of off often on once one ones only onto or other others our out over own per perhaps please quite "
    "rather really "
    "s same shall she should since so some somehow something still such t than that the their them themselves then "
    "there these "
    "they this those though through thus to together too toward towards two under until up upon us very via was we "
    "were what "
    "whatever when where whereas whether which while who whom whose why will with within without would yet you your "
    "versus vs "
    "hi hello hey thx thanks lol please dont doesnt didnt isnt arent cant wont thats whats theres im ive".split()
)
# Words about asking, reading and reviewing, and verbs too general for a question to turn on.
_FRAME = (
    "according account actually affect afford allow answer appear apply article aspect attempt aware base basis "
    "become begin "
    "believe bring broad case cause chance claim come conclude conclusion consider contain content cover current "
    "currently deal declare "
    "describe description detail discuss discussion document effect elaborate enable evidence exact exactly example "
    "exist expect "
    "explain explanation explore fact feature field find finding first focus form forward full complete gain general "
    "generally get give given go going good "
    "great happen have help highlight hold hope idea identify important importance include indicate info information "
    "interest "
    "interesting involve issue keep key kind know lately learn level list literature look main mainly major make "
    "matter mean "
    "mention name namely need new note number obtain offer outline overall overview page paper part particular "
    "people "
    "perspective piece place play point possible present previous problem provide publication publish put question "
    "reach read "
    "reason recent recently regard relate relation relevant remark report represent require research researcher "
    "result review role "
    "say scientist carry section see seem sense serve set show sort source speak specific stand start state story "
    "study subject suggest "
    "judge comment admit acknowledge propose evaluate portray depict characterise characterize address argue assert "
    "sum summary summarise summarize take talk tell text thing think thought time today topic treat true try turn "
    "type understand "
    "use useful usually view want way well whole wonder word work world write "
    "author authors abstract available briefly quickly please thanks exactly online officially"
)
FRAME_WORDS = frozenset(stem(word) for word in _FRAME.split()) | frozenset(
    stem(word)
    for word in "begun came found gave gone got kept known led made meant said saw seen shown spoke spoken taken "
    "told took went written wrote done making using".split()
)

# What a question about findings turns on: when it asks for one of these, a quote without it is no answer.
KEY_NOTIONS = frozenset(
    "side cost costs price prices expensive affordable afford reimbursement insurance market sales approval approved "
    "approve license "
    "licensed fda ema regulatory dose doses dosage dosing schedule half-life pharmacokinetics survival mortality "
    "death die "
    "died fatal toxicity toxic safety safe adverse risk incidence prevalence epidemiology median mean hazard odds "
    "confidence sample enrolled enrolment placebo biomarker diagnosis "
    "diagnostic screening vaccine pregnancy pregnant breastfeeding children child pediatric paediatric adolescents "
    "elderly women "
    "men sex gender race ethnicity age mouse mice animal rat primate dog manufacture manufactured manufacturing "
    "production "
    "withdrawn withdrawal recall relapse recurrence hospital admission surgery radiotherapy chemotherapy "
    "transplantation diet "
    "exercise president weather phone".split()
)

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
_WANTS_SHARE = re.compile(r"\b(?:per ?cent(?:age)?|proportion|fraction|share)\b", re.IGNORECASE)
_WANTS_NUMBER = re.compile(r"\bhow (?:many|much|large|big|high|low)\b|\bwhat (?:number|dose|p-?value)\b", re.IGNORECASE)
# Words that are left of a question for the whole of a review: "What does it contribute?"
_OVERVIEW_FRAME = frozenset(
    stem(word)
    for word in "contribute contribution conclude conclusion summary gist aim purpose goal scope message argue "
    "argument "
    "propose proposal takeaway claim thesis main central objective point nutshell sentence focus".split()
)
_OF_A_PAPER = re.compile(rf"\b{REVIEW_NOUN}\b|\bwrote\b|\bwritten\b|\bauthors?\b", re.IGNORECASE)
_ASKS_WHY = re.compile(
    r"\bwhy\b|\bhow come\b|\breasons?\b|\bcauses?\b|\bwhat (?:makes|limits|hinders|prevents|explains)\b", re.IGNORECASE
)
_OVERVIEW = re.compile(
    r"\bsummar(?:y|ise|ize|ies)\b|\boverview\b|\bgist\b|\btl;?dr\b|\bmain (?:point|message|conclusion|finding|idea"
    r"|claim|topic|argument)s?\b|\bkey (?:point|finding|message|takeaway|conclusion)s?\b"
    r"|\btake-?(?:away|home)\b|\babout\W*$|\bwhat (?:is|are|does|do) .{0,80}\b(?:about|discuss|cover|argue"
    r"|contribute|conclude|deal with|report|say|examine|address|explore)\W*$"
    r"|\b(?:aim|purpose|scope|goal|contribution|objective)s? of (?:the|this|that|each)\b|\bin (?:a|one) (?:nutshell"
    r"|sentence)\b",
    re.IGNORECASE,
)


# "Effect" alone is a word of every question.
_SIDE_EFFECTS = re.compile(r"\b(?:side|adverse)[- ]effects?\b", re.IGNORECASE)
MAX_QUESTION_CHARS = 2000
# Control, format (zero-width, bidirectional), private and unassigned characters.
_INVISIBLE = ("Cc", "Cf", "Co", "Cs", "Cn")


# A quantity that a quote must hold to answer: a percentage or fraction, or any number.
Wants = Literal["share", "number"]


@dataclass(frozen=True, slots=True)
class Term:
    """A content word of a question. A `name` (gene, trial, drug, number) must stand in a quote as it is.

    A word `aside` stands in a sentence that leads up to the question; it steers the search and decides nothing.
    """

    text: str
    start: int
    end: int
    forms: tuple[str, ...]
    parts: tuple[str, ...]
    name: bool
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart.

    `fields` are the facts of publication that its wording asks for, `rest` the terms that are not part of that
    wording, `of_a_paper` whether it speaks of a paper or its authors at all; `reviews` are the ids of the reviews that
    it names, () when it names none, `absent` authors that it names and whose reviews are not there.
    """

    text: str
    terms: tuple[Term, ...]
    fields: tuple[str, ...]
    rest: tuple[Term, ...]
    compares: bool
    overview: bool
    wants: Wants | None
    asks_why: bool
    of_a_paper: bool
    reviews: tuple[str, ...]
    absent: tuple[str, ...] = ()


def clean(text: str) -> str:
    """Return a question in NFC on one line, without control, zero-width and direction characters."""
    flat = re.sub(r"\s+", " ", text)
    visible = "".join(c for c in flat if unicodedata.category(c) not in _INVISIBLE)
    return re.sub(r" +", " ", unicodedata.normalize("NFC", visible)).strip()


def compares(text: str) -> bool:
    """Tell by its wording a question across reviews."""
    return _COMPARES.search(text) is not None


def parse(text: str, reviews: Sequence[Review], alike: Alike | None = None) -> Question:
    """Take a clean question apart against the reviews that may be asked; see `named_reviews` for `alike`."""
    named = named_reviews(text, reviews, alike)
    fields, asking = asked_fields(text, named.spans)
    across = compares(text) or len(named.review_ids) + len(named.absent) > 1
    terms = content_terms(text, named.spans)
    if across:
        terms = tuple(term for term in terms if term.forms[0] not in COMPARE_FRAME)
    if all(term.forms[0] in _OVERVIEW_FRAME for term in terms):
        terms = ()
    return Question(
        text=text,
        terms=terms,
        fields=fields,
        rest=tuple(t for t in terms if not _inside(t.start, asking) and t.forms[0] not in ASKING_FRAME),
        compares=across,
        overview=bool(_OVERVIEW.search(text)),
        wants="share" if _WANTS_SHARE.search(text) else "number" if _WANTS_NUMBER.search(text) else None,
        asks_why=bool(_ASKS_WHY.search(text)),
        of_a_paper=bool(_OF_A_PAPER.search(text)),
        reviews=named.review_ids,
        absent=named.absent,
    )


def content_terms(text: str, leave_out: Iterable[Span] = ()) -> tuple[Term, ...]:
    """Return the words of a question that carry what it is about, in order, each once."""
    skipped = list(leave_out)
    effects = [m.span() for m in _SIDE_EFFECTS.finditer(text)]
    found = [w for w in words(text) if not _inside(w.start, skipped) and (is_content(w) or _inside(w.start, effects))]
    asked = _asking_span(text)
    terms = {
        word.forms[0]: _term(word, text, asked) for word in [*found, *(w for w in found if _inside(w.start, [asked]))]
    }
    return tuple(sorted(terms.values(), key=lambda term: term.start))


def _asking_span(text: str) -> Span:
    """Return the span of the sentences that ask; of the whole text when none, or all, end in a question mark."""
    sentences = sentence_spans(text, 0, len(text))
    asking = [span for span in sentences if text[span[0] : span[1]].endswith("?")]
    return (asking[0][0], asking[-1][1]) if asking and len(sentences) > len(asking) else (0, len(text))


def _inside(at: int, spans: Iterable[Span]) -> bool:
    return any(start <= at < end for start, end in spans)


def is_content(word: Word) -> bool:
    """Tell a word that carries what a text is about from words of grammar, of asking and of reviewing."""
    plain = re.sub(r"['’](?:s|m|re|ve|ll|d)?$", "", word.text.casefold())
    if plain in STOP_WORDS or re.sub(r"['’]", "", plain) in STOP_WORDS:
        return False
    if len(word.text) == 1 and not word.text.isdigit():
        return len(word.forms) > 1
    return (word.text.isupper() and len(word.text) > 2) or word.forms[0] not in FRAME_WORDS


def _term(word: Word, text: str, asked: Span) -> Term:
    parts, aside = compound_parts(word.text), not _inside(word.start, [asked])
    return Term(word.text, word.start, word.end, word.forms, parts, _is_name(word, text), aside)


def _is_name(word: Word, text: str) -> bool:
    """Tell a gene, trial, drug, person or number from an ordinary word by how it is written."""
    if any(c.isdigit() for c in word.forms[0]) or any(c.isupper() for c in word.text[1:]):
        return not text.isupper()
    title_case = sum(w[0].isupper() for w in text.split()) > len(text.split()) / 2
    return word.text[0].isupper() and word.start > 0 and not title_case
