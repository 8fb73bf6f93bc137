"""Whether the quotes that a written sentence names support it: always decided the same.

Its numbers, its names and how sure it is are held against its quotes by rules; what it says, by the reader, to which
it is a claim and each quote a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from rag.encoders import Paragraph, Reader, softmax
from rag.errors import ModelMissing
from rag.lexicon import DENIALS, OPPOSITES, STOP_WORDS, initials, open_thesaurus
from rag.text import GREEK, fold, stem, stem_set, words
from rag.types import FloatMatrix
from rag.writing.amounts import wrong_number

# A quote supports a sentence from this probability on, that it does; below the second it does not even in part. From
# the third on, that it refutes it, it says otherwise. Chosen on 451 sentences on articles that the reader had not
# learned from, so that of the false ones less than a twentieth is taken for supported (docs/meaning.md).
SUPPORTS, SUPPORTS_IN_PART, REFUTES = 0.7, 0.05, 0.9
# Kinds of things that a sentence may name only where its quotes do, when a name has at most so many kinds below it.
MATTERS = ("disease", "drug", "drug class", "procedure", "microbe", "body")
SPECIFIC = 200
# A sentence of more words is not read to its end (64 tokens).
READ_WORDS = 45

_HEDGES = re.compile(
    r"\b(?:may(?! (?:19|20)\d\d)|might|could(?! not)|not (?:yet )?(?:been )?(?:established|proven|confirmed)"
    r"|yet to be|possibl[ey]|perhaps|suggest\w*|appears?|seems?|seemed|appeared|preliminary|tentative\w*"
    r"|potential\w*|likely|probabl[ey]|uncertain|unclear|promis\w+|early (?:clinical )?(?:studies|data|evidence"
    r"|results)"
    r"|hint\w*|indicat\w+|to be confirmed|limited evidence|inconclusive)\b",
    re.IGNORECASE,
)


# Where a statement of a quote ends that holds without the rest.
_STATEMENT_ENDS = re.compile(r"[.;](?=\s)|, and\b")
ARTICLES, LEFT_OUT = ("a", "an", "the"), 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well quotes carry a sentence, and for a reader why no better."""

    support: Literal["supported", "weak", "unsupported"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cited:
    """A written sentence and the quotes that it names.

    `context` lends names and numbers (authors, year, title, headings) and carries nothing.
    """

    sentence: str
    quotes: Sequence[str]
    context: Sequence[str] = ()


SUPPORTED = Verdict("supported")


def check_sentences(written: Sequence[Cited], reader: Reader | None) -> list[Verdict]:
    """Return the verdict on each sentence. Without a reader only what a quote states word for word is supported."""
    return [_verdict(one, reader) for one in written]


def _verdict(one: Cited, reader: Reader | None) -> Verdict:
    sentence, quotes = one.sentence, one.quotes
    if not quotes:
        return Verdict("unsupported", "It names no quote.")
    if wrong := wrong_number(sentence, quotes, one.context):
        return Verdict("unsupported", f"“{wrong}” stands in none of its quotes.")
    if strange := strange_name(sentence, quotes, one.context):
        return Verdict("unsupported", f"“{strange}” stands in none of its quotes.")
    if against := next((quote for quote in quotes if turns(sentence, quote)), None):
        return _said_otherwise(against)
    if any(repeats(sentence, quote) for quote in quotes):
        return SUPPORTED
    if (verdict := _read(one, reader)) != SUPPORTED:
        return verdict
    if strange := strange_matter(sentence, quotes, one.context):
        return Verdict("weak", f"“{strange}” stands in none of its quotes.")
    return Verdict("weak", "Its quotes are more careful.") if loses_hedge(sentence, quotes) else SUPPORTED


def _read(one: Cited, reader: Reader | None) -> Verdict:
    """Return what a reader makes of a sentence and its quotes."""
    if len(words(one.sentence)) > READ_WORDS:
        return Verdict("weak", "It is too long to be held against its quotes.")
    read = _claims(one, reader)
    if read is None:
        return Verdict("weak", "It could not be read against its quotes: the reader is missing.")
    supports, refutes = read[:, 0].max(), read[: len(one.quotes), 1]
    if refutes.max() >= REFUTES:
        said = _said_otherwise(one.quotes[int(refutes.argmax())])
        return said if supports < SUPPORTS else replace(said, support="weak")
    if supports < SUPPORTS_IN_PART:
        return Verdict("unsupported", "Its quotes speak of something else.")
    return SUPPORTED if supports >= SUPPORTS else Verdict("weak", "Its quotes may not carry all of it.")


def _said_otherwise(quote: str) -> Verdict:
    said = quote.split()
    return Verdict("unsupported", f"Its quote says otherwise: “{' '.join(said[:8])}{' …' * (len(said) > 8)}”.")


def _claims(one: Cited, reader: Reader | None) -> FloatMatrix | None:
    """Return how likely quotes support a sentence, refute it, do neither: of each, (n, 3), and of several together.

    They are read without their titles: what only a title says is carried by no quote.
    """
    alone = [Paragraph("", (quote,)) for quote in one.quotes]
    together = [Paragraph("", tuple(one.quotes))] if len(one.quotes) > 1 else []
    try:
        readings = reader.read(one.sentence, [*alone, *together]) if reader else []
    except ModelMissing:
        return None
    claims = [*(reading.claim[0] for reading in readings[: len(alone)]), *(r.claim_all for r in readings[len(alone) :])]
    return softmax(np.array(claims)) if readings else None


def strange_name(sentence: str, quotes: Sequence[str], context: Sequence[str]) -> str | None:
    """Return a name of a sentence (gene, drug, trial, short form) that no quote has; None when all are there."""
    texts = [*quotes, *context]
    known = {form for text in texts for form in _name_forms(text)}
    spelled = " ".join(initials(text) for text in texts)
    run = _joined(" ".join(texts))
    for name in names(sentence):
        bare = _joined(re.sub(r"^[Aa]nti-", "", name))
        if bare in known or bare.removesuffix("s") in known or f"{bare}s" in known:
            continue
        if (len(bare) > 3 and bare in run) or (len(bare) > 1 and bare.removesuffix("s") in spelled):
            continue
        if stem(name.casefold()) in known:
            continue
        return name
    return None


def names(text: str) -> Iterator[str]:
    """Yield the names in a text by how they are written: CD19, PD-1, TNF-α, ZUMA-1, Lynch, imatinib."""
    for at, match in enumerate(re.finditer(r"[^\W_][\w'’/+-]*[^\W_+]\+?|[^\W_]", text)):
        word = match.group()
        inside = word[1:]
        code = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
        capital = any(c.isupper() for c in inside) or any(c in GREEK for c in word)
        named = word[0].isupper() and at > 0 and not text[: match.start()].rstrip().endswith((".", ":", "“", '"'))
        if (
            (code and not re.fullmatch(r"\d+(?:st|nd|rd|th|fold|-fold)", word))
            or capital
            or named
            or _kind_of(word) == "drug"
        ):
            yield word.removesuffix("'s").removesuffix("’s")


def strange_matter(sentence: str, quotes: Sequence[str], context: Sequence[str]) -> str | None:
    """Return a word of medicine in a sentence that no quote has, nor another word for the same; None without one."""
    there = frozenset(form for text in (*quotes, *context) for form in stem_set(text))
    strange = (word.text for word in words(sentence) if _kind_of(word.text) in MATTERS)
    return next((word for word in strange if not _is_named(stem(word), there)), None)


def _kind_of(word: str) -> str:
    """Return what kind of thing a word names; "" when that is not known, or a very general one."""
    entry = open_thesaurus().entry((stem(word),))
    return entry.kind if entry and entry.kinds_below <= SPECIFIC else ""


def _is_named(form: str, there: frozenset[str]) -> bool:
    """Tell whether stems hold this one, another name of the same thing, or that of a kind of it."""
    known, name = open_thesaurus(), (form,)
    return (
        form in there
        or any(there.issuperset(other) for other in known.same(name))
        or any(known.is_kind_of((other,), name) for other in there)
    )


def _name_forms(text: str) -> Iterator[str]:
    pieces = re.findall(r"[^\W_][\w'’/+-]*", text)
    for at, word in enumerate(pieces):
        yield _joined(word)
        yield stem(word.casefold())
        yield from map(_joined, re.split(r"[-/]", word))
        if at:
            yield _joined(pieces[at - 1] + word)


def _joined(text: str) -> str:
    for sign, name in GREEK.items():
        text = text.replace(sign, name)
    return re.sub(r"[^a-z0-9]", "", fold(text))


def repeats(sentence: str, quote: str) -> bool:
    """Tell a sentence that is its quote, or a whole statement of it ("…, and …"; "…; …"), word for word.

    Words that only name its subject more closely may be left out at the beginning: "the cocktail" of "the cocktail
    PT-41 was".
    """
    said = _wording(sentence)
    for there in _statements(quote):
        left_out = there[: len(there) - len(said)]
        names = all(word in ARTICLES or word not in STOP_WORDS for word in left_out)
        if said and there[len(left_out) :] == said and len(left_out) <= LEFT_OUT and names:
            return True
    return False


def turns(sentence: str, quote: str) -> bool:
    """Tell a sentence that is its quote, or a statement of it, but for a denial or for the opposite of one word."""
    return any(_is_turned(_wording(sentence), there) for there in _statements(quote))


def _is_turned(here: Sequence[str], there: Sequence[str]) -> bool:
    if _undenied(here) == _undenied(there) != []:
        return [word for word in here if word in DENIALS] != [word for word in there if word in DENIALS]
    changed = [pair for pair in zip(here, there, strict=False) if len({*pair}) > 1]
    return len(here) == len(there) and len(changed) == 1 and changed[0] in OPPOSITES


def _statements(quote: str) -> list[list[str]]:
    """Return the words of a quote, and of the statements in it that hold without the rest."""
    return [_wording(text) for text in dict.fromkeys([quote, *_STATEMENT_ENDS.split(quote)])]


def _wording(text: str) -> list[str]:
    return [word.text.casefold() for word in words(text)]


def _undenied(wording: Sequence[str]) -> list[str]:
    """Return the stems of words without those that deny, so that "did not fall" and "falls" are one."""
    return [stem(word) for word in wording if word not in DENIALS and word not in ("did", "does", "do")]


def loses_hedge(sentence: str, quotes: Sequence[str]) -> bool:
    """Tell whether every quote is careful ("may", "suggests") and the sentence is not."""
    return not _HEDGES.search(sentence) and all(_HEDGES.search(quote) for quote in quotes)
