"""What a language model writes for a file of questions becomes figures, and a list of its sentences to be read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.evaluation.answering import Asked, read_questions
from rag.evaluation.finding import Sought, is_of, names_evidence, read_sought, same_words
from rag.pipeline import ask, converse
from rag.shelf import Library
from rag.types import Answer, Quote, Sentence

if TYPE_CHECKING:
    from rag.writing import LanguageModel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Composed:
    """What a model made of a question: `answer` is None when there was none because of a fault.

    `sought` is what a file tells of the evidence, None where it tells nothing of it.
    """

    asked: Asked
    sought: Sought | None
    answer: Answer | None

    @property
    def stated(self) -> tuple[Sentence, ...]:
        """The sentences of the model that are shown, supported or weak; not those of its own that an answer adds."""
        prose = self.answer and self.answer.written and self.answer.mode != "quotes"
        sentences = self.answer.sentences if self.answer and prose else ()
        return tuple(one for one in sentences if one.support in ("supported", "weak"))

    @property
    def struck(self) -> tuple[Sentence, ...]:
        """The sentences of the model that are not."""
        return self.answer.written.removed if self.answer and self.answer.written else ()

    def quotes(self, sentence: Sentence) -> list[Quote]:
        """Return the quotes that a sentence rests on."""
        known = {one.number: one.quote for one in self.answer.citations} if self.answer else {}
        return [known[number] for number in sentence.citations if number in known]


def compose(path: Path, library: Library, model: LanguageModel) -> list[Composed]:
    """Have a model answer the questions of a file, in either of the formats that `evaluate` takes.

    Raises RagError that lists every broken line, or when there are none.
    """
    if names_evidence(path):
        return [_composed(one.asked, one, library, model) for one in read_sought(path)]
    return [_composed(one.asked, None, library, model) for one in read_questions(path)]


def _composed(asked: Asked, sought: Sought | None, library: Library, model: LanguageModel) -> Composed:
    try:
        return Composed(asked, sought, ask(asked.question, library, converse(asked.history, library), model=model))
    except Exception:  # a crash is a figure too; the other questions are still asked
        log.exception("No answer to question %s", asked.question)
        return Composed(asked, sought, None)


def composed_report(composed: Sequence[Composed], library: Library) -> dict[str, Any]:
    """Return the figures as plain values, and the sentences with their quotes, so that they can be read by hand.

    `off the evidence` counts supported sentences none of whose quotes is the sentence that answers, according to the
    file: these are to be read first. It is None where the file names no evidence.
    """
    written = [one.answer.written for one in composed if one.answer and one.answer.written]
    shown = [(one, sentence) for one in composed for sentence in one.stated]
    supported = [pair for pair in shown if pair[1].support == "supported"]
    off = [_is_off(one, sentence, library) for one, sentence in supported if one.sought]
    given = [number for one in written for _, _, number in one.evidence]
    figures = {
        "questions": len(composed),
        "asked of the model": len(written),
        "answered in prose": sum(bool(one.stated) for one in composed),
        "quotes in its place": sum(bool(one.answer and one.answer.quoted and not one.stated) for one in composed),
        "crashed": sum(one.answer is None for one in composed),
        "sentences": len(shown) + sum(len(one.struck) for one in composed),
        "supported": len(supported),
        "weak": sum(sentence.support == "weak" for _, sentence in shown),
        "struck": sum(len(one.struck) for one in composed),
        "supported, off the evidence": sum(off) if off else None,
        "quotes given": len(given),
        "quotes cited": sum(number > 0 for number in given),
        "seconds, half of the answers": _percentile((one.seconds for one in written), 50),
        "seconds, 95 %": _percentile((one.seconds for one in written), 95),
        "tokens read": _total(one.prompt_tokens for one in written),
        "of these kept from before": _total(one.cached_tokens for one in written),
        "tokens written": _total(one.completion_tokens for one in written),
        "US dollars": _total(one.cost for one in written),
    }
    return {"all": figures, "sentences": list(_sentences(composed, library))}


def composed_text(composed: Sequence[Composed], library: Library) -> str:
    """Return the figures as lines."""
    figures = composed_report(composed, library)["all"]
    width = max(map(len, figures))
    return "\n".join(f"{name.ljust(width)}  {'–' if value is None else value}" for name, value in figures.items())


def _is_off(one: Composed, sentence: Sentence, library: Library) -> bool:
    sought = one.sought
    assert sought
    return sought.absent or not any(
        is_of(library.index.reviews[quote.review_id], sought.pmcid)
        and any(same_words(quote.text, evidence) for evidence in sought.evidence)
        for quote in one.quotes(sentence)
    )


def _sentences(composed: Iterable[Composed], library: Library) -> Iterator[dict[str, Any]]:
    for one in composed:
        for sentence in (*one.stated, *one.struck):
            off = one.sought and sentence.support == "supported" and _is_off(one, sentence, library)
            yield {
                "question": one.asked.question,
                "sentence": sentence.text,
                "support": "struck" if sentence.support == "none" else sentence.support,
                "reason": sentence.reason,
                "quotes": [quote.text for quote in one.quotes(sentence)],
                "off the evidence": bool(off),
            }


def _percentile(values: Iterable[float], percent: float) -> float | None:
    found = [*values]
    return round(float(np.percentile(found, percent)), 1) if found else None


def _total(values: Iterable[float | None]) -> float | None:
    """Return a sum, None where nothing is known."""
    known = [value for value in values if value is not None]
    return round(sum(known), 6) if known else None
