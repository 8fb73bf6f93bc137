"""Quotes become prose: a model writes from them, and every sentence is checked against the quotes that it names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from rag.exports import with_text
from rag.questions import content_terms
from rag.shelf import label
from rag.text import sentence_spans, stem_set, stems
from rag.types import Answer, Citation, Coverage, Quote, Sentence, Support, Turn, Written
from rag.writing.attributing import Attributed, Drafted, attributed, without_repeats
from rag.writing.checking import Cited, Verdict, check_sentences, other_names
from rag.writing.faults import NOT_SENT, explanation
from rag.writing.giving import ALPHABET, FOREIGN, ID_LENGTH, Evidence, beside_of, evidence_of, evidence_text
from rag.writing.prompts import MOST_OF_A_COMPARISON, NOT_ANSWERED, ONCE_MORE, REWRITE, WRITE, rewriting_task, task
from rag.writing.shape import MOST_SENTENCES, answer_schema, as_prose
from rag.writing.standing import goes_beyond
from rag.writing.translating import LANGUAGES, TRANSLATE, translation_task, translations

if TYPE_CHECKING:
    from rag.shelf import Library
    from rag.writing.stream import LanguageModel, Message, Reply

LONGEST_REWRITE = 400
_MARKER = re.compile(r"\s*\[([^\[\]]{0,80})\]")
_UNFINISHED = re.compile(r"\s*\[[^\[\]]{0,80}$")
_AFTER_STOP = re.compile(r"([.!?])((?:\s*\[[^\[\]\n]{0,80}\])+)")
_MARKUP = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]|^\s*(?:[-*•]|#{1,6}|\d{1,2}[.)])\s+|\*\*|__|`", re.MULTILINE)
_ENDED = re.compile(r"[.!?…][\"”’')\]]*\s*$")
_TOO_MANY = f"Above a comparison stand {MOST_OF_A_COMPARISON} sentences at most."
_FOREIGN_REASON = "It holds a link or markup, which no answer has."
_STATED: dict[str, Support] = {"supported": "supported", "weak": "weak", "unsupported": "none"}
# For a reader: why an answer of a model is incomplete.
_NOTES = {
    "length": "{model} reached its length limit; this is the part that it wrote.",
    "stopped": "Stopped. This is what was written until then.",
    "repeated": "{model} began to repeat itself; this is what it wrote until then.",
    "cut": "The answer of {model} broke off. These are the quotes themselves; ask again for a written answer.",
    "filtered": "The filter of {model}’s provider ended its answer. These are the quotes themselves.",
}
_TRANSLATED = "Translated by {model}; what was checked are its sentences in English, under “What the model was given”."
_LEFT = "Not translated into {language}: {count} of {all}. No translation with the same numbers came."
# A sentence that has been said more often than this is not waited for again.
REPEATS = 3
# So does what ends in the same words, over and over.
_LOOP, _LONGEST_LOOP = re.compile(rf"(\w[^\n]{{7,79}})\1{{{REPEATS + 1}}}\Z"), 80 * (REPEATS + 2)
# Quotes surely answer from this probability on.
SURELY_ANSWERED = 0.9
# What was written when an endpoint ran out of time stands as far as it goes.
OUT_OF_TIME = ("too slow", "silent")
_OUT_OF_TIME = "{model} ran out of time; this is the part that it wrote."
_NO_ANSWER = "{model} finds no answer in these quotes. They are the nearest the reviews have; judge for yourself."
_NOTHING_HELD = "The quotes support no sentence that {model} wrote. These are the quotes themselves."


class Watch(Protocol):
    """Sees an answer while it is written."""

    def quoted(self, answer: Answer) -> None:
        """Take the answer in quotes, which stands until the written one does."""

    def begun(self, stop: Callable[[], Answer]) -> None:
        """Take a function that ends the writing, from any thread, and returns the answer so far."""

    def text(self, so_far: str) -> None:
        """Take what is written so far, its markers resolved."""


def write(
    quoted: Answer,
    model: LanguageModel,
    library: Library,
    watch: Watch | None = None,
    manner: str = "",
    beside: Sequence[Quote] = (),
) -> Answer:
    """Return a quoted answer written up by a model; the quoted answer with a note where that fails.

    What has no quotes stays as it is and costs nothing; `beside` are sentences that may matter beside these. `manner`
    is one of MANNERS, or of LANGUAGES to have the answer translated, "" for the usual one. Whatever `watch` raises
    ends the writing.
    """
    language = manner if manner in LANGUAGES else ""
    written = _written(quoted, model, library, watch, "" if language else manner, beside)
    return _translated(written, language, model, library, watch) if language else written


def _written(
    quoted: Answer, model: LanguageModel, library: Library, watch: Watch | None, manner: str, beside: Sequence[Quote]
) -> Answer:
    """Return an answer as a model writes it.

    One that finds no answer in quotes that surely answer is asked once more, and one that cannot read as much with the
    quotes alone.
    """
    from rag.writing.stream import Message

    evidence = evidence_of(quoted, library, beside)
    if not evidence:
        return quoted
    if watch:
        watch.quoted(quoted)
    messages = _messages(quoted, evidence, library, manner)
    written = _write_from(quoted, messages, evidence, library, model, watch)
    if written.written and written.written.fault == "too long":
        evidence = evidence_of(quoted, library)
        messages = _messages(quoted, evidence, library, manner, alone=True)
        written = _write_from(quoted, messages, evidence, library, model, watch)
    one = written.written
    refused = one and one.ending == "complete" and NOT_ANSWERED in as_prose(one.raw)
    if not (refused and (quoted.confidence or 0.0) >= SURELY_ANSWERED):
        return written
    once_more = [*messages, Message("assistant", NOT_ANSWERED), Message("user", ONCE_MORE)]
    again = _write_from(quoted, once_more, evidence, library, model, watch)
    assert one and again.written
    return replace(again, written=_with_cost_of(one, again.written))


def _messages(quoted: Answer, evidence: Evidence, library: Library, manner: str, alone: bool = False) -> list[Message]:
    from rag.writing.stream import Message

    given = evidence_text(evidence, quoted, library, alone)
    return [Message("system", WRITE), Message("user", task(quoted.searched_as, given, quoted.comparison, manner))]


def _translated(answer: Answer, language: str, model: LanguageModel, library: Library, watch: Watch | None) -> Answer:
    """Return a written answer with its sentences in another language; those that could not be put into it stay."""
    from rag.writing.stream import Message

    own = [one.text for one in answer.sentences if one.support in ("supported", "weak")]
    if not answer.written or answer.mode == "quotes" or not own:
        return answer
    messages = [Message("system", TRANSLATE), Message("user", translation_task(own, language))]
    stream = model.stream(messages)

    def as_it_stands() -> Answer:
        stream.stop()
        return _in_language(answer, own, stream.reply, messages, language, model, library)

    draft = ""
    try:
        if watch:
            watch.begun(as_it_stands)
        for piece in stream:
            draft += piece
            if watch:
                watch.text(draft)
    finally:
        stream.stop()
    return _in_language(answer, own, stream.reply, messages, language, model, library)


def _write_from(
    quoted: Answer,
    messages: Sequence[Message],
    evidence: Evidence,
    library: Library,
    model: LanguageModel,
    watch: Watch | None,
) -> Answer:
    from rag.writing.stream import Message

    compared = quoted.comparison is not None
    schema = answer_schema(evidence, MOST_OF_A_COMPARISON if compared else MOST_SENTENCES) if model.shapes else None
    stream = model.stream(messages, schema)
    if schema:
        messages = [*messages, Message("form", json.dumps(schema))]

    def as_it_stands() -> Answer:
        stream.stop()
        return finished(quoted, stream.reply, messages, evidence, library, model)

    draft, rambled = "", False
    try:
        if watch:
            watch.begun(as_it_stands)
        for piece in stream:
            draft += piece
            if watch:
                watch.text(so_far(draft, evidence, compared))
            if rambled := rambles(draft, evidence):
                break
    finally:
        stream.stop()
    reply = replace(stream.reply, ending="repeated") if rambled else stream.reply
    return finished(quoted, reply, messages, evidence, library, model)


def _in_language(
    answer: Answer,
    own: Sequence[str],
    reply: Reply,
    messages: Sequence[Message],
    language: str,
    model: LanguageModel,
    library: Library,
) -> Answer:
    """Return an answer whose own sentences are those of a translator's reply, as far as it goes."""
    assert answer.written
    before = answer.written
    told = {text: found for text, found in zip(own, translations(reply.text, own), strict=True) if found}
    left = len(own) - len(told)
    notes = [before.note, _TRANSLATED.format(model=model.name) if told else ""]
    notes += [_LEFT.format(language=language, count=left, all=len(own))] if left else []
    written = replace(
        before,
        note=" ".join(filter(None, notes)),
        given=(*before.given, *((message.role, message.text) for message in messages)),
        raw=f"{before.raw}\n\n{reply.text}".strip(),
        **_spent(reply, model),
    )
    written = _with_cost_of(before, written)
    sentences = tuple(replace(one, text=told.get(one.text, one.text)) for one in answer.sentences)
    return with_text(replace(answer, sentences=sentences, written=written), library.index.reviews)


def rambles(draft: str, evidence: Evidence) -> bool:
    """Tell whether the last whole sentence of a draft, or its last words, came so often that nothing new will come."""
    prose = as_prose(draft)
    said = [" ".join(one.text.casefold().split()) for one in drafted(prose, evidence)]
    return bool(_LOOP.search(prose[-_LONGEST_LOOP:])) or (len(said) > REPEATS and said[:-1].count(said[-2]) > REPEATS)


def _spent(reply: Reply, model: LanguageModel) -> dict[str, Any]:
    """Return what a reply took, by the fields of what was written."""
    usage = reply.usage
    return {
        "prompt_tokens": usage and usage.prompt_tokens,
        "cached_tokens": usage and usage.cached_tokens,
        "completion_tokens": usage and usage.completion_tokens,
        "seconds": reply.seconds,
        "cost": usage and model.cost(usage),
    }


def _with_cost_of(first: Written, second: Written) -> Written:
    """Return the second of two with the tokens, time and cost of both; what is not known of one is not of both."""
    names = ("prompt_tokens", "cached_tokens", "completion_tokens", "seconds", "cost")
    both = {name: (getattr(first, name), getattr(second, name)) for name in names}
    total: dict[str, Any] = {name: None if None in pair else sum(pair) for name, pair in both.items()}
    return replace(second, **total)


def so_far(draft: str, evidence: Evidence, compared: bool = False) -> str:
    """Return an unfinished draft for a reader: markers as numbers, unknown and half ones left out.

    The numbers are those of the finished answer: by first use, in a comparison those of the matrix.
    """
    numbers = {name: citation.number for name, citation in evidence.items()} if compared else {}

    def numbered(found: re.Match[str]) -> str:
        ids = [name for name in _names(found.group(1)) if name in evidence]
        return "".join(f" [{numbers.setdefault(name, len(numbers) + 1)}]" for name in ids)

    prose = as_prose(draft)
    return _MARKER.sub(numbered, _UNFINISHED.sub("", _MARKUP.sub("", prose))).strip()


def drafted(text: str, evidence: Evidence) -> list[Drafted]:
    """Return the sentences of a model's answer with the ids that each names, those after the full stop included."""
    plain = _AFTER_STOP.sub(lambda found: f"{found.group(2)}{found.group(1)}", _MARKUP.sub("", text))
    sentences = []
    for start, end in sentence_spans(plain, 0, len(plain)):
        wording = plain[start:end]
        ids = dict.fromkeys(n for found in _MARKER.finditer(wording) for n in _names(found.group(1)) if n in evidence)
        bare = " ".join(_MARKER.sub("", wording).split())
        if re.search(r"\w", bare):
            sentences.append(Drafted(bare, tuple(ids)))
    return sentences


def _names(inside: str) -> list[str]:
    return re.findall(rf"\b[{ALPHABET}]{{{ID_LENGTH}}}\b", inside)


def finished(
    quoted: Answer,
    reply: Reply,
    messages: Sequence[Message],
    evidence: Evidence,
    library: Library,
    model: LanguageModel,
) -> Answer:
    """Return the answer that a reply makes: its sentences that the quotes carry, or the quotes with a note."""
    note, prose = _note(reply, model.name), as_prose(reply.text)
    out_of_time = reply.ending == "cut" and reply.fault in OUT_OF_TIME
    stands = out_of_time or reply.ending in ("complete", "length", "stopped", "repeated")
    sentences = drafted(prose, evidence) if stands else []
    if reply.ending != "complete" and sentences and not _ENDED.search(prose):
        sentences.pop()
    judged = _judged(without_repeats(sentences), quoted, evidence, library)
    kept = [one for one in judged if one.verdict.support != "unsupported"]
    removed = [one for one in judged if one.verdict.support == "unsupported"]
    evidence = _grown(evidence, kept, library)
    if out_of_time and kept:
        note = _OUT_OF_TIME.format(model=model.name)
    if NOT_ANSWERED in prose:
        kept, removed, note = [], [], _NO_ANSWER.format(model=model.name)
    elif not kept and sentences:
        note = note or _NOTHING_HELD.format(model=model.name)
    used = list(dict.fromkeys(name for one in kept for name in one.ids))
    numbers = _numbers(used, evidence, quoted) if kept else {name: c.number for name, c in evidence.items()}
    written = Written(
        model=model.name,
        ending=reply.ending,
        note=note,
        fault=reply.fault or "",
        removed=tuple(_sentence(one, {}) for one in removed),
        given=() if reply.fault in NOT_SENT else tuple((message.role, message.text) for message in messages),
        raw=reply.text,
        evidence=tuple((name, c.quote, numbers.get(name, 0) if name in used else 0) for name, c in evidence.items()),
        **_spent(reply, model),
    )
    if not kept:
        return replace(quoted, written=written)
    stated = [_sentence(one, numbers) for one in kept]
    return with_text(_written_up(quoted, stated, numbers, evidence, written), library.index.reviews)


def _note(reply: Reply, name: str) -> str:
    if reply.fault and reply.ending in ("fault", "cut"):
        return explanation(reply.fault, name)
    return _NOTES[reply.ending].format(model=name) if reply.ending in _NOTES else ""


def _judged(sentences: Sequence[Drafted], quoted: Answer, evidence: Evidence, library: Library) -> list[Attributed]:
    """Return sentences with the quotes that carry them, and how well these do."""
    quotes = {name: citation.quote for name, citation in evidence.items()}
    check = partial(_check, library)
    # The quotes of a matrix stand below it as they are.
    beside = None if quoted.comparison else partial(beside_of, library)
    judged = []
    for at, one in enumerate(sentences):
        if FOREIGN.search(one.text):
            judged.append(Attributed(one.text, one.ids, Verdict("unsupported", _FOREIGN_REASON)))
        elif quoted.comparison and at >= MOST_OF_A_COMPARISON:
            judged.append(Attributed(one.text, one.ids, Verdict("unsupported", _TOO_MANY)))
        elif quoted.comparison and (beyond := goes_beyond(one, quoted.comparison, evidence)):
            judged.append(Attributed(one.text, one.ids, beyond))
        else:
            judged.append(attributed(one, quotes, check, beside))
    return judged


def _check(library: Library, text: str, quotes: Sequence[Quote], whole: bool) -> Verdict:
    """Return how well quotes carry a sentence; their reviews lend it names and years, and other names for theirs."""
    reviews = [library.index.reviews[quote.review_id] for quote in quotes]
    lent = [f"{label(review)} {review.title} {review.year or ''}" for review in reviews] + [q.heading for q in quotes]
    texts = [quote.text for quote in quotes]
    cited = Cited(text, texts, [*dict.fromkeys(lent)], whole, other_names(texts, library.synonyms))
    return check_sentences([cited], library.reader)[0]


def _grown(evidence: Evidence, kept: Sequence[Attributed], library: Library) -> dict[str, Citation]:
    """Return evidence in which each quote holds the neighbours that a sentence needs of it."""
    found = dict(evidence)
    for name, span in ((name, span) for one in kept for name, span in one.grown.items()):
        quote = found[name].quote
        start, end = min(span[0], quote.start), max(span[1], quote.end)
        text = library.index.reviews[quote.review_id].text[start:end]
        found[name] = replace(found[name], quote=replace(quote, start=start, end=end, text=text))
    return found


def _numbers(used: Sequence[str], evidence: Evidence, quoted: Answer) -> dict[str, int]:
    """Return the number of each quote: by first use, but as the matrix has them where one stands below."""
    if quoted.comparison:
        return {name: evidence[name].number for name in used}
    return {name: number for number, name in enumerate(used, 1)}


def _sentence(one: Attributed, numbers: Mapping[str, int]) -> Sentence:
    cited = tuple(numbers[name] for name in one.ids if name in numbers)
    return Sentence(one.text, cited, _STATED[one.verdict.support], one.verdict.reason)


def _written_up(
    quoted: Answer,
    sentences: Sequence[Sentence],
    numbers: Mapping[str, int],
    evidence: Evidence,
    written: Written,
) -> Answer:
    """Return the answer with the written sentences in the place of the quotes, or of the sentences above a matrix."""
    answer = replace(quoted, mode=written.model, sentences=tuple(sentences), written=written)
    if quoted.comparison:
        return replace(answer, sentences=(*sentences, *(s for s in quoted.sentences if s.support != "supported")))
    citations = tuple(Citation(number, evidence[name].quote) for name, number in numbers.items())
    return replace(answer, citations=citations, coverage=_coverage(quoted, citations))


def _coverage(quoted: Answer, citations: Sequence[Citation]) -> tuple[Coverage, ...]:
    """Return what each review contributed when only some of its quotes are cited."""
    cited = {citation.quote.review_id for citation in citations}
    return tuple(
        replace(one, state="retrieved") if one.state == "cited" and one.review_id not in cited else one
        for one in quoted.coverage
    )


def rewrite(question: str, fallback: str, history: Sequence[Turn], model: LanguageModel) -> str:
    """Return a follow-up as a model writes it out; `fallback` where it fails, or brings in what nobody asked.

    Its content words all stand in the questions of the conversation, and those that were typed are kept.
    """
    from rag.writing.stream import Message

    asked = [turn.answer.searched_as for turn in history if turn.answer.outcome != "chat"]
    reply = model.write([Message("system", REWRITE), Message("user", rewriting_task(question, asked))])
    wording = " ".join(reply.text.split()).strip('"“”')
    if reply.ending != "complete" or not wording or len(wording) > LONGEST_REWRITE or FOREIGN.search(wording):
        return fallback
    known = {form for text in (question, fallback, *asked) for form in stems(text)}
    own = {term.forms[0] for term in content_terms(wording)}
    typed = {term.forms[0] for term in content_terms(question)}
    return wording if own <= known and typed <= stem_set(wording) else fallback
