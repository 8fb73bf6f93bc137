"""Lists of author names as pages print them, with their affiliation numbers, degrees and signs."""

from __future__ import annotations

import re

from rag.sources.lines import squeeze

_LABEL = re.compile(r"^\W*(?:authors?(?:\(s\))?|author list|by|written by)\b\s*[:：]?\W*", re.IGNORECASE)
_ET_AL = re.compile(r"[\s,]+et al\b\.?")
_SEPARATOR = re.compile(r"\s*[,;\n•·|]\s*|\s+(?:and|&)\s+")
# Affiliation numbers, superscript or not, and the signs for equal contribution, correspondence and membership.
_NUMBERS_IN_BRACKETS = re.compile(r"[(\[{^][\d,;*†‡§\s]*[)\]}^]")
_SIGNS_AFTER = " \t\u00a00123456789¹²³⁰⁴⁵⁶⁷⁸⁹*†‡§¶#✉✝^_.…"
_NOT_NAMES = re.compile(
    r"^(?:et al\.?|md|m\.d\.|ph\.?\s?d\.?|mph|m\.?sc\.?|b\.?sc\.?|mbbs|mbchb|dphil|dr\.?|prof\.?|rn|ms|ba|ma|mba|dvm|dds"
    r"|pharmd|frcp\w*|facp|jr\.?|sr\.?|ii|iii|expand|collapse|show (?:more|all|fewer)|authors?|affiliations?|(?:\+?\s?\d+ )?(?:more|others?)(?: authors)?|\W*)$",
    re.IGNORECASE,
)
_INSTITUTION = re.compile(
    r"\b(?:universit|department|hospital|institut|college|school|cent(?:er|re)\b|faculty|division|laborator|clinic\b|"
    r"foundation|academy|ministry|inc\b|ltd\b|gmbh|program(?:me)?\b|section of|unit of|address:|street|email|e-mail)|@",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    [
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "do",
        "du",
        "la",
        "le",
        "el",
        "al",
        "bin",
    ]
    + [
        "ibn",
        "ben",
        "abu",
        "ter",
        "ten",
        "zu",
        "zur",
        "af",
        "y",
        "e",
        "i",
        "on",
        "behalf",
        "of",
        "the",
        "for",
        "and",
        "t",
    ]
)
_MOST_WORDS = 8


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of an author list in order, each once, without numbers, degrees and signs.

    >>> split_names("Jane Q Doe 1, M R Olthof2,Max Müller 2 3*, PhD")
    ('Jane Q Doe', 'M R Olthof', 'Max Müller')
    """
    text = _ET_AL.sub("", _LABEL.sub("", text.replace("**", "")))
    pieces = _inverted(text) or _SEPARATOR.split(text)
    names = (squeeze(_NUMBERS_IN_BRACKETS.sub("", piece).rstrip(_SIGNS_AFTER)).lstrip(" *_.") for piece in pieces)
    return tuple(dict.fromkeys(name for name in names if not _NOT_NAMES.match(name)))


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
    return bool(bare) and (bare in _PARTICLES or not (bare[0].islower() or re.search(r"[\d:?!=/%]", bare)))


def looks_numbered(text: str) -> bool:
    """Return whether a text is an author list with affiliation numbers: "Jane Doe 1, Max Müller 2 3"."""
    return bool(re.search(r"[^\W\d_]\s?[\d¹²³⁴-⁹]+(?:\s[\d#*]+)*\s*(?:,|$)", text)) and looks_like_names(text)


def looks_like_institution(text: str) -> bool:
    """Return whether a text names a place of work or an address."""
    return bool(_INSTITUTION.search(text))
