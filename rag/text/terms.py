"""Words as the search compares them: folded, stemmed, and still knowing their place in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import Stemmer

from rag.text.numerals import NUMERALS, UNIT, UNIT_NAMES

# Within a word, as printed pages break it.
_LINE_BREAK = r"(?:(?<=[^\W\d_])[-‐]|(?<=\u00ad))[^\S\n]*\r?\n[^\S\n]*(?=[^\W\d_])"
# What stands in words and is no letter: accents of their own, soft hyphens, blanks without width.
_MARKS = "\u0300-\u036f\u00ad\u200b-\u200d\u2060"
_LETTERS = rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*"
_FIGURE = r"\d+(?:[.,·]\d+)*"
_ENDS = r"(?![^\W_])"
_WORD = re.compile(
    rf"\.?{_FIGURE}(?={UNIT})|\.\d+{_ENDS}|\d+(?:[.,·]\d+)+{_ENDS}"
    # Each end of a range is a number: "2-4 mg", "grade 3/4".
    # A word that is broken at the end of a line is one: "ere-\nnumab".
    rf"|{_FIGURE}(?=[-‐‑–/]{_FIGURE}(?:{_ENDS}|(?={UNIT})))|{_LETTERS}(?:(?:[-‐‑–’'/.·]|{_LINE_BREAK}){_LETTERS})*"
)
_JOINT = re.compile(r"[-‐‑–’'/.·]\s*")
_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")
# What stands between two digits joins nothing: "12.5x" is not "125x".
_DROPPED = re.compile(r"(?<!\d)[-‐‑–’'/.·]\s*|[-‐‑–’'/.·]\s*(?!\d)|\s*\n\s*")
_TO = re.compile(r"[‐‑–’'/]")
_NUMBER = re.compile(r"\.?\d+(?:[.,·]\d+)*")
GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "θ": "theta"} | {
    "κ": "kappa",
    "λ": "lambda",
    "µ": "mu",
    "μ": "mu",
    "σ": "sigma",
    "τ": "tau",
    "ω": "omega",
}
_PLAIN = str.maketrans(GREEK | {"ß": "ss", "ø": "o", "ł": "l"} | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060", ""))
# British to American, on folded words. Both sides of every comparison pass through, so a needless change is harmless.
_SPELLINGS = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"ae|oe(?!s$)", "e"),
        # Greek words in -sis have their plural in -ses: "metastasis", "diagnosis", "analysis".
        (r"(?<=\w\w\w[aeoy]s)is$", "es"),
        (r"(?<=\w\w)our(?=(?:s|ed|ing|al|able|ful|less|ist|ite|ites)?$)", "or"),
        (r"(?<=\w\w\w)is(?=(?:e|ed|ely|es|er|ers|ing|ation|ations|ational)$)", "iz"),
        (r"lys(?=(?:e|ed|es|er|ers|ing)$)", "lyz"),
        (r"(?<=[a-z][bt])re(?=s?$)", "er"),
        # "travelled", not "killed": only after a second syllable.
        (r"([aeiouy][^aeiouy]+[aeiou]l)l(?=(?:ed|ing|er|ers|ation)$)", r"\1"),
        (r"(?<=program)me(?=s?$)", ""),
        (r"sulph", "sulf"),
        (r"(?<=[fc]en)ce(?=s?$)", "se"),
    )
)
# Parts of a compound that say how the other part takes part, not what it is: "CD19-targeting", "anti-CD19".
_AFFIXES = frozenset(
    "anti non pre post pro co re self based directed specific mediated derived related like induced targeted targeting "
    "driven dependent independent associated resistant naive engineered modified treated free type positive "
    "negative".split()
)
_snowball: Callable[[str], str] = Stemmer.Stemmer("english").stemWord
# Snowball sees no plural where it sees no vowel: "RCTs", "MSCs". Three letters are a name of their own: "CRS".
_VOWELLESS_PLURAL = re.compile(r"([b-df-hj-np-tv-xz]{2,}[b-df-hj-np-rtv-xz])s")


# No dataclass: millions are made, and a tuple is made four times as fast.
class Word(NamedTuple):
    """A word in its place. `forms` are its stems: the whole, joined; then its parts; then joins with a neighbour."""

    text: str
    start: int
    end: int
    forms: tuple[str, ...]


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Return a word without case, accents, Greek letters and British spelling.

    >>> fold("Tumours"), fold("Leukaemia"), fold("IFN-γ")
    ('tumors', 'leukemia', 'ifn-gamma')
    """
    plain = unicodedata.normalize("NFKD", word).casefold().translate(_PLAIN)
    folded = "".join(c for c in plain if not unicodedata.combining(c))
    for pattern, replacement in _SPELLINGS:
        folded = pattern.sub(replacement, folded)
    return folded


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of a word, of a compound without its joints: "CAR-T" and "cart" are one, as are "two" and "2"."""
    folded = fold(UNIT_NAMES.get(word, word))
    if _NUMBER.fullmatch(folded):
        plain = _THOUSANDS.sub("", folded).replace("·", ".").replace(",", ".")
        return f"0{plain}" if plain.startswith(".") else plain
    if folded in NUMERALS:
        return str(NUMERALS[folded])
    whole = _TO.sub("-", _DROPPED.sub("", folded.removesuffix("'s").removesuffix("’s")))
    plural = _VOWELLESS_PLURAL.fullmatch(whole)
    return plural.group(1) if plural else _snowball(whole)


@lru_cache(maxsize=65_536)
def compound_parts(word: str) -> tuple[str, ...]:
    """Return the stems of the parts of a compound that carry its meaning; () for a simple word or a number.

    A number belongs to the name before it.

    >>> compound_parts("anti-CD19"), compound_parts("B-cell-directed"), compound_parts("IL-2/IL-12")
    (('cd19',), ('b', 'cell'), ('il2', 'il12'))
    """
    parts: list[str] = []
    for part in _split(word):
        if part.isdigit() and parts and parts[-1][-1].isalpha() and parts[-1] not in _AFFIXES:
            parts[-1] += part
        else:
            parts.append(part)
    return _meaning(parts)


def _split(word: str) -> list[str]:
    """Return the folded parts of a compound; none of a simple word or a number."""
    folded = fold(word)
    if _NUMBER.fullmatch(folded) or not _JOINT.search(folded):
        return []
    return [part for part in _JOINT.split(folded) if part]


def _meaning(parts: Sequence[str]) -> tuple[str, ...]:
    """Return the stems of the parts that carry the meaning of a compound."""
    return tuple(stem(part) for part in parts if part not in _AFFIXES) or tuple(map(stem, parts))


def words(text: str, start: int = 0, end: int | None = None) -> list[Word]:
    """Return the words of `text[start:end]` with their places in `text`."""
    found = list(_WORD.finditer(text, start, len(text) if end is None else end))
    return [Word(m.group(), m.start(), m.end(), forms) for m, forms in zip(found, _forms_of(found, text), strict=True)]


def spellings(text: str) -> list[str]:
    """Return the words of a text as they stand."""
    return _WORD.findall(text)


def stems(text: str, start: int = 0, end: int | None = None) -> list[str]:
    """Return the stems of `text[start:end]` for lexical search: words, parts of compounds, and "CAR T" as "CAR-T"."""
    found: list[str] = []
    previous: tuple[str, ...] = ()
    for forms in _forms_of(list(_WORD.finditer(text, start, len(text) if end is None else end)), text):
        found += forms if len(previous) < 2 else [form for form in forms if form not in previous[1:]]
        previous = forms
    return found


# The sentences of twenty full papers and more; a library is asked about the same ones again and again.
@lru_cache(maxsize=16_384)
def stem_set(text: str) -> frozenset[str]:
    """Return the distinct stems of a sentence."""
    return frozenset(stems(text))


def _forms_of(found: list[re.Match[str]], text: str) -> list[tuple[str, ...]]:
    """Return the forms of words that follow each other in a text."""
    known = [_known(m.group()) for m in found]
    forms = [own for own, _ in known]
    # An index is made of millions of words, and few of them can join a neighbour.
    joining = {left for at, (_, joins) in enumerate(known) if joins for left in (at - 1, at)}
    joins = {left: _join(found[left], found[left + 1], text) for left in joining if 0 <= left < len(found) - 1}
    for at in {*joins, *(left + 1 for left in joins)}:
        forms[at] = _forms(found[at].group(), joins.get(at - 1), joins.get(at))
    return forms


@lru_cache(maxsize=65_536)
def _known(word: str) -> tuple[tuple[str, ...], bool]:
    """Return the forms of a word that stands alone, and whether it is one that joins its neighbours."""
    return _forms(word, None, None), _is_short(word) or any(_is_letter(part) for part in _JOINT.split(word))


@lru_cache(maxsize=65_536)
def _forms(word: str, before: str | None, after: str | None) -> tuple[str, ...]:
    parts = (part for part in (*compound_parts(word), *_meaning(_split(word))) if len(part) > 1)
    return tuple(dict.fromkeys((stem(word), *parts, *(join for join in (before, after) if join))))


def _join(left: re.Match[str], right: re.Match[str], text: str) -> str | None:
    """Join a word with a neighbour of one letter or a short number: "CAR T", "B cell", "CD 19"."""
    if text[left.end() : right.start()] not in (" ", "\u00a0", "-", ","):
        return None
    a, b = _JOINT.split(left.group())[-1], _JOINT.split(right.group())[0]
    if not (_is_letter(a) or _is_letter(b) or _is_short(right.group())):
        return None
    # An article or a pronoun is no name.
    return None if {a.casefold(), b.casefold()} & {"a", "i"} else stem(f"{a}-{b}")


def _is_letter(part: str) -> bool:
    return len(part) == 1 and part.isalpha()


def _is_short(word: str) -> bool:
    return word.isdigit() and len(word) <= 3
