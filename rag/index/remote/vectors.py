"""The vectors of an index on a Chroma server: found there, or brought there once for all, and asked for by many.

A generation is two collections: the passages, which are searched, and the other texts (sentences, titles, headings,
the words of the vocabulary), which are only fetched. A record is named by the sum of its text, so that whoever has the
texts knows what to ask for. Texts and postings stay with each process.

    rag-<fingerprint>-building       passages on their way; that one process could make it is its lock
    rag-<fingerprint>-texts-<token>  the other texts, named in the metadata of the passages
    rag-<fingerprint>                published: the first one, renamed when all is there and checked
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from threading import Event, Lock, Thread
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from rag.encoders import CachedEmbedder, Progress
from rag.errors import IndexNotWritten, VectorsAway
from rag.index.columns import IntVector, Passages
from rag.index.remote import server as chroma_server
from rag.index.remote.server import ChromaServer, ServerFault, Taken
from rag.text import in_context
from rag.types import Embedder, FloatMatrix, FloatVector

log = logging.getLogger(__name__)

PREFIX, BUILDING, TEXTS, DEAD = "rag-", "-building", "-texts-", "rag-dead-"
# Chroma normalizes what it compares by cosine; by the inner product it gives back what it was given, bit for bit.
SPACE = "ip"
# Up to this many vectors a search visits all of them, which makes it exact; beyond, it visits as many as the other.
EXHAUSTIVE, VISITED = 10_000, 2_000
# Stands for the review of a text that occurs in several ("The authors declare no competing interests.").
SHARED = "*"
# The graph of texts that are only fetched by name need not be good.
UNSEARCHED = {"space": SPACE, "ef_construction": 2, "max_neighbors": 2}
SLICE = 600  # texts that are embedded and sent before the builder shows again that it is alive
GENERATIONS = 2  # the current one, and the one that another process may still be opening
# A builder that gave no sign of life for this long is dead; one of another library is given a day, by both clocks.
SECONDS_TO_BE_DEAD, SECONDS_TO_BE_FORGOTTEN = 120, 86_400
# A reader marks its generation as used every hour; older ones that were used lately are kept.
SECONDS_BETWEEN_MARKS, SECONDS_LATELY = 3600, 7200
# A server that is away is looked for again after these, the last for good.
SECONDS_TO_RETURN = (1, 2, 5, 10, 20, 30)
MOST_CACHED = 30_000  # vectors in memory: 50 MB
LOOK_UPS = 100
_PUBLISHED = re.compile(rf"{PREFIX}[0-9a-f]{{16}}")


@dataclass(frozen=True, slots=True)
class Generation:
    """A complete generation: its passages, its other texts, and the passages that the server's graph does not reach."""

    passages: chroma_server.Collection
    texts: chroma_server.Collection
    unreached: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """The vectors of numbered sentences, titles or headings, as the rows of a matrix that is fetched row by row."""

    vectors: ServedVectors
    text: Callable[[int], str]

    def __getitem__(self, numbers: IntVector) -> FloatMatrix:
        """Return some rows, shape (len(numbers), dimensions)."""
        return self.vectors.of_texts([self.text(number) for number in numbers.tolist()])


@dataclass(slots=True)
class _TotalProgress:
    """Reports how many of all texts are embedded, slice by slice."""

    on_progress: Progress | None
    total: int
    before: int = 0

    def in_slice(self, done: int, _: int) -> None:
        if self.on_progress:
            self.on_progress(self.before + done, self.total)


class ServedVectors:
    """The vectors of one index on a server; safe for many threads.

    Asking for a vector raises VectorsAway while the server does not give them; a thread looks for them until it does.
    """

    def __init__(
        self,
        server: ChromaServer,
        fingerprint: str,
        passages: Passages,
        words: Iterable[str],
        embedder: CachedEmbedder,
    ) -> None:
        """Name what the generation of this fingerprint holds: passages, their sentences, titles, and some words.

        Nothing is asked of the server before `bring`.
        """
        self._server, self._name, self._embedder = server, f"{PREFIX}{fingerprint}", embedder
        self._passages, self._words = passages, tuple(words)
        # Each text once: a thousand equal vectors would tear the server's graph apart.
        self._groups: dict[str, list[int]] = {}
        for number in range(len(passages)):
            self._groups.setdefault(_record(self._searched(number)), []).append(number)
        self._shared = sum(self._review(numbers) == SHARED for numbers in self._groups.values())
        self.embedder: Embedder = embedder
        self.sentences = Rows(self, passages.sentence_text)
        self.titles = Rows(self, lambda number: passages.reviews[number].title)
        self.headings = Rows(self, lambda number: passages.places[number][0])
        self._cache: OrderedDict[str, FloatVector] = OrderedDict()
        self._lock = Lock()
        self._state: Generation | ServerFault = ServerFault("gone")
        self._marked = 0.0
        self._seen: tuple[str, object, float] = ("", None, 0.0)
        self._closed = Event()
        self._searching: Thread | None = None

    # What an index asks for.

    @property
    def away(self) -> str:
        """Why the vectors cannot be had, "" when they can."""
        return "" if isinstance(self._state, Generation) else str(self._state)

    @property
    def advice(self) -> str:
        """What the owner can do about it, after a colon; "" when the vectors can be had."""
        return "" if isinstance(self._state, Generation) else f": {chroma_server.ADVICE[self._state.fault]}"

    @property
    def place(self) -> str:
        """Where the vectors are, without any password."""
        return f"{self._name} on Chroma at {self._server.host}"

    def nearest(self, vector: FloatVector, k: int, asked: npt.NDArray[np.bool_] | None = None) -> IntVector:
        """Return the numbers of some passages, in order, that the k nearest of those of some reviews are among.

        `asked` tells for each passage whether it is of one of these reviews; None means all. Certain up to EXHAUSTIVE
        passages, beyond it likely.
        """
        wanted, reviews = k, None
        if asked is not None:
            wanted, reviews = k + self._shared, [*self._reviews_of(np.flatnonzero(asked)), SHARED]
        wanted = min(wanted, len(self._groups), self._server.most_results)
        with self._asking() as generation:
            found = self._server.nearest(generation.passages, vector, wanted, reviews)
        numbers = {*generation.unreached, *(number for record in found for number in self._groups.get(record, ()))}
        nearest = np.array(sorted(numbers), np.int64)
        return nearest if asked is None else nearest[asked[nearest]]

    def __getitem__(self, numbers: IntVector) -> FloatMatrix:
        """Return the vectors of passages, shape (len(numbers), dimensions)."""
        texts = [self._searched(number) for number in numbers.tolist()]
        return self._fetched(texts, lambda generation: generation.passages)

    def of_texts(self, texts: Sequence[str]) -> FloatMatrix:
        """Return the vectors of all but passages, shape (len(texts), dimensions); of an empty text zeros."""
        return self._fetched(texts, lambda generation: generation.texts)

    def close(self) -> None:
        """Let go of the server, and stop looking for it."""
        self._closed.set()
        self._state = ServerFault("unreachable")
        self._server.close()

    # How the vectors come to be there.

    def bring(self, on_progress: Progress | None = None) -> None:
        """Find the generation on the server, or embed it and bring it there, unless another process does so now.

        Where that cannot be done, `away` says why, and the server is looked for from then on. Raises IndexNotWritten
        when the disk has no room for what is embedded.
        """
        try:
            self._bring(on_progress)
        except ServerFault as fault:
            self._lost(fault)
        except OSError as error:
            raise IndexNotWritten(f"The vectors could not be kept: {error.strerror or error}.") from error

    def _bring(self, on_progress: Progress | None) -> None:
        self._server.check()
        found = self._published() or self._built(on_progress)
        self._state = self._opened(found)

    def _published(self) -> Generation | None:
        """Return the generation as it is published, None where it is not, or a part of it is lost."""
        passages = self._server.collection(self._name)
        texts = self._server.collection(str(passages.metadata.get("texts"))) if passages else None
        if not passages or not texts:
            return None
        counts = self._server.count(passages), self._server.count(texts)
        whole = counts == (passages.metadata.get("passages"), passages.metadata.get("others"))
        return Generation(passages, texts) if whole else None

    def _opened(self, found: Generation) -> Generation:
        """Return a generation with the passages that its graph does not reach, which a small one can be asked for."""
        every = len(self._groups)
        if every > min(EXHAUSTIVE, self._server.most_results):
            return found
        first = next(iter(self._groups))
        vectors = self._server.vectors(found.passages, [first])
        if first not in vectors:
            raise ServerFault("gone")
        reached = self._server.nearest(found.passages, vectors[first], every)
        lost = sorted(number for record in self._groups.keys() - {*reached} for number in self._groups[record])
        return Generation(found.passages, found.texts, tuple(lost))

    def _built(self, on_progress: Progress | None) -> Generation:
        """Embed what is missing, fill both collections, check them, and publish them by one renaming."""
        texts = f"{self._name}{TEXTS}{uuid4().hex[:12]}"
        building = self._only_builder({"texts": texts, "beat": int(time.time())})
        try:
            # Another process may have published it between our look and our lock.
            if found := self._published():
                self._remove(building)
                return found
            collection = self._server.create(texts, {"of": self._name}, UNSEARCHED)
            passages = [self._searched(numbers[0]) for numbers in self._groups.values()]
            titles = (review.title for review in self._passages.reviews if review.title)
            headings = (heading for heading, _, _ in self._passages.places if heading)
            others = list(dict.fromkeys([*self._passages.sentence_texts(), *titles, *headings, *self._words]))
            progress = _TotalProgress(on_progress, len(passages) + len(others))
            self._fill(building, building, passages, list(map(self._review, self._groups.values())), progress)
            self._fill(collection, building, others, [""] * len(others), progress)
            self._check(building, passages)
            self._check(collection, others)
            self._server.delete(self._name)  # a published one that has lost a part
            counts = {"passages": len(passages), "others": len(others)}
            metadata = {"texts": texts, "made": int(time.time()), **counts}
            self._server.change(building, self._name, metadata)
            self._remove_old()
        except BaseException:
            with suppress(ServerFault):
                self._remove(building)
            raise
        if not (found := self._published()):
            raise ServerFault("gone")
        return found

    def _only_builder(self, metadata: Mapping[str, Any]) -> chroma_server.Collection:
        """Return the collection that only one process can make; raise ServerFault while another one fills it."""
        name = f"{self._name}{BUILDING}"
        exhaustive = len(self._groups) <= EXHAUSTIVE
        graph = {"space": SPACE, "ef_search": max(len(self._groups), 1) if exhaustive else VISITED}
        try:
            return self._server.create(name, metadata, graph)
        except Taken:
            self._bury(name)
            raise ServerFault("gone") from None

    def _bury(self, name: str) -> None:
        """Remove what a dead builder left: one that gives no sign of life while this process watches it."""
        left = self._server.collection(name)
        if not left:
            return
        beat, now = (left.id, left.metadata.get("beat")), time.monotonic()
        if self._seen[:2] != beat:
            self._seen = (*beat, now)
        elif now - self._seen[2] > SECONDS_TO_BE_DEAD:
            log.warning("Another process died while it filled the Chroma server; what it left is removed.")
            self._remove(left)

    def _remove(self, left: chroma_server.Collection) -> None:
        """Remove an unpublished generation. By another name first, so that a new one of its name is never hit."""
        name = f"{DEAD}{uuid4().hex[:12]}"
        with suppress(ServerFault):
            self._server.change(left, name, None)
            self._server.delete(name)
        self._server.delete(str(left.metadata.get("texts")))

    def _fill(
        self,
        collection: chroma_server.Collection,
        building: chroma_server.Collection,
        texts: Sequence[str],
        reviews: Sequence[str],
        progress: _TotalProgress,
    ) -> None:
        for start in range(0, len(texts), SLICE):
            part = texts[start : start + SLICE]
            vectors = replace(self._embedder, on_progress=progress.in_slice).embed(part)
            progress.before += len(part)
            self._server.add(collection, [_record(text) for text in part], vectors, reviews[start : start + SLICE])
            self._server.change(building, None, {**building.metadata, "beat": int(time.time())})

    def _check(self, collection: chroma_server.Collection, texts: Sequence[str]) -> None:
        """Raise ServerFault unless a collection holds as many records as it was given, and some of them bit for bit."""
        sample = [texts[int(n)] for n in np.linspace(0, len(texts) - 1, min(LOOK_UPS, len(texts)))]
        held = self._server.vectors(collection, [_record(text) for text in sample])
        given = self._embedder.embed(sample)
        none = np.empty(0, np.float32)
        rows = zip(sample, given, strict=True)
        same = all(np.array_equal(held.get(_record(text), none), row) for text, row in rows)
        if self._server.count(collection) != len(texts) or not same:
            raise ServerFault("failed")

    def _remove_old(self) -> None:
        """Remove all but the newest generations and those still used, and the texts that belong to none."""
        with suppress(ServerFault):
            found, now = self._server.collections(), time.time()
            published = sorted(
                (one for one in found if _PUBLISHED.fullmatch(one.name) and one.name != self._name),
                key=lambda one: -_number(one, "made"),
            )
            for one in published[GENERATIONS - 1 :]:
                if now - _number(one, "served") > SECONDS_LATELY:
                    self._server.delete(one.name)
            for one in found:
                if one.name.endswith(BUILDING) and now - _number(one, "beat") > SECONDS_TO_BE_FORGOTTEN:
                    self._remove(one)
            # Looked up again: a builder names its texts before it makes them, so that none is without an owner.
            owned = {str(one.metadata.get("texts")) for one in self._server.collections()}
            for one in found:
                if (TEXTS in one.name and one.name not in owned) or one.name.startswith(DEAD):
                    self._server.delete(one.name)

    # How they are asked for, lost and found again.

    def _generation(self) -> Generation:
        state = self._state
        if isinstance(state, ServerFault):
            raise ServerFault(state.fault)
        return state

    @contextmanager
    def _asking(self) -> Iterator[Generation]:
        """Yield the generation; when the server fails meanwhile, the vectors are away until they are found again."""
        generation = self._generation()
        try:
            yield generation
            self._mark_used(generation)
        except ServerFault as fault:
            self._lost(fault)
            raise

    def _mark_used(self, generation: Generation) -> None:
        """Mark this generation as used, once an hour."""
        if time.monotonic() - self._marked > SECONDS_BETWEEN_MARKS or not self._marked:
            self._marked = time.monotonic()
            metadata = {**generation.passages.metadata, "served": int(time.time())}
            with suppress(ServerFault):  # whoever may only read does not mark it
                self._server.change(generation.passages, None, metadata)

    def _fetched(self, texts: Sequence[str], where: Callable[[Generation], chroma_server.Collection]) -> FloatMatrix:
        records = [_record(text) for text in texts]
        known = self._remembered(records) | {_record(""): np.zeros(self._embedder.dimensions, np.float32)}
        if missing := [record for record in dict.fromkeys(records) if record not in known]:
            with self._asking() as generation:
                fresh = self._server.vectors(where(generation), missing)
                if len(fresh) < len(missing) or any(len(row) != self._embedder.dimensions for row in fresh.values()):
                    raise ServerFault("gone")
            self._remember(fresh)
            known |= fresh
        rows = [known[record] for record in records]
        return np.array(rows, np.float32).reshape(len(rows), self._embedder.dimensions)

    def _remembered(self, records: Iterable[str]) -> dict[str, FloatVector]:
        with self._lock:
            known = {record: self._cache[record] for record in records if record in self._cache}
            for record in known:
                self._cache.move_to_end(record)
        return known

    def _remember(self, vectors: Mapping[str, FloatVector]) -> None:
        with self._lock:
            self._cache.update(vectors)
            while len(self._cache) > MOST_CACHED:
                self._cache.popitem(last=False)

    def _searched(self, number: int) -> str:
        """Return what a passage is searched by, and embedded as."""
        passage = self._passages[number]
        return in_context(passage, self._passages.reviews[self._passages.rows["review"][number]].title)

    def _review(self, numbers: Sequence[int]) -> str:
        """Return the id of the review that some passages are of, or SHARED."""
        reviews = self._reviews_of(np.array(numbers))
        return reviews[0] if len(reviews) == 1 else SHARED

    def _reviews_of(self, numbers: IntVector) -> list[str]:
        return [self._passages.reviews[n].id for n in np.unique(self._passages.rows["review"][numbers]).tolist()]

    def _lost(self, fault: ServerFault) -> None:
        """Note that the vectors are away, say so once, and look for them from now on."""
        with self._lock:
            if isinstance(self._state, Generation) or self._state.fault != fault.fault:
                advice = chroma_server.ADVICE[fault.fault]
                log.warning("Chroma at %s: %s (%s). Search is by words.", self._server.host, fault, advice)
            self._state = fault
            if not self._searching and not self._closed.is_set():
                self._searching = Thread(target=_look_for, args=(weakref.ref(self), self._closed), daemon=True)
                self._searching.start()

    def _came_back(self) -> bool:
        """Look for the vectors once more; tell whether they are there."""
        try:
            self._bring(None)
        except ServerFault as fault:
            self._lost(fault)
            return False
        with self._lock:
            if self.away:  # lost again meanwhile
                return False
            self._searching = None
        log.warning("Chroma at %s: the vectors are there. Search is by meaning and by words.", self._server.host)
        return True


@dataclass(frozen=True, slots=True)
class ServedEmbedder:
    """An embedder that asks a server first for the words of a vocabulary, and embeds them where that is away."""

    vectors: ServedVectors
    embedder: Embedder

    @property
    def id(self) -> str:
        """The id of the embedder itself."""
        return self.embedder.id

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self.embedder.dimensions

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """Return one unit vector a text."""
        try:
            return self.vectors.of_texts(texts)
        except VectorsAway:
            return self.embedder.embed(texts)


def _look_for(vectors: weakref.ref[ServedVectors], closed: Event) -> None:
    """Look for vectors that are away, until they are found, closed, or wanted by nobody."""
    tries = 0
    while not closed.wait(SECONDS_TO_RETURN[min(tries, len(SECONDS_TO_RETURN) - 1)]):
        wanted = vectors()
        try:
            if wanted is None or wanted._came_back():
                return
        except Exception:  # a disk that is full, a model that is gone: the words go on
            log.exception("The vectors could not be brought to the Chroma server")
        del wanted
        tries += 1


def _record(text: str) -> str:
    """Return the name of the record that has the vector of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _number(collection: chroma_server.Collection, name: str) -> float:
    value = collection.metadata.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
