"""DOI, PMID and PMCID: found in a line, checked, and written in one way."""

from __future__ import annotations

import hashlib
import re

# https://www.crossref.org/blog/dois-and-matching-regular-expressions/, with any printable suffix; older ones name the
# article between "<" and ">": 10.1002/1098-2353(200005)12:4<219::AID-CA7>3.0.CO;2-#
_DOI = re.compile(
    r"\b10\.\d{4,9}(?:\.\d+)*/[^\s\"<>{}|\\^`]+(?:<[\w:.()-]{1,40}>\d\.\d\.\w\w;[\w#@%-]+)?", re.IGNORECASE
)
# A word or a label that a lost space has set behind a DOI. Of 51,000 DOIs that articles cite none has such a tail.
_RUN_ON = re.compile(
    r"(?<=[\d)])(?:[A-Z][a-z]{3,}(?![a-z\d])|[.;,]?[A-Za-z]{3,}:(?!:)).*|(?<=[a-z])[A-Z][a-z]{3,}(?=\W*$)", re.ASCII
)
_PMID = re.compile(r"\bPMID\b\s*:?\s*#?(\d{1,8})\b", re.IGNORECASE)
_PMID_ADDRESS = re.compile(r"(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{1,8})\b", re.IGNORECASE)
_PMCID = re.compile(r"\bPMC\s?(\d{3,9})\b", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"'`\\^{}|]+", re.IGNORECASE)
_PAIRS = {")": "(", "]": "["}


def find_doi(text: str) -> str | None:
    """Return the first DOI of a text in lower case, without the punctuation, or the word, that has run into it.

    >>> find_doi("doi: https://doi.org/10.1016/S0140-6736(20)30183-5. Epub 2020 Jan 24.")
    '10.1016/s0140-6736(20)30183-5'

    >>> find_doi("10.5555/lamp.2021.33Received 3 May"), find_doi("10.5555/lamp.33PMID:10000001")
    ('10.5555/lamp.2021.33', '10.5555/lamp.33')
    """
    match = _DOI.search(text)
    return _without_tail(_RUN_ON.sub("", _without_tail(match.group()))).lower() if match else None


def _without_tail(name: str) -> str:
    name = name.split("](")[0]  # the end of a Markdown link's words
    while name:
        last = name[-1]
        unpaired = last in _PAIRS and name.count(last) > name.count(_PAIRS[last])
        if not (unpaired or last in ".,;:'\"*_’”…"):
            return name
        name = name[:-1]
    return name


def find_pmid(text: str) -> str | None:
    """Return the first PubMed number of a text, labelled or in an address, without leading zeros."""
    match = _PMID.search(text) or _PMID_ADDRESS.search(text)
    return (match.group(1).lstrip("0") or None) if match else None


def find_pmcid(text: str) -> str | None:
    """Return the first PubMed Central id of a text, written `PMC123`."""
    match = _PMCID.search(text)
    return f"PMC{match.group(1).lstrip('0')}" if match else None


def find_address(text: str) -> str | None:
    """Return the first web address of a text."""
    match = _ADDRESS.search(text)
    return _without_tail(match.group()) if match else None


def without_doi(text: str) -> str:
    """Return the text with its DOIs left out, whose digits may look like dates."""
    return _DOI.sub("", text)


def without_addresses(text: str) -> str:
    """Return the text with its web addresses left out."""
    return _ADDRESS.sub("", text)


def review_id(doi: str | None, pmid: str | None, pmcid: str | None, text: str) -> str:
    """Return what names a review: its DOI, else its PMID or PMCID, else a hash of its text."""
    if doi:
        return doi
    if pmid:
        return f"pmid:{pmid}"
    if pmcid:
        return f"pmcid:{pmcid}"
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
