"""Which reviews a question means: by author, title, journal, year, or "the newer one"."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice
from string import ascii_lowercase

from rag.index import title_runs
from rag.lexicon import STOP_WORDS, open_thesaurus
from rag.shelf.catalogue import TITLE_RUN, TOKEN, Catalogue, journal_stumps, surname
from rag.text import MONTHS, Word, fold, meet, stem, words
from rag.types import Review, Span, Status

REVIEW_NOUN = (
    r"(?:review|paper|article|perspective|publication|page|source|stud(?:y|ie)|work|manuscript|text|document"
    r"|report|commentary|survey|guide|guideline|primer|overview|meta-analysis|meta-analyse)s?"
)
_ONE = rf"(?:{REVIEW_NOUN}|one)\b"
_NEWEST = re.compile(
    rf"\b(?:newe[rs]t?|latest|(?:more|most) recent|later)(?: of the (?:two|\w+))? {_ONE}", re.IGNORECASE
)
_OLDEST = re.compile(rf"\b(?:older|oldest|earlier|earliest)(?: of the (?:two|\w+))? {_ONE}", re.IGNORECASE)
_ORDINAL = re.compile(
    rf"\b(first|second|third|fourth|fifth|last) {REVIEW_NOUN}\b(?! (?:to|that|ever|in|of)\b)", re.IGNORECASE
)
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}
_NUMBER_OF_PAPER = re.compile(
    r"\bPMID:?\s*#?\d{1,8}\b|\bPMC\s?\d{3,9}\b|\b10\.\d{4,9}/[^\s?,;]+(?<![.?!])"
    r"|[\w.-]+\.(?:pdf|txt|md|html?|xml|nxml|nbib|ris|docx|bib)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    rf"\b((?:19|20)\d\d)(?='s)?\b(?=\W+(?:\w+\W+){{0,2}}?{_ONE})|\b(?:{REVIEW_NOUN}|one) (?:from|of|published in) "
    rf"((?:19|20)\d\d)\b",
    re.IGNORECASE,
)
# "the melanoma and the sepsis reviews", "the review on pausing the drugs"
_TOPIC_BEFORE = re.compile(
    rf"\bthe ((?:(?!the\b)[\w-]+ ){{1,4}}?)(?:(?:and|or|with) (?:the )?((?:[\w-]+ ){{1,4}}?))?"
    rf"(?:{REVIEW_NOUN}|trials?)\b",
    re.IGNORECASE,
)
_TOPIC_AFTER = re.compile(
    rf"\b(?!\w+s\b){REVIEW_NOUN} (?:on|about|of|into|concerning|dealing with) ((?:[\w/-]+\s?){{1,8}})", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"“”«']([^\"“”«»]{4,300})[\"“”»']")
# What stands between the words of a journal's name and is left out where it is abbreviated.
_IN_NAMES = frozenset(("of", "the", "and", "in"))
Alike = Callable[[str, Sequence[str]], Sequence[float]]
# Cosine of a topic and a title from which the topic may stand for the title; of more titles than this one is near
# to any topic.
SAME_TOPIC, MOST_TITLES = 0.25, 100
_SURNAME = r"[A-ZÀ-ÖØ-Þ][\w-]{0,30}[a-zß-öø-ÿ]"
_ITS_YEAR = re.compile(r"\b((?:19|20)\d\d)([a-z]?)\b")
# "Keller et al. 2021", "Keller 2021", "Keller's review"
_AUTHOR = re.compile(
    rf"\b{_SURNAME}(?:\s+(?:et al\.?|and colleagues)(?:,?\s+\(?(?:19|20)\d\d[a-z]?\)?)?"
    rf"|,?\s+\(?(?:19|20)\d\d[a-z]?\)?(?!\w)|(?=['’]s\s+{REVIEW_NOUN}\b))"
)
_NO_SURNAME = frozenset(
    "in since from by before "
    "after until during between of for around about and or the a an its their spring summer autumn winter early late "
    "version phase stage grade table figure".split()
) | {month.casefold() for month in MONTHS}
_NAME_BEFORE = re.compile(rf"\b({_SURNAME})\s+(?:and|or|versus|vs\.?|with|to)\s+$")
_NAME_AFTER = re.compile(rf"\s+(?:and|or|versus|vs\.?|with|to)\s+({_SURNAME})\b(?!\s+(?:et al|and colleagues))")


@dataclass(frozen=True, slots=True)
class Named:
    """The reviews that a question names, in shelf order, and the spans of the words that name them.

    `absent` are the authors named beside them whose reviews are not there; `by_topic` are those of which it says only
    what they are on: "the melanoma review"; `of_other_years` are mentions of authors of whom only papers of other years
    are there, each with the ids of these.
    """

    review_ids: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    absent: tuple[str, ...] = ()
    by_topic: frozenset[str] = frozenset()
    of_other_years: tuple[tuple[str, tuple[str, ...]], ...] = ()


# What has become of a paper that must stand wherever it is named.
_WITHDRAWN: tuple[Status, ...] = ("retracted", "expression of concern")


def label(review: Review) -> str:
    """Return the short name of a review: "Sioud & Casey 2026", "Uslu et al. 2025", or its title, shortened."""
    who = _authors_or_title(review)
    named = f"{who} {review.year}{review.letter}" if review.year else who
    return f"{named} ({review.status})" if review.status in _WITHDRAWN else named


def _authors_or_title(review: Review) -> str:
    names = [surname(author) for author in review.authors]
    if not names:
        return review.title if len(review.title) <= 48 else review.title[:45].rsplit(" ", 1)[0] + "…"
    if len(names) == 2:
        return " & ".join(names)
    return names[0] + (" et al." if len(names) > 2 or abridged_at(review) else "")


def told_apart(reviews: Mapping[str, Review]) -> dict[str, Review]:
    """Return reviews with a letter for each that has the same label as others: "Inui et al. 2012a", "… 2012b"."""
    alike: dict[tuple[str, int], list[Review]] = {}
    for review in reviews.values():
        if review.year:
            alike.setdefault((_authors_or_title(review), review.year), []).append(review)
    letters = {
        review.id: letter
        for several in alike.values()
        if 1 < len(several) <= len(ascii_lowercase)
        for letter, review in zip(ascii_lowercase, sorted(several, key=lambda r: (r.date or "", r.id)), strict=False)
    }
    # Nearly all stay as they are: to copy fifty thousand takes a second.
    lettered = ((name, review, letters.get(name, "")) for name, review in reviews.items())
    return {name: one if one.letter == letter else replace(one, letter=letter) for name, one, letter in lettered}


def abridged_at(review: Review) -> Span | None:
    """Return where the page names the first author only, "Ugur Uslu et al.", None when it names all."""
    found = len(review.authors) == 1 and re.search(re.escape(review.authors[0]) + r"\s+et\s+al\b", review.text)
    return found.span() if found else None


def named_reviews(text: str, reviews: Sequence[Review], alike: Alike | None = None) -> Named:
    """Return the reviews that a question names, and the words by which it names them.

    `alike` gives the likeness in sense of a phrase to each of several others; with it, "the fasting and the iron
    papers" is understood though no title says "fasting".
    """
    shelf = reviews if isinstance(reviews, Catalogue) else Catalogue(reviews)
    found: dict[str, list[Span]] = {}
    authored: dict[Span, list[Review]] = {}
    for review in shelf.perhaps_named(text):
        for span in _by_author(text, review):
            authored.setdefault(span, []).append(review)
    for review in shelf.perhaps_named(text):
        # Beside authors, the words of a title say what their papers are on; those of a retracted paper may be what is
        # asked: "Does it halve the number of falls?"
        doubtful = authored or review.status == "retracted"
        titled = [span for span in _by_title(text, review) if not doubtful or _set_apart(text, span)]
        if spans := [*titled, *_by_journal(text, review)]:
            found[review.id] = spans
    of_other_years = {}
    for span, reviews_of in authored.items():
        mention, year = text[slice(*span)], _ITS_YEAR.search(text, *span)
        likely = _most_likely(mention, reviews_of)
        if year and all(f"{review.year}" != year[1] for review in reviews_of):
            of_other_years[mention] = tuple(review.id for review in likely)
        for review in likely:
            found.setdefault(review.id, []).append(span)
    # "Park 2018 and Oh 2017 stroke studies" has no "2017 studies".
    placed, of_topics = (
        [(review_id, span) for review_id, span in mentions if not any(meet(span, other) for other in authored)]
        for mentions in (_by_position(text, shelf), _by_topic(text, shelf, alike))
    )
    for review_id, span in (*_by_number(text, shelf), *placed):
        found.setdefault(review_id, []).append(span)
    by_topic = frozenset(review_id for review_id, _ in of_topics if review_id not in found)
    for review_id, span in of_topics:
        found.setdefault(review_id, []).append(span)
    found = _longest(found)
    ids = tuple(sorted(found, key=shelf.place.__getitem__))
    spans = sorted({span for spans in found.values() for span in spans})
    strangers = _strangers(text, spans, shelf)
    absent = tuple(text[slice(*span)] for span in strangers)
    return Named(ids, tuple(sorted([*spans, *strangers])), absent, by_topic, tuple(of_other_years.items()))


def _longest(found: Mapping[str, list[Span]]) -> dict[str, list[Span]]:
    """Leave out what is named inside the longer name of another review: a title may hold words of others."""
    spans = {span for own in found.values() for span in own}
    inside = {(s, e) for s, e in spans if any(begin <= s and e <= end and end - begin > e - s for begin, end in spans)}
    return {i: kept for i, own in found.items() if (kept := [span for span in own if span not in inside])}


def _most_likely(mention: str, reviews: Sequence[Review]) -> Sequence[Review]:
    """Return which of the reviews of an author are meant: those of the year beside the name, then by first authors.

    Where no review is of that year, or has that first author, it tells nothing.
    """
    year = _ITS_YEAR.search(mention)
    likely = [review for review in reviews if year and f"{review.year}" == year[1]] or reviews
    likely = [review for review in likely if year and year[2] and review.letter == year[2]] or likely
    name = fold(_without_accents(mention))
    return [review for review in likely if review.authors and fold(surname(review.authors[0])) in name] or likely


def _strangers(text: str, named: Sequence[Span], reviews: Catalogue) -> list[Span]:
    """Find names of authors that no review has, by what stands beside them: "et al.", a year, a named review."""
    found = [match.span() for match in _AUTHOR.finditer(text)]
    for start, end in named:
        before, after = _NAME_BEFORE.search(text, 0, start), _NAME_AFTER.match(text, end)
        found += [match.span(1) for match in (before, after) if match]
    return sorted(
        {
            (start, end)
            for start, end in found
            if not any(meet((start, end), other) for other in named)
            and (name := words(text, start, end)[0]).text.casefold() not in _NO_SURNAME
            and not reviews.holds(name.forms[0])
        }
    )


# What stands behind the name of an author who stands for a paper.
_OF_A_PAPER = r"(?:\s+(?:et al\.?|and colleagues))?,?\s+\(?(?:19|20)\d\d"


def _by_author(text: str, review: Review) -> list[Span]:
    """Find surnames, with their accents or without. One that is also an everyday word needs a capital."""
    spans = []
    for author in map(_without_accents, review.authors):
        name = fold(surname(author))
        if len(name) < 2:
            continue
        parts = [re.escape(part) for part in dict.fromkeys(author.split())]
        initials = "".join(sorted({letter for letter in author if letter.isupper()}))
        # An initial is a part and an initial both: read once, or a row of them is read in ever so many ways.
        given = rf"(?>(?:{'|'.join(parts)})\s+|(?-i:[{initials or 'A-Z'}]{{1,4}}\b\.?[-\s]?))*"
        # "Mendoza 2016" is Mendoza-Mendieta's.
        first, *double = name.split("-")
        short = rf"|{re.escape(first)}(?={_OF_A_PAPER})" if double and len(first) > 2 else ""
        for found in re.finditer(
            rf"\b{given}(?:{re.escape(surname(author))}|{re.escape(name)}{short})(?:['’]s)?\b",
            _without_accents(text),
            re.IGNORECASE,
        ):
            if _is_surname(text, *found.span()):
                tail = re.match(
                    r"(?:\s+(?:et al\.?|and colleagues|and co-?workers|& co\b))?(?:,?\s+\(?(?:19|20)\d\d[a-z]?\b\)?)?",
                    text[found.end() :],
                )
                spans.append((found.start(), found.end() + (tail.end() if tail else 0)))
    return spans


@lru_cache(maxsize=4096)
def _without_accents(text: str) -> str:
    """Return a text without accents, every character in its place."""
    return "".join(d[0] if unicodedata.combining((d := unicodedata.normalize("NFD", c))[-1]) else c for c in text)


def _is_surname(text: str, start: int, end: int) -> bool:
    """Tell a surname from the everyday word that it also is: by a capital, of a word of grammar inside a sentence."""
    wording, before = text[start:end], text[:start].rstrip()
    of_grammar = wording.casefold() in STOP_WORDS
    if text.islower():
        apart = re.match(r"['’]s\b|,? \(?(?:19|20)\d\d\b| (?:et al|and colleagues|& co)\b", text[end:])
        led = re.search(r"\b(?:by|do|does|did|of|from)$", before)
        ordinary = open_thesaurus().entry((stem(wording),)) is not None
        return not of_grammar and bool(apart or led or not ordinary)
    return not wording.islower() and not (of_grammar and (not before or before[-1] in ".?!"))


def _by_title(text: str, review: Review) -> list[Span]:
    """Find the title, its part before the colon, or a long run of its words."""
    if not review.title:
        return []
    asked = words(text)
    whole, head = title_runs(review.title)
    for run in (whole, head if len(head) < len(whole) else []):
        if len(run) >= 2 and (span := _run(asked, run)) and (len(run) >= TITLE_RUN or _marked(text, span)):
            return [span]
    starts = range(len(whole) - TITLE_RUN + 1)
    spans = [span for at in starts if (span := _run(asked, whole[at : at + TITLE_RUN]))]
    # "In a mouse model of" is in many titles: the words must be most of this one, or be meant as one.
    return spans if len(spans) + TITLE_RUN > len(whole) / 2 else [span for span in spans if _set_apart(text, span)]


def _run(asked: Sequence[Word], run: Sequence[str]) -> Span | None:
    for at in range(len(asked) - len(run) + 1):
        if all(word.forms[0] == form for word, form in zip(asked[at:], run, strict=False)):
            return asked[at].start, asked[at + len(run) - 1].end
    return None


def _marked(text: str, span: Span) -> bool:
    """Tell whether words are meant as a title or a journal: capitals, a fact of publication asked for, or set apart."""
    wording = text[slice(*span)]
    inner_capital = (span[0] > 0 and wording[0].isupper()) or sum(w[0].isupper() for w in wording.split()) > 1
    asks_fact = re.search(r"\b(?:wrote|authors?|journal|doi|published|appear)\b", text, re.I)
    return bool(inner_capital or asks_fact or _set_apart(text, span))


def _set_apart(text: str, span: Span) -> bool:
    """Tell whether words stand in quotation marks or beside a word like "review"."""
    beside = re.search(rf"{REVIEW_NOUN}\W*$", text[: span[0]], re.I) or re.match(
        rf"\W*{REVIEW_NOUN}\b", text[span[1] :], re.I
    )
    quoted = any(m.start(1) <= span[0] and span[1] <= m.end(1) for m in _QUOTED.finditer(text))
    return bool(beside or quoted)


def _by_journal(text: str, review: Review) -> list[Span]:
    """Find the journal, in full or as abbreviated on the page: "Nature Biotechnology" is "Nat Biotechnol"."""
    stumps = journal_stumps(review.journal)
    if not stumps:
        return []
    tokens = [(fold(found.group()), *found.span()) for found in TOKEN.finditer(text)]
    spans = [(start, end) for at, (_, start, _) in enumerate(tokens) if (end := _end_of_name(stumps, tokens, at))]
    is_meant = _marked if len(stumps) > 1 else _names_single_word_journal
    return [span for span in spans if is_meant(text, span)]


def _end_of_name(stumps: Sequence[str], tokens: Sequence[tuple[str, int, int]], at: int) -> int | None:
    """Return where the words from a place on that begin with the stumps, one after the other, end."""
    told = 0
    for token, _, end in islice(tokens, at, None):
        if token.startswith(stumps[told]):
            told += 1
            if told == len(stumps):
                return end
        elif not told or token not in _IN_NAMES:
            break
    return None


def _names_single_word_journal(text: str, span: Span) -> bool:
    beside = re.match(rf"\W*{REVIEW_NOUN}\b", text[span[1] :], re.IGNORECASE)
    return text[span[0]].isupper() and bool(
        beside or re.search(r"\b(?:in|journal)\s+$", text[: span[0]], re.IGNORECASE)
    )


def _by_number(text: str, reviews: Catalogue) -> list[tuple[str, Span]]:
    """Find "PMID 12345678", "PMC123456", a DOI and the name of a file."""
    matches = ((match, reviews.numbered(match.group())) for match in _NUMBER_OF_PAPER.finditer(text))
    return [(review_id, match.span()) for match, review_id in matches if review_id]


def _by_position(text: str, reviews: Catalogue) -> list[tuple[str, Span]]:
    """Find "the 2025 review", "the newer one", "the second paper"."""
    found: list[tuple[str, Span]] = []
    for match in _YEAR.finditer(text):
        year = int(match.group(1) or match.group(2))
        found += [(review_id, match.span()) for review_id in reviews.of_year(year)]
    if not re.search(r"\bwhich\b", text, re.IGNORECASE):
        for pattern, at in ((_NEWEST, -1), (_OLDEST, 0)):
            spans = [match.span() for match in pattern.finditer(text)]
            found += [(reviews.dated[at].id, span) for span in spans if len(reviews.dated) > 1]
    for match in _ORDINAL.finditer(text):
        at = _ORDINALS[match.group(1).casefold()]
        found += [(review.id, match.span()) for review in reviews[at:][:1]]
    return found


def _by_topic(text: str, reviews: Catalogue, alike: Alike | None) -> list[tuple[str, Span]]:
    """Find "the melanoma review" and "the review on melanoma": words of one title beside a word like "review"."""
    if len(reviews) < 2:
        return []
    matches = [*_TOPIC_BEFORE.finditer(text), *_TOPIC_AFTER.finditer(text)]
    spans = [m.span(group) for m in matches for group in range(1, m.re.groups + 1) if m.group(group)]
    titled = {span: review_id for span in spans if (review_id := _titled(words(text, *span), reviews))}
    # Of several topics side by side all are meant, even where only one stands in a title.
    if titled and alike:
        for span in (span for span in spans if span not in titled):
            if near := _nearest_title(text[slice(*span)], reviews, {*titled.values()}, alike):
                titled[span] = near
    return [(review_id, span) for span, review_id in titled.items()]


def _titled(topic: Sequence[Word], reviews: Catalogue) -> str | None:
    """Return the one review whose title holds most of the topic words, at least half, and more than any other."""
    forms = [word.forms[0] for word in topic if len(word.text) > 3 or not word.text.islower()]
    held: Counter[str | None] = Counter(review_id for form in forms for review_id in reviews.titled(form))
    (review_id, most), (_, second) = [*held.most_common(2), (None, 0), (None, 0)][:2]
    return review_id if most > second and most >= max(1, len(forms) / 2) else None


def _nearest_title(topic: str, reviews: Sequence[Review], taken: set[str], alike: Alike) -> str | None:
    if len(reviews) - len(taken) > MOST_TITLES:
        return None
    left = [review for review in reviews if review.id not in taken]
    likeness = alike(topic, [review.title for review in left])
    best = max(range(len(left)), key=lambda at: (likeness[at], left[at].id), default=None)
    return left[best].id if best is not None and likeness[best] >= SAME_TOPIC else None


# What stands beside the name of a journal in a catalogue: where it is printed, of whom it is the organ.
_BESIDE_NAME = re.compile(r"\s*\(.*?\)|\s*[:=/].*|^the\s+", re.IGNORECASE)


def journal_name(journal: str) -> str:
    """Return a journal's name without what catalogues add to it.

    >>> journal_name("Dalton transactions (Cambridge, England : 2003)"), journal_name("The Lancet")
    ('Dalton transactions', 'Lancet')
    """
    return _BESIDE_NAME.sub("", journal).strip() or journal


@cache
def _written_out(name: str) -> str:
    """Return a pattern for a journal's name, or for what its abbreviated words stand for: "Behav. Brain Res."."""
    parts = re.findall(r"\w+", name)
    if len(parts) == 1:
        return re.escape(name)
    return r"(?:\W+(?:of|and|the|in|for|on))*\W+".join(rf"{re.escape(part)}\w*" for part in parts)


def named_journals(text: str, reviews: Catalogue) -> list[tuple[Span, str]]:
    """Return where a text names a journal of the shelf, and the name there: of one word only as it is written.

    Of names that overlap the longest is meant.
    """
    found: list[tuple[Span, str]] = []
    for name in sorted({journal_name(journal) for journal in reviews.journals}, key=lambda name: (-len(name), name)):
        for match in re.finditer(rf"(?<!\w){_written_out(name)}(?!\w)", text, re.IGNORECASE):
            span, written = match.span(), " " in name or match.group() == name
            if written and not any(span[0] < end and start < span[1] for (start, end), _ in found):
                found.append((span, name))
    return sorted(found)
