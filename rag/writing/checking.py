"""Whether the quotes that a written sentence names support it: always decided the same.

Its numbers, its names and how sure it is are held against its quotes by rules; what it says, by the reader, to which
it is a claim and each quote a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Literal

import numpy as np

from rag.encoders import Paragraph, Reader, softmax
from rag.errors import ModelMissing
from rag.lexicon import DENIALS, MAX_NAME, OPPOSITES, STOP_WORDS, Synonyms, initials, is_content, open_thesaurus
from rag.text import GREEK, compound_parts, fold, stem, stem_set, words
from rag.types import FloatMatrix
from rag.writing.amounts import half_a_span, wrong_number

# A quote supports a sentence from this probability on, that it does; below the second it does not even in part. From
# the third on, that it refutes it, it says otherwise. Chosen on 451 sentences on articles that the reader had not
# learned from, so that of the false ones a hundredth is taken for supported: elsewhere it is four times as many
# (docs/meaning.md).
SUPPORTS, SUPPORTS_IN_PART, REFUTES = 0.64, 0.05, 0.9
# A quote that supports it less is no citation of a sentence that another one carries: of the 158 true ones with one
# quote .07 support theirs less, of 27 that cite another sentence all but one.
CARRIES_IN_PART = 0.2
# Kinds of things that a sentence may name only where its quotes do, when a name has at most so many kinds below it.
MATTERS = ("disease", "drug", "drug class", "procedure", "microbe", "body")
SPECIFIC = 200
# A sentence of more words is not read to its end (64 tokens).
READ_WORDS = 45
# Half of whose words stand in its quotes in runs of three, that is a copy with changes, which the reader hardly sees:
# chosen on the same 451 sentences, where it costs 7 of 85 true ones and takes 2 of 7 false ones.
COPIED, RUN = 0.5, 3
# Of so few letters a word is no sure part of another, and what is derived of it has so many more.
SHORTEST = 3

_HEDGES = re.compile(
    r"\b(?:may(?! (?:19|20)\d\d)|might|could(?! not)|not (?:yet )?(?:been )?(?:established|proven|confirmed)"
    r"|yet to be|possibl[ey]|perhaps|suggest\w*|appears?|seems?|seemed|appeared|preliminary|tentative\w*|potential\w*"
    r"|(?<!more )(?<!less )likely|probabl[ey]|uncertain|unclear|promis\w+|early (?:clinical )?(?:studies|data|evidence"
    r"|results)|hint\w*|to be confirmed|limited evidence|inconclusive)\b",
    re.IGNORECASE,
)


# Where a statement of a quote ends that holds without the rest, and where a sentence goes on to another claim.
_STATEMENT_ENDS = re.compile(r"[.;](?=\s)|, and\b")
_NEXT_CLAIM = re.compile(r";\s|,\s(?:and|but|while|whereas|although)\b")
# "It is untrue that …": what is said of all the rest, which the reader hardly sees.
_FRAME = re.compile(r"\W*it (?:is|was|has been|would be) (?P<said>[\w’'-]+(?: [\w’'-]+){0,4}?) that\b", re.IGNORECASE)
# "12th", "10-fold", "30-minute": a number with a word behind it.
_COUNT = re.compile(r"\d[\d.,]*(?:st|nd|rd|th|fold|(?:-[a-z]{3,})+)")
_NON = re.compile(r"\bnon-(?=\w)", re.IGNORECASE)
# What is asked, by the form of a sentence: its purpose in the infinitive, an indirect question, a question mark.
_ASKS = re.compile(r"^\W*(?:\w{1,3}\)\s)?to (?P<aim>[a-z]+)|\b(?P<word>\w+) whether\b|\?\W*$", re.IGNORECASE)
ARTICLES, LEFT_OUT = ("a", "an", "the"), 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well quotes carry a sentence, and for a reader why no better; `carrying` are the places of those that do.

    `lacks` is a name in the sentence that none of them has.
    """

    support: Literal["supported", "weak", "unsupported"]
    reason: str = ""
    carrying: tuple[int, ...] = field(default=(), compare=False)
    lacks: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Cited:
    """A written sentence and the quotes that it names.

    `context` lends names and numbers (authors, year, title, headings) and carries nothing; `called` are the stems of
    other names of what the quotes name. Quotes with their neighbours carry it as a `whole` or not at all.
    """

    sentence: str
    quotes: Sequence[str]
    context: Sequence[str] = ()
    whole: bool = False
    called: frozenset[str] = frozenset()


SUPPORTED = Verdict("supported")
_ABSENT = "“{}” stands in none of its quotes."


def other_names(quotes: Iterable[str], synonyms: Synonyms) -> frozenset[str]:
    """Return the stems of what else texts call what their quotes name: PD, of Parkinson's disease."""
    stems = ([word.forms[0] for word in words(quote)] for quote in quotes)
    names = (
        tuple(own[at : at + length]) for own in stems for at in range(len(own)) for length in range(1, MAX_NAME + 1)
    )
    return frozenset(form for name in names for form in synonyms.same_as(name))


def check_sentences(written: Sequence[Cited], reader: Reader | None) -> list[Verdict]:
    """Return the verdict on each sentence. Without a reader only what a quote states word for word is supported."""
    return [_verdict(one, reader) for one in written]


def _verdict(one: Cited, reader: Reader | None) -> Verdict:
    if vetoed := _vetoed(one):
        return vetoed
    sentence, quotes = one.sentence, one.quotes
    copied = [at for at, quote in enumerate(quotes) if repeats(sentence, quote)]
    read = _claims(sentence, quotes, reader) if len(quotes) > len(copied) else None
    if copied:
        return Verdict("supported", carrying=_carrying(read, len(quotes), copied))
    verdict = _read(one, reader, read)
    carrying = () if one.whole else _carrying(read, len(quotes))
    carrying = carrying or (*range(len(quotes)),)
    if verdict == SUPPORTED:
        verdict = _less_than_supported(one, [quotes[at] for at in carrying]) or verdict
    return replace(verdict, carrying=carrying)


def _vetoed(one: Cited) -> Verdict | None:
    """Return what rules say against a sentence, whatever is read in its quotes."""
    sentence, quotes = one.sentence, one.quotes
    if not quotes:
        return Verdict("unsupported", "It names no quote.")
    if sentence.rstrip().endswith("?"):
        return Verdict("unsupported", "It asks, and states nothing.")
    if number := wrong_number(sentence, quotes, one.context):
        return Verdict("unsupported", _ABSENT.format(number))  # no neighbour lends one: it is that of another statement
    if name := strange_name(sentence, quotes, one.context, one.called):
        return Verdict("unsupported", _ABSENT.format(name), lacks=name)
    against = next((quote for quote in quotes if turns(sentence, quote)), None)
    return _said_otherwise(against) if against else None


def _less_than_supported(one: Cited, carrying: Sequence[str]) -> Verdict | None:
    """Return why a sentence is weak that its quotes support as they are read; None when nothing speaks against it."""
    if strange := strange_matter(one.sentence, carrying, one.context, one.called):
        return Verdict("weak", _ABSENT.format(strange), lacks=strange)
    if framed := strange_frame(one.sentence, carrying):
        return Verdict("weak", _ABSENT.format(framed))
    if only_asked(one.sentence, carrying):
        return Verdict("weak", "Its quote asks it, and does not say that it is so.")
    if loses_hedge(one.sentence, carrying):
        return Verdict("weak", "Its quotes are more careful.")
    if half := half_a_span(one.sentence, carrying):
        return Verdict("weak", f"“{half}” is one end of a span of time in its quotes.")
    if changed := changed_word(one.sentence, carrying, one.called):
        return Verdict("weak", f"It repeats its quote, and “{changed}” stands elsewhere there, or not at all.")
    return None


def _carrying(read: FloatMatrix | None, count: int, copied: Sequence[int] = ()) -> tuple[int, ...]:
    """Return the places of the quotes that carry a sentence, at least in part."""
    return tuple(at for at in range(count) if at in copied or (read is not None and read[at, 0] >= CARRIES_IN_PART))


def _read(one: Cited, reader: Reader | None, read: FloatMatrix | None) -> Verdict:
    """Return what a reader makes of a sentence and its quotes, each of them and all together."""
    if len(words(one.sentence)) > READ_WORDS:
        return Verdict("weak", "It is too long to be held against its quotes.")
    if read is None:
        return Verdict("weak", "It could not be read against its quotes: the reader is missing.")
    each, together, refutes = read[: len(one.quotes), 0], read[-1, 0], read[: len(one.quotes), 1]
    if one.whole:
        supported = together >= SUPPORTS
    else:
        by_several = together >= SUPPORTS and each.min() >= CARRIES_IN_PART
        supported = each.max() >= SUPPORTS or by_several or _claim_by_claim(one, reader)
    if refutes.max() >= REFUTES:
        said = _said_otherwise(one.quotes[int(refutes.argmax())])
        return replace(said, support="weak") if supported else said
    if read[:, 0].max() < SUPPORTS_IN_PART or not (supported or shares_a_word(one)):
        return Verdict("unsupported", "Its quotes speak of something else.")
    return SUPPORTED if supported else Verdict("weak", "Its quotes may not carry all of it.")


def shares_a_word(one: Cited) -> bool:
    """Tell whether a sentence has a word of content in common with its quotes; what their headings lend is none."""
    said = frozenset(word.forms[0] for word in words(one.sentence) if is_content(word))
    return any(said & stem_set(quote) for quote in one.quotes)


def _claim_by_claim(one: Cited, reader: Reader | None) -> bool:
    """Tell whether each claim of a sentence that cites several quotes is carried by one of them."""
    claims = [text.strip() for text in _NEXT_CLAIM.split(one.sentence)]
    if len(claims) < 2 or len(one.quotes) < 2:
        return False
    read = [_claims(claim, one.quotes, reader) for claim in claims]
    return all(found is not None and found[: len(one.quotes), 0].max() >= SUPPORTS for found in read)


def _said_otherwise(quote: str) -> Verdict:
    said = quote.split()
    return Verdict("unsupported", f"Its quote says otherwise: “{' '.join(said[:8])}{' …' * (len(said) > 8)}”.")


def _claims(sentence: str, quotes: Sequence[str], reader: Reader | None) -> FloatMatrix | None:
    """Return how likely quotes support a sentence, refute it, do neither: of each, (n, 3), and of several together.

    They are read without their titles: what only a title says is carried by no quote.
    """
    alone = [Paragraph("", (quote,)) for quote in quotes]
    together = [Paragraph("", tuple(quotes))] if len(quotes) > 1 else []
    try:
        readings = reader.read(sentence, [*alone, *together]) if reader else []
    except ModelMissing:
        return None
    claims = [*(reading.claim[0] for reading in readings[: len(alone)]), *(r.claim_all for r in readings[len(alone) :])]
    return softmax(np.array(claims)) if readings else None


def strange_name(
    sentence: str, quotes: Sequence[str], context: Sequence[str], called: frozenset[str] = frozenset()
) -> str | None:
    """Return a name of a sentence (gene, drug, trial, short form) that no quote has; None when all are there."""
    texts = [*quotes, *context]
    known = called.union(form for text in texts for form in _name_forms(text))
    spelled = " ".join(initials(text) for text in texts)
    run = _joined(" ".join(texts))
    for name in names(sentence):
        bare = _joined(re.sub(r"^[Aa]nti-", "", name))
        if bare in known or bare.removesuffix("s") in known or f"{bare}s" in known:
            continue
        if (len(bare) > 3 and bare in run) or (len(bare) > 1 and bare.removesuffix("s") in spelled):
            continue
        if stem(name.casefold()) in known or _is_within(name, texts):
            continue
        return name
    return None


def _is_within(name: str, texts: Sequence[str]) -> bool:
    """Tell whether a short form stands in a longer one (HPV, hrHPV), or a name in what is derived of it (Japanese)."""
    if name.isupper() and len(name) >= SHORTEST:
        return any(name in text for text in texts)
    ends = rf"[a-z]{{0,{SHORTEST}}}\b"
    return name.istitle() and any(
        len(word) > SHORTEST and (re.fullmatch(word + ends, name) or re.fullmatch(name + ends, word))
        for text in texts
        for word in re.findall(r"\b[A-Z][a-z]+\b", text)
    )


def names(text: str) -> Iterator[str]:
    """Yield the names in a text by how they are written: CD19, PD-1, TNF-α, ZUMA-1, Lynch, imatinib."""
    for at, match in enumerate(re.finditer(r"[^\W_][\w'’/+-]*[^\W_+]\+?|[^\W_]", text)):
        word = match.group()
        inside = word[1:]
        code = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
        capital = any(c.isupper() for c in inside) or any(c in GREEK for c in word)
        named = word[0].isupper() and at > 0 and not text[: match.start()].rstrip().endswith((".", ":", "“", '"'))
        if (code and not _COUNT.fullmatch(word)) or capital or named or _kind_of(word) == "drug":
            yield word.removesuffix("'s").removesuffix("’s")


def strange_matter(
    sentence: str, quotes: Sequence[str], context: Sequence[str], called: frozenset[str] = frozenset()
) -> str | None:
    """Return a word of medicine in a sentence that no quote has, nor another word for the same; None without one."""
    there = called.union(form for text in (*quotes, *context) for form in stem_set(text))
    strange = (word.text for word in words(sentence) if is_content(word) and _kind_of(word.text) in MATTERS)
    return next((word for word in strange if not _is_named(stem(word), there)), None)


def _kind_of(word: str) -> str:
    """Return what kind of thing a word names; "" when that is not known, a very general one, or one of several."""
    entry = open_thesaurus().entry((stem(word),))
    return entry.kind if entry and entry.means_one_thing and entry.kinds_below <= SPECIFIC else ""


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
    """Return the words of a text; a "non-" is one by itself, for it denies."""
    return [word.text.casefold() for word in words(_NON.sub("no ", text))]


def _undenied(wording: Sequence[str]) -> list[str]:
    """Return the stems of words without those that deny, so that "did not fall" and "falls" are one."""
    return [stem(word) for word in wording if word not in DENIALS and word not in ("did", "does", "do")]


def changed_word(sentence: str, quotes: Sequence[str], called: frozenset[str] = frozenset()) -> str | None:
    """Return a word of a sentence that mostly repeats its quotes, which they have elsewhere or not at all.

    So are arms and numbers exchanged and words brought in. None without one, or when the wording is the sentence's own.
    """
    said, there = words(sentence), [[stem(word) for word in _wording(quote)] for quote in quotes]
    runs = {tuple(one[at : at + RUN]) for one in there for at in range(len(one) - RUN + 1)}
    stems = [stem(word.text.casefold()) for word in said]
    copied = {at + step for at in range(len(stems)) for step in range(RUN) if tuple(stems[at : at + RUN]) in runs}
    if len(copied) < COPIED * len(said):
        return None
    for one in there:
        blocks = SequenceMatcher(None, stems, one, autojunk=False).get_matching_blocks()
        copied.update(block.a + step for block in blocks for step in range(block.size))
    known, spelled = called.union(form for one in there for form in one), " ".join(map(initials, quotes))
    within = {part for quote in quotes for word in _wording(quote) for part in compound_parts(word)}
    for at, word in enumerate(said):
        if at in copied or not is_content(word):
            continue
        short = word.text.isupper() and word.text.casefold() in spelled
        if not short and stems[at] not in within and (stems[at] in known or not _is_named(stems[at], known)):
            return word.text
    return None


def strange_frame(sentence: str, quotes: Sequence[str]) -> str | None:
    """Return what a sentence says of its own claim ("untrue") and no quote does; None without such a frame."""
    frame = _FRAME.match(sentence)
    return frame["said"] if frame and not any(stem_set(frame["said"]) <= stem_set(quote) for quote in quotes) else None


def only_asked(sentence: str, quotes: Sequence[str]) -> bool:
    """Tell whether every quote only asks ("to determine whether …", "…?"), and the sentence does not ask with it."""
    said = stem_set(sentence)
    asking = [_ASKS.search(quote) for quote in quotes]
    return all(found and stem((found["aim"] or found["word"] or "").casefold()) not in said for found in asking)


def loses_hedge(sentence: str, quotes: Sequence[str]) -> bool:
    """Tell whether every quote is careful ("may", "suggests") and the sentence is not."""
    return not _HEDGES.search(sentence) and all(_HEDGES.search(quote) for quote in quotes)
