"""Short forms and the names that they stand for, as the texts define them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from rag.text import words
from rag.types import Term

Stems = tuple[str, ...]
# Two names of the same thing.
Names = tuple[Stems, Stems]
# The longest name, in words, that is looked for in a question.
MAX_NAME = 6
_PARENTHESIS = re.compile(r"[(\[]\s*([^()\[\]\s,;:]{2,10})\s*(?:[;,][^()\[\]]*)?[)\]]")


def definitions(text: str) -> Iterator[tuple[str, str]]:
    """Yield (short form, long form) pairs as a text defines them: "long form (SF)".

    The search for the long form is that of Schwartz & Hearst, PSB 2003.

    >>> list(definitions("an immunosuppressive tumor microenvironment (TME) and others (2020)"))
    [('TME', 'tumor microenvironment')]
    """
    for found in _PARENTHESIS.finditer(text):
        short = found.group(1)
        if not any(c.isupper() for c in short) or not short[0].isalnum():
            continue
        if long := _long_form(short, text[max(0, found.start() - 120) : found.start()].rstrip()):
            yield short, long


def _long_form(short: str, before: str) -> str | None:
    """Match the letters of a short form backwards in the words before its parenthesis."""
    letters = [c.casefold() for c in short if c.isalnum()]
    at = len(before)
    for index, letter in reversed(list(enumerate(letters))):
        at -= 1
        while at >= 0 and (before[at].casefold() != letter or (index == 0 and at > 0 and before[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
    long = before[at:]
    enough = len(long) > len(short) and len(long.split()) <= min(len(letters) + 5, 2 * len(letters))
    return long if enough and not re.search(r"[.;:?!](?:\s|$)", long) else None


def initials(text: str) -> str:
    """Return the initials of the words of a text in lower case; a compound gives one a part.

    >>> initials("B cell maturation antigens")
    'bcma'
    """
    return "".join(part[0] for word in words(text) for part in re.split(r"[-‐‑–/]", word.text.casefold()) if part)


@lru_cache(maxsize=1024)
def words_with_initials(letters: str) -> re.Pattern[str]:
    """Return what finds neighbouring words with these initials; each part of a compound has one.

    >>> words_with_initials("BCMA").search("the B cell-maturation antigens").group()
    'B cell-maturation antigens'
    """
    # Nothing is tried twice, so that no text takes long.
    inner = r"(?>[^\W_]*(?:['’.·][^\W_]+)*)"
    parts = rf"{inner}[\W_]++".join(map(re.escape, letters))
    return re.compile(rf"(?<![^\W_])(?<![^\W_]['’.·]){parts}{inner}", re.IGNORECASE)


def defined_names(text: str) -> Iterator[Names]:
    """Yield the short forms that a text defines with what they stand for, as the stems of their words."""
    for short, long in definitions(text):
        yield _stems(short), _stems(long)


def _stems(name: str) -> Stems:
    return tuple(word.forms[0] for word in words(name))


class Synonyms:
    """Names of the same thing known to a library, looked up by the stems of any of them."""

    def __init__(self, defined: Iterable[Names] = ()) -> None:
        """Take the names that the texts define."""
        self._names: dict[Stems, set[Stems]] = {}
        for one, other in defined:
            self._names.setdefault(one, set()).add(other)
            self._names.setdefault(other, set()).add(one)

    def others(self, terms: Sequence[Term]) -> list[tuple[frozenset[str], ...]]:
        """Return for each term the other names, as sets of stems, of itself or of a phrase that it is part of."""
        found: list[set[frozenset[str]]] = [set() for _ in terms]
        for first in range(len(terms)):
            for last in range(first + 1, min(first + MAX_NAME, len(terms)) + 1):
                names = self._names.get(tuple(term.forms[0] for term in terms[first:last]), ())
                for at in range(first, last):
                    found[at] |= {frozenset(name) for name in names}
        return [tuple(sorted(names, key=sorted)) for names in found]

    def same_as(self, name: Stems) -> frozenset[str]:
        """Return the stems of all other names of what has this name."""
        return frozenset(form for other in self._names.get(name, ()) for form in other)
