"""Names of authors, institutions and journals as pages print them; author lists with numbers, degrees and signs."""

from __future__ import annotations

import re

from rag.sources.lines import squeeze

_LABEL = re.compile(r"^\W*(?:authors?(?:\(s\))?|author list|by|written by)\b\s*[:：]?\W*", re.IGNORECASE)
_ET_AL = re.compile(r"[\s,]+et al\b\.?")
_SEPARATOR = re.compile(r"\s*[,;\n•·|]\s*(?:(?:and|&)\s+)?|\s+(?:and|&)\s+")
# Affiliation numbers or letters, superscript or not, and the signs for equal contribution, correspondence, membership.
_MARKS_IN_BRACKETS = re.compile(r"[(\[{^](?:[\d,;*†‡§\s]|\b[a-z]\b)*[)\]}^]")
_LETTERS_AFTER = re.compile(r"(?:[\s^][a-z])+$")
_SIGNS_AFTER = " \t\u00a00123456789¹²³⁰⁴⁵⁶⁷⁸⁹*†‡§¶#✉✝^_.…"
_NUMBERED = re.compile(r"[^\W\d_]\s?[\d¹²³⁴-⁹]+(?:\s[\d#*]+)*\s*(?:,|$)")
_ADDRESS_MARKS = re.compile(r"\s[a-z](?:\s?,\s?[a-z*†‡§#])*(?=\s?[,;*]|$|\s(?:and|&)\s)")
# "Ann Wick, MD,1 Bo Flint, PhD,2,3 Cy Reed": only the numbers part these.
_BETWEEN_MARKS = re.compile(r",\s?\d[\d,*†‡§]*,?\s+(?=[^\W\d_])")
# "Ann Wick, Ph.D., 1 Bo Flint, M.D."; in "Wick, A.B.; Flint, B." these are given names.
_DEGREES = re.compile(r",\s*(?:[A-Z][A-Za-z]{0,4}\.){2,}(?:,?\s?\d[\d,]*)?(?=\s|,|$)")
_IN_FULL = re.compile(r"[^\W\d][^();]{1,80} \(([^();]{1,80}, [^();]{1,80})\)")  # "Wick, A (Wick, Ada)"
_FOR_A_GROUP = re.compile(r",?\s*(?:on behalf of|for) the .*$")
# "View ORCID ProfileAnn Wick": the words of a button that a lost space has set before a name.
_BUTTON = re.compile(r"^\s*(?:[A-Z]\w+ ){1,3}[A-Z][a-z]{4,}(?=[A-Z][a-z])")
_LONGEST_BYLINE = 600
_NOT_NAMES = re.compile(  # degrees, generations, buttons and what stands for further names
    r"et al\.?|md|m\.d\.|ph\.?\s?d\.?|mph|m\.?sc\.?|b\.?sc\.?|mbbs|mbchb|dphil|dr\.?|prof\.?|rn|ms|ba|ma|mba|dvm|dds"
    r"|pharmd|frcp\w*|facp|jr\.?|sr\.?|ii|iii|expand|collapse|show (?:more|all|fewer)|authors?|affiliations?"
    r"|(?:\+?\s?\d+ )?(?:more|others?)(?: authors)?|(?-i:[a-z])|\W*",
    re.IGNORECASE,
)
_INSTITUTION = re.compile(
    r"\b(?:universit|department|hospital|institut|college|school|cent(?:er|re)\b|faculty|division|laborator|clinic\b|"
    r"foundation|academy|ministry|inc\b|ltd\b|gmbh|program(?:me)?\b|section of|unit of|address:|street|email|e-mail)|@",
    re.IGNORECASE,
)
_PARTICLE = re.compile(
    r"van|von|der|den|del?|della|d[iu]|d[ao]s?|l[ae]|[ae]l|bin|ibn|ben|abu|te[rn]|zur?|af|an|y|e|i|on|behalf|of|the|for|and|t"
)
_NOT_IN_NAMES = re.compile(r"[\d:?!=/%]")
_SMALL_IN_JOURNALS = frozenset(["of", "and", "the", "in", "for", "on", "et", "de", "la", "und", "für", "der"])
_MOST_WORDS = 8
_MOST_WORDS_OF_JOURNAL = 14


# "Vitamin D" is none.
_CITED = re.compile(r"[^\W\d_][\w'’-]+(?: [\w'’-]+){0,2} (?:[A-Z]{2,3}\.?|[A-Z]\.)")


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of an author list in order, each once, without numbers, degrees and signs.

    >>> split_names("Jane Q Doe 1, M R Olthof2,Max Müller 2 3*, PhD")
    ('Jane Q Doe', 'M R Olthof', 'Max Müller')

    >>> split_names("Jane Doe, Ph.D., 1 Max Roe, M.D., 2 and Ann Poe, P.T. 1")
    ('Jane Doe', 'Max Roe', 'Ann Poe')

    >>> split_names("J. Doe a,b,*, M. Roe [c]")
    ('J. Doe', 'M. Roe')
    """
    text = _MARKS_IN_BRACKETS.sub("", _ET_AL.sub("", _LABEL.sub("", text.replace("**", ""))))
    text = text if ";" in text else _DEGREES.sub(",", text)
    pieces = _inverted(text) or _SEPARATOR.split(text)
    bare = (_BUTTON.sub("", piece).rstrip(_SIGNS_AFTER) for piece in pieces)
    names = (_LETTERS_AFTER.sub("", squeeze(piece)).lstrip(" *_.") for piece in bare)
    return tuple(dict.fromkeys(name for name in names if not _NOT_NAMES.fullmatch(name)))


def _inverted(text: str) -> list[str]:
    """Return the names of "Doe, Jane; Roe, Max" with the given name first, or nothing for other lists."""
    pairs = [piece.split(",") for piece in text.split(";") if piece.strip()]
    if len(pairs) < 2 or any(len(pair) != 2 for pair in pairs):
        return []
    return [f"{given.strip()} {family.strip()}" for family, given in pairs]


def looks_like_names(text: str) -> bool:
    """Return whether every item of a comma-separated text could be the name of a person or a group."""
    names = split_names(text)
    return bool(names) and not _INSTITUTION.search(text) and all(map(_could_be_name, names))


def _could_be_name(name: str) -> bool:
    words = name.split()
    return len(words) <= _MOST_WORDS and not words[0][0].isdigit() and all(map(_could_be_in_name, words))


def _could_be_in_name(word: str) -> bool:
    bare = word.strip("().'’")
    small = bare.islower() and not _PARTICLE.fullmatch(bare)
    return bool(bare) and not (small or _NOT_IN_NAMES.search(bare))


def is_cited_name(text: str) -> bool:
    """Tell the name of one author as it is cited: "Goodman DW."."""
    return _CITED.fullmatch(text.strip()) is not None and looks_like_names(text)


def is_byline(text: str) -> bool:
    """Tell a line of the authors' names, with or without the marks of their addresses, from a menu or a list."""
    names = split_names(unmarked(text))
    several = len(names) > 1 and 2 * sum(len(name.split()) > 1 for name in names) > len(names)
    marked = bool(_ADDRESS_MARKS.search(text) or re.search(r"[a-z][\d*†‡§¹²³]", text))
    alone = marked and len(names) == 1 and len(names[0].split()) > 1
    return len(text) <= _LONGEST_BYLINE and (several or alone) and looks_like_names(unmarked(text))


def unmarked(text: str) -> str:
    """Return a line of names without the letters of addresses and the group that they stand for.

    >>> unmarked("Tibor Varga a,*, Blessing Okoye b, on behalf of the CGRP team1")
    'Tibor Varga, Blessing Okoye'
    """
    text = _BETWEEN_MARKS.sub("; ", _FOR_A_GROUP.sub("", in_full(text)))
    return _ADDRESS_MARKS.sub("", text).strip(" ,;*")


def in_full(text: str) -> str:
    """Return a line of names in which each stands in full alone.

    >>> in_full("Wick, A (Wick, Ada)[1]; Flint, B (Flint, Bo)[2]")
    'Wick, Ada[1]; Flint, Bo[2]'
    """
    return _IN_FULL.sub(r"\1", text)


def looks_numbered(text: str) -> bool:
    """Return whether a text is an author list with affiliation numbers: "Jane Doe 1, Max Müller 2 3"."""
    return bool(_NUMBERED.search(text)) and looks_like_names(text)


def looks_like_journal(text: str) -> bool:
    """Return whether the words begin with capitals, but for the first ("npj Vaccines") and small ones."""
    words = text.split()
    small = sum(word[0].islower() and word not in _SMALL_IN_JOURNALS for word in words[1:])
    return 1 <= len(words) <= _MOST_WORDS_OF_JOURNAL and not small


def looks_like_institution(text: str) -> bool:
    """Return whether a text names a place of work or an address."""
    return bool(_INSTITUTION.search(text))
