"""What a question asks for: its content terms, facts of publication, a comparison, and the reviews that it names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rag.lexicon import is_content
from rag.questions.publication_facts import ASKING_FRAME, asked_fields
from rag.shelf import REVIEW_NOUN, Alike, named_reviews
from rag.text import Word, compound_parts, sentence_spans, stem, words
from rag.types import Question, Review, Span, Term

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


def _term(word: Word, text: str, asked: Span) -> Term:
    parts, aside = compound_parts(word.text), not _inside(word.start, [asked])
    return Term(word.text, word.start, word.end, word.forms, parts, _is_name(word, text), aside)


def _is_name(word: Word, text: str) -> bool:
    """Tell a gene, trial, drug, person or number from an ordinary word by how it is written."""
    if any(c.isdigit() for c in word.forms[0]) or any(c.isupper() for c in word.text[1:]):
        return not text.isupper()
    title_case = sum(w[0].isupper() for w in text.split()) > len(text.split()) / 2
    return word.text[0].isupper() and word.start > 0 and not title_case
