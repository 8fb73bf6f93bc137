"""The vectors of an index on a Chroma server: found there, or brought there once for all, and asked for by many.

A generation is two collections. `rag-<fingerprint>` has the passages, which are searched; its metadata tell whether all
are there, and who brings them. `rag-<fingerprint>-texts` has the vectors of the other texts (sentences, titles,
headings, the words of the vocabulary), which are only fetched, by the sum of the text. What is brought twice is the
same, so a builder that died is simply followed by another, which goes on where it stood.
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
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.encoders import CachedEmbedder, Progress
from rag.errors import IndexNotWritten, VectorsAway
from rag.index.collection import EXHAUSTIVE, SPARE, VISITED, Searchable, batches
from rag.index.columns import IntVector, Passages
from rag.index.files import FORMAT
from rag.index.remote.server import WORDS, ChromaServer, ServerFault, reporting
from rag.index.vectors import Asked
from rag.types import FloatMatrix, FloatVector

if TYPE_CHECKING:
    from chromadb import Collection

log = logging.getLogger(__name__)

PREFIX, TEXTS = "rag-", "-texts"
# Chroma normalizes what it compares by cosine; by the inner product it gives back what it was given, bit for bit.
SPACE = "ip"
# The graph of texts that are only fetched by name need not be good.
FETCHED: Any = {"hnsw": {"space": SPACE, "ef_construction": 2, "max_neighbors": 2}}
# Chroma Cloud reads and writes no more records in a request; a server of one's own is as fast with so few.
BATCH, MOST_RESULTS = 300, 100_000
# A builder that gave no sign of life for this long is dead. A reader gives one every hour; what was neither used nor
# filled lately is removed by the next builder.
SECONDS_TO_BE_DEAD, SECONDS_BETWEEN_MARKS, SECONDS_LATELY = 120, 3600, 7200
# A server that is away is looked for again after these, the last for good.
SECONDS_TO_RETURN = (1, 2, 5, 10, 20, 30)
MOST_CACHED = 30_000  # vectors in memory: 50 MB
LOOK_UPS = 100
_OURS = re.compile(rf"{PREFIX}[0-9a-f]{{16}}({TEXTS})?")


@dataclass(frozen=True, slots=True)
class Generation:
    """A complete generation: its passages, its other texts, and the passages that the server's graph does not reach."""

    passages: Collection
    texts: Collection
    unreached: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Rows:
    """The vectors of numbered sentences, titles or headings, as the rows of a matrix that is fetched row by row."""

    vectors: ServedVectors
    text: Callable[[int], str]

    def __getitem__(self, numbers: IntVector) -> FloatMatrix:
        """Return some rows, shape (len(numbers), dimensions)."""
        return self.vectors.of_texts([self.text(number) for number in numbers.tolist()])


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
        self._passages, self._words, self._held = passages, tuple(words), Searchable(passages)
        self._most = BATCH - SPARE if server.cloud else MOST_RESULTS
        self.id, self.dimensions = embedder.id, embedder.dimensions
        self.sentences = Rows(self, passages.sentence_text)
        self.titles = Rows(self, lambda number: passages.reviews[number].title)
        self.headings = Rows(self, lambda number: passages.places[number][0])
        self._cache: OrderedDict[str, FloatVector] = OrderedDict()
        self._lock = Lock()
        self._state: Generation | ServerFault = ServerFault("gone")
        self._marked = 0.0
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
        return "" if isinstance(self._state, Generation) else f": {WORDS[self._state.fault][1]}"

    @property
    def place(self) -> str:
        """Where the vectors are, without any password."""
        return f"{self._name} on Chroma at {self._server.host}"

    def nearest(self, vector: FloatVector, k: int, asked: Asked = None) -> IntVector:
        """Return the numbers of some passages, in order, that the k nearest of those `asked` for are among.

        Certain up to EXHAUSTIVE passages, beyond it likely.
        """
        with self._asking() as generation:
            found = self._held.nearest(generation.passages, vector, min(k, self._most), asked) | generation.unreached
        numbers = np.array(sorted(found), np.int64)
        return numbers if asked is None else numbers[asked[numbers]]

    def __getitem__(self, numbers: IntVector) -> FloatMatrix:
        """Return the vectors of passages, shape (len(numbers), dimensions)."""
        return self._fetched([self._passages.ids[n] for n in numbers.tolist()], lambda generation: generation.passages)

    def of_texts(self, texts: Sequence[str]) -> FloatMatrix:
        """Return the vectors of all but passages, shape (len(texts), dimensions); of an empty text zeros."""
        return self._fetched(list(map(_record, texts)), lambda generation: generation.texts)

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """Return the vectors of texts as the server has them, embedded here where it is away."""
        try:
            return self.of_texts(texts)
        except VectorsAway:
            return self._embedder.embed(texts)

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
        with reporting():
            found = self._published() or self._filled(on_progress)
            self._state = replace(found, unreached=self._unreached(found.passages))

    def _published(self) -> Generation | None:
        """Return the generation if all of it is there."""
        passages, texts = self._collection(self._name), self._collection(f"{self._name}{TEXTS}")
        if passages is None or texts is None or not passages.metadata["complete"]:
            return None
        counts = passages.count(), texts.count()
        whole = counts == (passages.metadata["passages"], passages.metadata["texts"])
        return Generation(passages, texts) if whole else None

    def _unreached(self, passages: Collection) -> frozenset[int]:
        """Return the passages that the graph of a small generation does not reach: it is asked for all at once."""
        every = len(self._passages)
        if every > min(EXHAUSTIVE, self._most):
            return frozenset()
        (first,) = self._vectors(passages, self._passages.ids[:1]).values()
        return frozenset(range(every)) - {*self._held.reached(passages, first)[0]}

    def _filled(self, on_progress: Progress | None) -> Generation:
        """Embed what is missing, bring it, check what is there, and say that it is all."""
        passages = self._claimed()
        try:
            texts = self._server.client().get_or_create_collection(
                f"{self._name}{TEXTS}", embedding_function=None, configuration=FETCHED
            )
            self._fill(passages, texts, on_progress)
            self._check(passages, self._passage_texts())
            self._check(texts, self._other_texts())
            self._mark(passages, complete=True, passages=passages.count(), texts=texts.count())
        except ServerFault as fault:
            if fault.fault == "failed":  # what is there may be damaged
                self._remove(self._name)
            raise
        self._remove_old()
        return Generation(passages, texts)

    def _claimed(self) -> Collection:
        """Return the collection that this process is to fill; raises ServerFault while another one does so.

        Should two do so all the same, they bring the same.
        """
        found = self._collection(self._name)
        if found is None:  # only one of many can make it
            every = len(self._passages)
            graph: Any = {"hnsw": {"space": SPACE, "ef_search": every if every <= EXHAUSTIVE else VISITED}}
            metadata = {"embedder": self.id, "format": FORMAT, "complete": False, "used": time.time()}
            return self._server.client().create_collection(
                self._name, metadata=metadata, embedding_function=None, configuration=graph
            )
        if not found.metadata["complete"] and abs(time.time() - found.metadata["used"]) < SECONDS_TO_BE_DEAD:
            raise ServerFault("gone")
        self._mark(found, complete=False)
        return found

    def _passage_texts(self) -> dict[str, str]:
        """Return what each passage is searched by, by its id, in the order in which they are brought."""
        return {self._passages.ids[number]: Searchable.text(self._passages, number) for number in self._held.order}

    def _other_texts(self) -> dict[str, str]:
        titles = (review.title for review in self._passages.reviews)
        headings = (heading for heading, _, _ in self._passages.places)
        texts = dict.fromkeys([*self._passages.sentence_texts(), *titles, *headings, *self._words])
        return {_record(text): text for text in texts if text}

    def _fill(self, passages: Collection, texts: Collection, on_progress: Progress | None) -> None:
        wanted = [(passages, self._passage_texts()), (texts, self._other_texts())]
        told, every = 0, sum(len(each) for _, each in wanted)
        embedder = replace(
            self._embedder, on_progress=on_progress and (lambda done, _: on_progress(told + done, every))
        )
        for collection, by_id in wanted:
            for ids in batches([*by_id], BATCH):
                held = {*collection.get(ids, include=[])["ids"]}
                if missing := [id for id in ids if id not in held]:
                    vectors = embedder.embed([by_id[id] for id in missing])
                    held_by = self._held.numbers if collection is passages else {}
                    known = self._held.records([held_by[id] for id in missing]) if held_by else {"ids": missing}
                    collection.upsert(embeddings=vectors, **known)
                told += len(ids)
                self._mark(passages)

    def _check(self, collection: Collection, texts: Mapping[str, str]) -> None:
        """Raise ServerFault unless a collection holds as many records as it was given, and some of them bit for bit."""
        every = [*texts]
        ids = [every[int(n)] for n in np.linspace(0, len(every) - 1, min(LOOK_UPS, len(every)))]
        held, given = self._vectors(collection, ids), self._embedder.embed([texts[id] for id in ids])
        same = len(held) == len(ids) and np.array_equal([held[id] for id in ids], given)
        if collection.count() != len(every) or not same:
            raise ServerFault("failed")

    def _remove_old(self) -> None:
        """Remove the generations that nobody used or filled lately, and texts that belong to none."""
        with suppress(ServerFault):
            found = {one.name: one.metadata or {} for one in self._collections() if _OURS.fullmatch(one.name)}
            lately = {name for name, known in found.items() if time.time() - known.get("used", 0) < SECONDS_LATELY}
            for owner in {name.partition(TEXTS)[0] for name in found} - lately:
                self._remove(owner)

    def _remove(self, name: str) -> None:
        for each in (name, f"{name}{TEXTS}"):
            with suppress(ServerFault):
                self._server.client().delete_collection(each)

    # What is asked of the server.

    def _collection(self, name: str) -> Collection | None:
        try:
            return self._server.client().get_collection(name, embedding_function=None)
        except ServerFault as fault:
            if fault.fault == "gone":
                return None
            raise

    def _collections(self) -> Iterator[Collection]:
        seen = 0
        while page := self._server.client().list_collections(BATCH, seen):
            yield from page
            seen += len(page)

    def _mark(self, collection: Collection, **metadata: Any) -> None:
        """Tell that a generation is in use, and what else there is to tell of it."""
        collection.modify(metadata={**collection.metadata, "used": time.time(), **metadata})

    def _vectors(self, collection: Collection, ids: Sequence[str]) -> dict[str, FloatVector]:
        """Return the vectors of those records that are there, bit for bit as they were brought."""
        found: dict[str, FloatVector] = {}
        for part in batches(ids, BATCH):
            held = collection.get(part, include=["embeddings"])
            found |= zip(held["ids"], np.asarray(held["embeddings"], np.float32), strict=True)
        return found

    # How they are asked for, lost and found again.

    @contextmanager
    def _asking(self) -> Iterator[Generation]:
        """Yield the generation; when the server fails meanwhile, the vectors are away until they are found again."""
        state = self._state
        if isinstance(state, ServerFault):
            raise ServerFault(state.fault)
        try:
            with reporting():
                yield state
        except ServerFault as fault:
            self._lost(fault)
            raise
        if time.monotonic() - self._marked > SECONDS_BETWEEN_MARKS or not self._marked:
            self._marked = time.monotonic()
            with suppress(ServerFault):  # whoever may only read does not mark it
                self._mark(state.passages)

    def _fetched(self, ids: Sequence[str], where: Callable[[Generation], Collection]) -> FloatMatrix:
        with self._lock:
            known = {id: self._cache[id] for id in ids if id in self._cache}
            for id in known:
                self._cache.move_to_end(id)
        known[_record("")] = np.zeros(self.dimensions, np.float32)
        if missing := [id for id in dict.fromkeys(ids) if id not in known]:
            with self._asking() as generation:
                fresh = self._vectors(where(generation), missing)
                if len(fresh) < len(missing) or any(len(row) != self.dimensions for row in fresh.values()):
                    raise ServerFault("gone")
            known |= fresh
            with self._lock:
                self._cache.update(fresh)
                while len(self._cache) > MOST_CACHED:
                    self._cache.popitem(last=False)
        return np.array([known[id] for id in ids], np.float32).reshape(len(ids), self.dimensions)

    def _lost(self, fault: ServerFault) -> None:
        """Note that the vectors are away, say so once, and look for them from now on."""
        with self._lock:
            if isinstance(self._state, Generation) or self._state.fault != fault.fault:
                advice = WORDS[fault.fault][1]
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
