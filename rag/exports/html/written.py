"""What stands behind a written answer, as HTML: what was struck, and what the model was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from rag.exports.view import AnswerView, Told
from rag.exports.wording import wording
from rag.shelf import label
from rag.types import Review, Written

_ENDINGS = {
    "complete": "ended by itself",
    "length": "ended at its limit of length",
    "filtered": "ended by a content filter",
    "stopped": "stopped by the reader",
    "repeated": "ended when it repeated itself",
    "cut": "broke off",
    "fault": "failed",
}


def behind_html(written: Written, shown: AnswerView) -> str:
    """Return how many sentences stand; folded, those that were struck and all that the model was given and wrote."""
    return _share(shown) + _removed(shown.removed) + (_given(written, shown.reviews) if written.given else "")


def writing_html(text: str) -> str:
    """Return what is written so far."""
    body = f'<p class="written" dir="auto">{escape(text)}</p>' if text else ""
    state = "Being written; not checked yet." if text else "The model is reading and thinking …"
    return f'<article class="answer">{body}<p class="coverage" role="status">{state}</p></article>'


def _share(shown: AnswerView) -> str:
    return f'<p class="coverage">{escape(shown.share)}</p>' if shown.share else ""


def _removed(removed: Sequence[Told]) -> str:
    if not removed:
        return ""
    count = f"{len(removed)} sentence{'s' if len(removed) > 1 else ''} removed"
    rows = "".join(f"<li><s>{escape(one.text)}</s> {escape(one.mark)}</li>" for one in removed)
    return f'<details class="behind"><summary>{count}</summary><ul>{rows}</ul></details>'


def _given(written: Written, shelf: Mapping[str, Review]) -> str:
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
        kept = f" ({written.cached_tokens} of them kept from before)" if written.cached_tokens else ""
        parts.append(f"{written.prompt_tokens} tokens read{kept}, {written.completion_tokens} written")
    if written.cost is not None:
        parts.append(f"{written.cost:.4f} US dollars")
    return " · ".join(parts)
