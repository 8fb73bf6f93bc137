"""A written answer as HTML: sentences with their markers and marks, what was struck, and what the model was given."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rag.exports.html.sources import marked_html
from rag.exports.wording import wording
from rag.shelf import label
from rag.types import Answer, Citation, Review, Sentence, Written

_ENDINGS = {
    "complete": "ended by itself",
    "length": "ended at its limit of length",
    "filtered": "ended by a content filter",
    "stopped": "stopped by the reader",
    "cut": "broke off",
    "fault": "failed",
}


def sentence_html(sentence: Sentence, citations: Sequence[Citation], anchor: str) -> str:
    """Return a sentence with its markers, and with a mark when its quotes carry it only in part."""
    text = marked_html(sentence.text, sentence.citations, citations, anchor)
    if sentence.support != "weak":
        return text
    return f'<span class="weak">{text} <b title="{escape(sentence.reason)}">weak: {escape(sentence.reason)}</b></span>'


def prose_html(answer: Answer, anchor: str) -> str:
    """Return the sentences of a written answer as a paragraph."""
    sentences = " ".join(sentence_html(one, answer.citations, anchor) for one in answer.sentences)
    return f'<p class="written" dir="auto">{sentences}</p>'


def note_html(written: Written) -> str:
    """Return the line that says why an answer is not what a model wrote, "" when it is."""
    return f'<p class="note">{escape(written.note)}</p>' if written.note else ""


def behind_html(written: Written, reviews: Sequence[Review]) -> str:
    """Return, folded, the sentences that were struck and all that the model was given and wrote."""
    return _removed(written) + (_given(written, {review.id: review for review in reviews}) if written.given else "")


def writing_html(text: str) -> str:
    """Return what is written so far."""
    body = f'<p class="written" dir="auto">{escape(text)}</p>' if text else ""
    return f'<article class="answer">{body}<p class="coverage">Being written; not checked yet.</p></article>'


def _removed(written: Written) -> str:
    if not written.removed:
        return ""
    count = f"{len(written.removed)} sentence{'s' if len(written.removed) > 1 else ''} removed"
    rows = "".join(f"<li><s>{escape(one.text)}</s> {escape(one.reason)}</li>" for one in written.removed)
    return f'<details class="behind"><summary>{count}</summary><ul>{rows}</ul></details>'


def _given(written: Written, shelf: dict[str, Review]) -> str:
    quotes = "".join(
        f"<li><code>{escape(name)}</code> {escape(label(shelf[quote.review_id]))}: “{escape(wording(quote.text))}” "
        f"{f'cited as {number}' if number else 'not cited'}</li>"
        for name, quote, number in written.evidence
        if quote.review_id in shelf
    )
    messages = "".join(f"<h4>{escape(role)}</h4><pre>{escape(text)}</pre>" for role, text in written.given)
    wrote = f"<h4>What it wrote</h4><pre>{escape(written.raw)}</pre>" if written.raw else ""
    return (
        '<details class="behind"><summary>What the model was given</summary>'
        f'<p class="coverage">{escape(_figures(written))}</p><ul>{quotes}</ul>{messages}{wrote}</details>'
    )


def _figures(written: Written) -> str:
    parts = [written.model, _ENDINGS[written.ending], f"{written.seconds:.1f} s"]
    if written.prompt_tokens is not None:
        parts.append(f"{written.prompt_tokens} tokens read, {written.completion_tokens} written")
    if written.cost is not None:
        parts.append(f"{written.cost:.4f} US dollars")
    return " · ".join(parts)
