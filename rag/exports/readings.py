"""A file as the product sees it: what was read in it, its sections by kind, its facts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from rag.exports.wording import printable, wording
from rag.sources import FileReport, Reading, report
from rag.types import PROSE, Review, Section, SectionKind

# What each kind of section is called here.
KINDS: dict[SectionKind, str] = {
    "abstract": "abstract",
    "summary": "summary",
    "body": "text",
    "bibliographic": "facts of publication",
    "competing interests": "competing interests",
    "references": "references",
    "entities": "index terms",
    "boilerplate": "frame of the page",
}
_SEARCHED, _FACT, _FRAME, _PLAIN = "\x1b[32m", "\x1b[36m", "\x1b[2m", "\x1b[0m"
_MENTIONED = 0.01  # the share of a file from which on a kind is named


def file_line(file: FileReport) -> str:
    """Return a line on a file: its kind, how many reviews it holds, how much of it can be searched, what the rest is.

    >>> file_line(FileReport("a.pdf", "PDF", ("x",), (("body", 0.9), ("references", 0.1))))
    'a.pdf: PDF, 1 review, 90% searchable, references 10%'
    """
    if not file.kind:
        return f"{file.file}: not read"
    if not file.reviews and not file.refused:
        return f"{file.file}: {file.kind}"
    reviews = f"{len(file.reviews):,} review{'' if len(file.reviews) == 1 else 's'}"
    rest = [f"{KINDS[kind]} {share:.0%}" for kind, share in file.shares if kind not in PROSE and share >= _MENTIONED]
    return f"{file.file}: {', '.join([file.kind, reviews, f'{file.searchable:.0%} searchable', *rest])}"


def reading_text(reading: Reading, name: str, *, colors: bool = False) -> str:
    """Return a file as text for a terminal: a line on it, then each review with its facts and sections."""
    told = report(name, reading)
    warnings = [f"Look at it: {line}." for line in told.warnings]
    refused = [f"Not read: {line}" for line in told.refused]
    reviews = ["\n".join(_review_lines(review, colors)) for review in reading.reviews]
    return "\n\n".join([printable("\n".join([file_line(told), *warnings, *refused])), *reviews])


def _review_lines(review: Review, colors: bool) -> Iterator[str]:
    yield from (printable(f"{name:<10}{value}") for name, value in facts(review))
    for section in review.sections:
        color = _SEARCHED if section.kind in PROSE else _FRAME if section.kind == "boilerplate" else _FACT
        on, off = (color, _PLAIN) if colors else ("", "")
        yield f"{on}── {printable(f'{section.heading} ({_kind(section)})')}{off}"
        yield f"{on}{printable(review.text[section.start : section.end])}{off}"


def facts(review: Review) -> list[tuple[str, str]]:
    """Return what was read of a paper, name and value, with "not stated" for what was not found."""
    published = ", ".join(filter(None, (review.journal, review.date or (str(review.year) if review.year else None))))
    stated = {
        "Title": review.title,
        "Authors": "; ".join(review.authors),
        "Published": published,
        "DOI": review.doi,
        "PMID": review.pmid,
        "PMCID": review.pmcid,
    }
    also = {"Type": ", ".join(review.types), "Status": review.status}
    return [
        *((name, value or "not stated") for name, value in stated.items()),
        *(pair for pair in also.items() if pair[1]),
    ]


def reading_html(review: Review) -> str:
    """Return a review's sections as HTML, each with its kind: what is searched, facts, and the frame of the page."""
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd dir='auto'>{escape(wording(value))}</dd>" for name, value in facts(review)
    )
    parts = "".join(
        f'<section class="kind-{"searched" if section.kind in PROSE else section.kind.replace(" ", "-")}">'
        f"<h4>{escape(section.heading)} <span>{escape(_kind(section))}</span></h4>"
        f'<p dir="auto">{escape(review.text[section.start : section.end])}</p></section>'
        for section in review.sections
    )
    return f"<dl>{rows}</dl>{parts}"


def _kind(section: Section) -> str:
    own = {"page": ", of the page", "note": ", a note"}.get(section.provenance, "")
    return f"{KINDS[section.kind]}{own if section.kind in PROSE else ''}"
