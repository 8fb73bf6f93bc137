"""An answer for a terminal: text, sources, what it was searched as, what the reviews contributed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rag.exports.references import doi_url
from rag.exports.tables import EMPTY, cells_by_place, columns, marked, remarks, shared_lines, summary_of
from rag.exports.wording import listed, printable, provenance, wording
from rag.shelf import label
from rag.types import Answer, Cell, CellState, Citation, Comparison, CoverageState, Review, Written


def terminal_text(answer: Answer, reviews: Mapping[str, Review]) -> str:
    """Return an answer for a terminal: text, sources, what it was searched as, what the reviews contributed."""
    compared = answer.comparison if answer.citations else None
    blocks = list(_compared(answer, compared, reviews)) if compared else [answer.text]
    if answer.citations:
        blocks.append("\n".join(["Sources", *(_source(citation, reviews) for citation in answer.citations)]))
    if answer.nearest:
        nearest = (f"“{citation.quote.text}”\n{_source(citation, reviews)}" for citation in answer.nearest)
        blocks.append("\n".join(["Nearest passages, which do not answer the question:", *nearest]))
    return printable("\n\n".join([*blocks, "\n".join(_notes(answer, reviews))]).strip())


def _compared(answer: Answer, comparison: Comparison, reviews: Mapping[str, Review]) -> Iterator[str]:
    """Yield the summary, where the reviews differ and what they share, and each aspect with its quotes."""
    names = {review_id: label(review) for review_id, review in reviews.items()}
    told = tuple(text.casefold() for text in _told(comparison))
    # What the blocks below tell is not told twice.
    summary = [one for one in summary_of(answer) if not told or not one.text.casefold().endswith(told)]
    yield "\n".join(one.text + marked(one.citations) for one in summary)
    yield from _relations(comparison, names)
    cells, seen = cells_by_place(comparison), set[int]()
    for aspect in comparison.aspects:
        row = [cells[aspect, review_id] for review_id in columns(comparison).shown]
        lines = [line for cell in row if cell.state != "not_asked" for line in _cell(cell, comparison, names, seen)]
        yield "\n".join([aspect, "-" * len(aspect), *lines])


def _told(comparison: Comparison) -> Iterator[str]:
    yield from (one.text for one in comparison.differences)
    yield from (one.text for one in comparison.agreements)


def _relations(comparison: Comparison, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the blocks "They differ" and "They share", and on which aspects neither can be told."""
    blocks: dict[str, list[str]] = {"They differ": [], "They share": []}
    for aspect in comparison.aspects:
        for one in remarks(comparison, aspect):
            if one.kind == "cannot tell":
                continue
            shared = one.kind == "in common"
            where = aspect if shared else f"{aspect} ({one.kind})"
            blocks["They share" if shared else "They differ"].append(f"{where}: {one.text}{marked(one.citations)}")
    blocks["They share"] += [f"{text}{marked(numbers)}" for text, numbers in shared_lines(comparison, names)]
    yield from ("\n".join([head, *(f"- {line}" for line in lines)]) for head, lines in blocks.items() if lines)
    if comparison.undecided and (comparison.differences or comparison.agreements):  # else the summary says it
        yield f"Whether they agree on {listed(comparison.undecided)}, the quotes do not tell."


def _cell(cell: Cell, comparison: Comparison, names: Mapping[str, str], seen: set[int]) -> Iterator[str]:
    """Yield the lines of a cell; a quote that was seen before is named by its number."""
    name = names[cell.review_id]
    if not cell.citations:
        yield f"{name}: {EMPTY[cell.state].lower()}"
        return
    yield f"{name}:"
    for number in cell.citations:
        text = wording(comparison.citations[number - 1].quote.text)
        yield f"[{number}], quoted above" if number in seen else f"“{text}” [{number}]"
        seen.add(number)


def _source(citation: Citation, reviews: Mapping[str, Review]) -> str:
    quote, review = citation.quote, reviews[citation.quote.review_id]
    what = " · ".join(filter(None, [label(review), quote.heading, provenance(quote)]))
    where = f"{review.files[0]}:{quote.start}-{quote.end}"
    return "\n    ".join(filter(None, [f"[{citation.number}] {what}", where, doi_url(review.doi)]))


def _notes(answer: Answer, reviews: Mapping[str, Review]) -> Iterator[str]:
    if answer.outcome == "partial" and not answer.comparison:
        yield f"Answered in part: no quote holds {', '.join(answer.missing)}."
    if answer.note:
        yield answer.note
    if answer.outcome != "chat" and answer.searched_as != answer.question:
        yield f"Searched as: {answer.searched_as}"
    if answer.written:
        yield from _writing_lines(answer, answer.written)
    if not answer.coverage:
        return
    if answer.comparison and answer.citations:
        yield from _without_lines(answer.comparison, reviews)
    by_state: dict[CoverageState, list[str]] = {"cited": [], "retrieved": [], "silent": []}
    for coverage in answer.coverage:
        by_state[coverage.state].append(label(reviews[coverage.review_id]))
    used = f"{len(by_state['cited'])} of {len(answer.coverage)} review{'s' * (len(answer.coverage) > 1)} used"
    if answer.comparison:  # its cells name the silent, with the kind of their silence
        by_state["silent"].clear()
    others = {"searched, not quoted": by_state["retrieved"], "silent": by_state["silent"]}
    yield "; ".join([used, *(f"{words}: {', '.join(labels)}" for words, labels in others.items() if labels)])


def _writing_lines(answer: Answer, written: Written) -> Iterator[str]:
    """Yield who wrote an answer, what is off, and the sentences that no quote carries, or only in part."""
    if answer.mode == written.model:
        yield f"Written by {written.model} from these quotes; each sentence is checked against those that it names."
    if written.note:
        yield written.note
    yield from (f"Weak: “{one.text}” {one.reason}" for one in answer.sentences if one.support == "weak")
    yield from (f"Removed: “{one.text}” {one.reason}" for one in written.removed)


def _without_lines(comparison: Comparison, reviews: Mapping[str, Review]) -> Iterator[str]:
    """Yield the reviews that no aspect has a line for, by why: "Not asked: A, B"."""
    shown = columns(comparison).shown
    why: dict[CellState, list[str]] = {}
    for cell in comparison.cells:
        if cell.aspect == comparison.aspects[0] and (cell.state == "not_asked" or cell.review_id not in shown):
            why.setdefault(cell.state, []).append(label(reviews[cell.review_id]))
    # A review without a column is silent on every aspect, in one way.
    yield from (f"{EMPTY[state]}: {', '.join(why[state])}" for state in EMPTY if state in why)
