"""The noun phrases of a text, roughly: runs of content words that name what it speaks of, as they are worded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.lexicon import FRAME_WORDS, STOP_WORDS, is_content
from rag.text import Word, stem, words

# Letters that stand alone ("T cell", "vitamin D") do not count.
MAX_WORDS = 3
# Words of grammar and of order that are no part of a name.
_BETWEEN = frozenset(
    "despite beyond behind furthermore otherwise latest latter former likewise hence including".split()
)
# What an adjective ends with; alone it names nothing. "Survival" and "withdrawal" are none.
_ADJECTIVE = re.compile(r"(?:[^v]al|ive|ic|ous|ary|able|ible|ful|less|est|ory|ular|oid)$")
# Before one of these words stands no noun that ends there; after one of them stands a verb or an adjective.
_BEFORE_VERBS = frozenset(
    "can could may might will would shall should must not we they it that which who also often further thus".split()
)
# Verbs of findings, and adjectives and nouns that qualify any finding: they name no subject.
_NO_SUBJECT = frozenset(
    stem(word)
    for word in "remain induce reduce increase decrease improve achieve lead yield enhance occur associate limit "
    "emerge "
    "enable extend target observe demonstrate recognize eliminate develop exhibit promote prevent inhibit "
    "facilitate overcome address "
    "seek aim critically analyze leverage maintain expand sustain broaden explore evaluate assess investigate "
    "compare "
    "confirm depend differ contribute compose undergo respond fail raise rise fall lower grow follow receive "
    "bring face "
    "combine allow understand ensure help support rely vary define tend serve mediate "
    "significant significantly high low large small strong weak early late good poor better worse best long short "
    "common rare frequent effective successful novel emerging modest relative promising remarkable potential several "
    "various numerous different similar available further future additional overall substantial considerable major "
    "minor severe mild moderate total average mean median least most many few great likely unlikely able "
    "number rate level amount degree range extent proportion percent percentage increase decrease change value data "
    "strategy approach advance progress development challenge method model outcome success failure setting context "
    "group patient subject participant case year month week day hour trial study cohort arm author medicine "
    "and/or per versus vs et al fig figure table".split()
)
_UNIT = re.compile(r"[a-zµμ]{1,4}/[a-z0-9]{1,4}")
# An address, and the author of a cited work.
_NO_WORDS = re.compile(r"\b(?:https?://|www\.)\S+|\b[^\W\d_][\w’'-]*,? et al\b")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A run of words: `key` are its stems, `text` is `source[start:end]`."""

    key: tuple[str, ...]
    text: str
    start: int
    end: int


def phrases(source: str, start: int, end: int) -> Iterator[Phrase]:
    """Yield the longest noun phrases of a sentence in order, at most MAX_WORDS words each."""
    run: list[Word] = []
    before: Word | None = None
    passed = [found.span() for found in _NO_WORDS.finditer(source, start, end)]
    for word in words(source, start, end):
        touches = run and source[run[-1].end : word.start] in (" ", "\u00a0")
        if run and not touches:
            yield from _phrase(source, run)
            run = []
        if _names(word, before) and not any(a <= word.start < b for a, b in passed):
            run.append(word)
        elif run:
            yield from _phrase(source, run)
            run = []
        before = word
    if run:
        yield from _phrase(source, run)


def _names(word: Word, before: Word | None) -> bool:
    """Tell a word that may be part of a name of something from grammar, verbs, adverbs and numbers."""
    plain = word.text.casefold()
    if not is_content(word) and not (len(word.text) == 1 and word.text.isupper()):
        return False
    if word.text[0].isdigit() or _UNIT.fullmatch(word.text) or plain.endswith("ly") or plain in STOP_WORDS | _BETWEEN:
        return False
    verb = before is not None and before.text.casefold() in _BEFORE_VERBS and word.text.islower()
    return not verb and word.forms[0] not in FRAME_WORDS


def _phrase(source: str, run: list[Word]) -> Iterator[Phrase]:
    """Yield the last words of a run, without what qualifies or acts at its edges."""
    kept = list(run)
    while kept and (kept[-1].forms[0] in _NO_SUBJECT or kept[-1].text.endswith("ed")):
        kept.pop()
    long = [at for at, word in enumerate(kept) if len(word.text) > 1]
    if len(long) > MAX_WORDS:
        kept = kept[long[-MAX_WORDS - 1] + 1 :]
    while kept and kept[0].forms[0] in _NO_SUBJECT:
        kept.pop(0)
    if not kept or (len(kept) == 1 and not _stands_alone(kept[0].text)):
        return
    start, end = kept[0].start, kept[-1].end
    yield Phrase(tuple(word.forms[0] for word in kept), source[start:end], start, end)


def _stands_alone(word: str) -> bool:
    if any(c.isupper() or c.isdigit() for c in word[1:]):
        return len(word) > 1
    return len(word) > 3 and not word.endswith(("ing", "ed")) and not _ADJECTIVE.search(word)
