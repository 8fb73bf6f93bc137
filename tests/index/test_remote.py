"""A search on a real Chroma server gives the answers of the one beside the index, and so does whatever it does."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import chromadb
import numpy as np
import pytest

from rag.encoders import MiniLM
from rag.errors import BadSettings
from rag.index import CACHE, Index, build_index, fingerprint
from rag.index.collection import SPARE, batches
from rag.index.remote import Fault, ServerFault, chroma_server
from rag.index.remote import server as served_by
from rag.index.remote import vectors as served_vectors
from rag.index.remote.server import ChromaServer
from rag.index.remote.vectors import BATCH, ServedVectors
from rag.pipeline import ask, converse
from rag.settings import PROJECT, Settings
from rag.shelf.library import Library
from rag.shelf.opening import open_library
from rag.types import Passage, Review
from tests.chroma_servers import LIES, Server, Wire, chroma_run
from tests.engine import shared_folder
from tests.index.test_index import PASSAGES, REVIEWS, Clusters, shelf
from tests.patience import PATIENCE, happens

TOKEN = "a-token-that-nobody-may-see"
QUESTION = "Why is it hard to use CAR-T cells against solid tumors?"
QUESTIONS = [QUESTION, "What is CRS?", "How do the reviews differ on safety?", "Compare the reviews"]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    with chroma_run(tmp_path_factory.mktemp("chroma")) as running:
        yield running


@pytest.fixture
def wire(server) -> Iterator[Wire]:
    wire = Wire(server.port, TOKEN)
    yield wire
    wire.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch) -> None:
    monkeypatch.setattr(served_vectors, "SECONDS_TO_RETURN", 0.2)


class Bringer:
    """Makes ServedVectors of indexes, all of one database."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._port, self._folder, self.database = server.port, folder, f"d{uuid4().hex[:8]}"
        self._opened: list[Index] = []
        settings = chromadb.Settings(anonymized_telemetry=False)
        given = chromadb.HttpClient("127.0.0.1", self._port, settings=settings)
        given._admin_client.create_database(self.database)
        self.at = self.connect().ask(lambda client: client)

    def connect(self, port: int = 0) -> ChromaServer:
        return ChromaServer(Settings(chroma_url=f"127.0.0.1:{port or self._port}", chroma_database=self.database))

    def index(self, reviews=REVIEWS, passages=PASSAGES, port: int = 0) -> Index:
        data = self._folder / fingerprint(reviews, "", "clusters")
        index, _ = Index.open(build_index(reviews, passages, Clusters(), data)).served(self.connect(port))
        self._opened.append(index)
        return index

    def brought(self, *shelf: Sequence[Any], port: int = 0) -> ServedVectors:
        vectors = self.index(*shelf, port=port)._vectors
        vectors.bring()
        return vectors

    def names(self) -> set[str]:
        return {one.name for one in self.at.list_collections()}

    def held(self) -> chromadb.Collection:
        return self.at.get_collection(served_vectors.NAME, embedding_function=None)

    def close(self) -> None:
        for index in self._opened:
            index.close()


@pytest.fixture(scope="module")
def indexes(tmp_path_factory) -> Path:
    """Where indexes are built, once each."""
    return tmp_path_factory.mktemp("indexes")


@pytest.fixture
def bringer(server, indexes) -> Iterator[Bringer]:
    bringer = Bringer(server, indexes)
    yield bringer
    bringer.close()


def until(event: Callable[[], bool]) -> None:
    assert happens(event), "it did not come in time"


# The same as beside the index.


@pytest.fixture(scope="module")
def beside(indexes) -> Index:
    return Index.open(build_index(REVIEWS, PASSAGES, Clusters(), indexes / fingerprint(REVIEWS, "", "clusters")))


@pytest.fixture(scope="module")
def on_server(server, indexes) -> Iterator[Index]:
    bringer = Bringer(server, indexes)
    index = bringer.index()
    index._vectors.bring()
    assert index._vectors.fault is None
    # What is beside it is not asked.
    index._vectors._vectors = Unasked(index._vectors._vectors)
    yield index
    bringer.close()


class Unasked:
    """Vectors that give rows, and scan what is chosen, but do not search all."""

    def __init__(self, vectors) -> None:
        self._vectors, self.close = vectors, vectors.close

    def __getitem__(self, numbers):
        return self._vectors[numbers]

    def nearest(self, vector, k, asked=None):
        assert asked is not None, "the server is asked"
        return self._vectors.nearest(vector, k, asked)


@pytest.mark.parametrize("k", [1, 10, 200, BATCH - SPARE])
@pytest.mark.parametrize("asked", [None, ["10.1/7"], ["10.1/7", "10.1/31"], [], ["10.9/9"]], ids=str)
def test_searches_and_scores_are_those_of_the_vectors_beside_the_index(beside, on_server, k, asked):
    for query in Clusters().embed(["one", "two", PASSAGES[0].text, PASSAGES[-1].text]):
        assert on_server.search_dense(query, k, asked) == beside.search_dense(query, k, asked)
    numbers = [17, 3, 399, 3]
    assert on_server.dense_scores(query, numbers).tolist() == beside.dense_scores(query, numbers).tolist()
    assert on_server.sentence_scores(query, numbers).tolist() == beside.sentence_scores(query, numbers).tolist()
    assert on_server.dense_scores(query, []).tolist() == []


def test_a_passage_that_is_the_same_in_many_reviews_is_found_in_each(bringer):
    # What is no prose is searched without the title of its review.
    reviews, passages = REVIEWS[:12], [replace(p, kind="competing interests") for p in PASSAGES[: 12 * 8]]
    on_server = bringer.index(reviews, passages)
    on_server._vectors.bring()
    beside = Index.open(
        bringer._folder / fingerprint(reviews, "", "clusters") / f"index-{on_server.manifest.fingerprint}"
    )
    for query in Clusters().embed([passages[-1].text, "one"]):
        for asked in (["10.1/3"], ["10.1/3", "10.1/5"], None):
            for k in (1, 3, 20):
                assert on_server.search_dense(query, k, asked) == beside.search_dense(query, k, asked)


def test_many_threads_read_at_once(beside, on_server):
    from concurrent.futures import ThreadPoolExecutor

    queries = list(Clusters().embed([f"question {n}" for n in range(30)]))
    with ThreadPoolExecutor(12) as pool:
        found = pool.map(lambda query: on_server.search_dense(query, 9), queries * 3)
        assert list(found) == [beside.search_dense(query, 9) for query in queries] * 3


def settings(wire_or_server, data: Path, **more) -> Settings:
    if not data.exists():
        (shared_folder() / "models").mkdir(exist_ok=True)
        data.mkdir(parents=True)
        (data / "models").symlink_to(shared_folder() / "models", target_is_directory=True)
    return Settings(seeds=PROJECT / "seeds", data=data, chroma_url=wire_or_server.url, **more)


def test_the_seeds_are_answered_alike_and_who_takes_the_cache_along_embeds_nothing(
    library, server, tmp_path, monkeypatch
):
    first = open_library(settings(server, tmp_path / "one"))
    assert not first.vectors.fault
    at_two = settings(server, tmp_path / "two")
    shutil.copyfile(tmp_path / "one" / CACHE, tmp_path / "two" / CACHE)
    with monkeypatch.context() as patch:
        patch.setattr(MiniLM, "embed", lambda *_: pytest.fail("it is embedded already"))
        second = open_library(at_two)
    assert second.vectors.told == first.vectors.told and not second.vectors.fault
    assert second.index.manifest.fingerprint == library.index.manifest.fingerprint
    for given in (first, second):
        assert [ask(question, given) for question in QUESTIONS] == [ask(question, library) for question in QUESTIONS]
        assert converse(["What is CRS?", "And how is it treated?"], given) == converse(
            ["What is CRS?", "And how is it treated?"], library
        )
        given.index.close()


def test_chromas_own_client_finds_passages_with_their_texts_and_places(bringer):
    bringer.brought()
    held = bringer.held()
    assert held.metadata["embedder"] == "clusters"
    (query,) = Clusters().embed(["one"])
    found = held.query(query, n_results=9, where={"review_id": "10.1/7"})
    passages = {passage.id: passage for passage in PASSAGES if passage.review_id == "10.1/7"}
    assert found["ids"][0] and {*found["ids"][0]} == {*passages}
    for id, text, known in zip(found["ids"][0], found["documents"][0], found["metadatas"][0], strict=True):
        assert text == passages[id].text == REVIEWS[7].text[known["start"] : known["end"]]
        assert (known["title"], known["authors"], known["section"], known["kind"]) == ("Title 7", "A É", "Ü", "body")


@pytest.mark.parametrize("size", [1_000, 10_000, served_vectors.SEARCHED])
def test_no_passage_is_missed_in_a_library_of_any_size_that_is_searched_there(server, bringer, size):
    rng = np.random.default_rng(size)
    near = rng.normal(size=(size // 50, 384))[rng.integers(0, size // 50, size)]
    vectors = np.float32(near + 0.5 * rng.normal(size=near.shape))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    # A busy machine may take longer for so many than the product waits.
    patient = chromadb.HttpClient("127.0.0.1", server.port, database=bringer.database)
    held = patient.create_collection("many", configuration=served_vectors.HNSW, embedding_function=None)
    for numbers in batches(range(size), BATCH):
        held.upsert([str(number) for number in numbers], vectors[numbers])
    for query in vectors[rng.integers(0, size, 30)] + np.float32(0.01):
        found = held.query(query[None], n_results=200 + SPARE, include=[])["ids"][0]
        assert {int(id) for id in found} >= {*np.argsort(-(vectors @ query))[:200].tolist()}


# What is new is brought, what is gone is removed, and who dies at it is followed by another.


def test_only_what_is_new_is_brought_and_what_is_gone_is_removed(bringer, monkeypatch):
    brought: list[str] = []
    upsert = chromadb.Collection.upsert
    monkeypatch.setattr(
        chromadb.Collection, "upsert", lambda self, ids, **rest: (brought.extend(ids), upsert(self, ids, **rest))
    )
    bringer.brought(REVIEWS[:40], of(REVIEWS[:40]))
    assert sorted(brought) == sorted(passage.id for passage in of(REVIEWS[:40]))
    brought.clear()
    changed = [*REVIEWS[3:7], replace(REVIEWS[7], title="Another title"), *REVIEWS[8:]]
    vectors = bringer.brought(changed, of(changed))
    assert {*brought} == {passage.id for passage in of([REVIEWS[7], *REVIEWS[40:]])}
    assert {*bringer.held().get(include=[])["ids"]} == {passage.id for passage in of(changed)}
    bringer.held().update(PASSAGES[40].id, metadatas={"sum": "of an older version", "start": 7})
    for expected in ([PASSAGES[40].id], []):
        brought.clear()
        bringer.brought(changed, of(changed))
        assert brought == expected and not vectors.fault


def of(reviews: Sequence[Review]) -> list[Passage]:
    return [passage for passage in PASSAGES if passage.review_id in {review.id for review in reviews}]


def test_who_finds_passages_of_another_library_does_without_the_server(bringer, beside):
    index = bringer.index()
    index._vectors.bring()
    bringer.brought(*shelf(3, seed=8))
    (query,) = Clusters().embed(["one"])
    assert index.search_dense(query, 30) == beside.search_dense(query, 30)
    assert index._vectors.fault is Fault.GONE


BRING = """
import sys
from tests.index.test_remote import *
beside = Index.open(build_index(REVIEWS, PASSAGES, Clusters(), Path(sys.argv[1])))
served_vectors.BATCH = 20
beside.served(ChromaServer(Settings(chroma_url="127.0.0.1:" + sys.argv[2], chroma_database=sys.argv[3])))[1].bring()
"""


def bring_apart(bringer: Bringer) -> subprocess.Popen[bytes]:
    """Bring the passages in another process, so many at once that it takes a while; they are there when it is asked."""
    given = [str(bringer._folder / fingerprint(REVIEWS, "", "clusters")), str(bringer._port), bringer.database]
    return subprocess.Popen([sys.executable, "-c", BRING, *given], cwd=PROJECT)


def some_are_there(bringer: Bringer) -> bool:
    return bool(bringer.names()) and bringer.held().count() > 0


def test_nobody_brings_what_another_one_is_bringing_and_who_died_at_it_is_followed(bringer, beside, monkeypatch):
    dying = bring_apart(bringer)
    until(lambda: some_are_there(bringer))
    dying.send_signal(signal.SIGKILL)
    dying.wait()
    assert bringer.held().count() < len(PASSAGES)
    index = bringer.index()
    index._vectors.bring()
    assert index._vectors.fault is Fault.GONE
    (query,) = Clusters().embed(["one"])
    assert index.search_dense(query, 30) == beside.search_dense(query, 30)
    monkeypatch.setattr(served_vectors, "SECONDS_TO_BE_DEAD", 0)
    index._vectors.bring()
    assert index._vectors.fault is None and bringer.held().count() == len(PASSAGES)
    assert index.search_dense(query, 30) == beside.search_dense(query, 30)


def test_passages_with_vectors_of_another_model_are_brought_anew_and_other_collections_stay(bringer):
    bringer.at.create_collection(served_vectors.NAME, metadata={"embedder": "another"}, embedding_function=None)
    bringer.at.create_collection("of-somebody-else", embedding_function=None)
    vectors = bringer.brought()
    assert vectors.fault is None and bringer.held().metadata["embedder"] == "clusters"
    assert bringer.names() == {served_vectors.NAME, "of-somebody-else"}


def test_a_collection_that_is_lost_is_brought_again(bringer, beside):
    vectors = bringer.brought()
    bringer.at.delete_collection(bringer.held().name)
    (query,) = Clusters().embed(["one"])
    expected = beside._vectors.nearest(query, 3)
    assert {*expected} <= {*vectors.nearest(query, 3)} and vectors.fault
    until(lambda: len(vectors.nearest(query, 3)) and not vectors.fault)
    assert bringer.held().count() == len(PASSAGES)


def test_what_a_server_damaged_is_brought_anew(bringer):
    bringer.brought()
    bringer.held().update(PASSAGES[0].id, embeddings=Clusters().embed(["another"])[0])
    again = bringer.brought()
    assert again.fault is Fault.FAILED
    again.bring()
    assert again.fault is None
    (there,) = bringer.held().get(PASSAGES[0].id, include=["embeddings"])["embeddings"]
    assert np.allclose(there, again[np.array([0])][0], atol=1e-6)


# Whatever the server does, the question is answered, in time, and the token stays where it is.


@pytest.fixture(scope="module")
def seeds(server, tmp_path_factory) -> Iterator[tuple[Library, Wire]]:
    wire = Wire(server.port, TOKEN)
    given = open_library(settings(wire, tmp_path_factory.mktemp("seeds"), chroma_token=TOKEN))
    assert not given.vectors.fault
    yield given, wire
    given.index.close()
    wire.close()


@pytest.mark.parametrize("grace", [0, 1], ids=["before", "in the middle"])
@pytest.mark.parametrize("trouble", ["cut", "stall", "drip", *LIES])
def test_a_question_gets_its_answer_whatever_the_server_does(seeds, library, caplog, monkeypatch, trouble, grace):
    given, wire = seeds
    right, started = ask(QUESTION, library), time.monotonic()
    wire.grace, wire.trouble = grace, trouble
    with monkeypatch.context() as patch:
        patch.setattr(served_vectors, "SECONDS_TO_SEARCH", 0.7)
        patch.setattr(served_by, "SECONDS_TO_ANSWER", 0.7)
        assert ask(QUESTION, given) == right
        until(lambda: ask(QUESTION, given) == right and given.vectors.fault)
    # Whoever is not yet told waits for the server, once; nobody does from then on.
    assert time.monotonic() - started < PATIENCE
    wire.trouble = ""
    until(lambda: ask(QUESTION, given) == right and not given.vectors.fault)
    assert "It is not asked." in caplog.text and TOKEN not in caplog.text


def test_a_server_that_is_killed_and_started_again_is_found_again(library, tmp_path):
    with chroma_run(tmp_path / "chroma") as server:
        given, right = open_library(settings(server, tmp_path / "data")), ask(QUESTION, library)
        assert ask(QUESTION, given) == right and not given.vectors.fault
        for _ in range(3):
            server.kill()
            assert ask(QUESTION, given) == right
            assert given.vectors.fault is Fault.UNREACHABLE
            server.start()
            until(lambda: ask(QUESTION, given) == right and not given.vectors.fault)
        given.index.close()


def test_a_server_that_is_killed_while_it_is_filled_is_filled_again(tmp_path, indexes, beside, monkeypatch):
    monkeypatch.setattr(served_vectors, "BATCH", 40)
    monkeypatch.setattr(served_vectors, "SECONDS_TO_BE_DEAD", 0)
    with chroma_run(tmp_path / "chroma") as server:
        bringer = Bringer(server, indexes)
        index = bringer.index()
        building = Thread(target=index._vectors.bring)
        building.start()
        until(lambda: some_are_there(bringer))
        server.kill()
        building.join()
        assert index._vectors.fault is Fault.UNREACHABLE
        server.start()
        (query,) = Clusters().embed(["one"])
        until(lambda: index.search_dense(query, 9) == beside.search_dense(query, 9) and not index._vectors.fault)
        assert bringer.held().count() == len(PASSAGES)
        bringer.close()


def test_a_server_that_is_away_at_the_start_is_used_when_it_comes(library, tmp_path):
    server = Server(tmp_path / "chroma")
    given, right = open_library(settings(server, tmp_path / "data")), ask(QUESTION, library)
    assert ask(QUESTION, given) == right and given.vectors.fault is Fault.UNREACHABLE
    try:
        server.start()
        until(lambda: ask(QUESTION, given) == right and not given.vectors.fault)
    finally:
        given.index.close()
        server.kill()


def test_nobody_looks_for_a_server_that_nobody_wants(bringer, wire):
    wire.trouble = "cut"
    vectors = bringer.brought(port=wire.port)
    vectors.close()
    asked = len(wire.heads)
    (query,) = Clusters().embed(["one"])
    vectors._vectors = Unasked(vectors._vectors)
    with pytest.raises(AssertionError, match="is asked"):
        vectors.nearest(query, 3)
    time.sleep(1)
    assert len(wire.heads) == asked


ASK = """
import sys
from tests.index.test_remote import *
given = open_library(settings(Server.at(int(sys.argv[1])), Path(sys.argv[2])))
while line := sys.stdin.readline():
    answer = ask(QUESTIONS[int(line)], given)
    print(json.dumps([repr(answer), bool(given.vectors.fault)]), flush=True)
"""


OPEN = """
import sys
from tests.index.test_remote import *
open_library(settings(Server.at(int(sys.argv[1])), Path(sys.argv[2])))
"""


def test_four_processes_give_the_same_answers_while_builder_and_server_are_killed_twelve_times(tmp_path, library):
    expected = [repr(ask(question, library)) for question in QUESTIONS]
    with chroma_run(tmp_path / "chroma") as server:
        at = [str(server.port), *(str(tmp_path / f"{number}") for number in range(4))]
        open_library(settings(server, tmp_path / "0")).index.close()
        asking = [
            subprocess.Popen(
                [sys.executable, "-c", ASK, at[0], folder],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for folder in at[1:]
        ]
        found = 0
        for kill in range(12):
            if kill % 2:
                server.kill()
                server.start()
            else:
                client = chromadb.HttpClient("127.0.0.1", server.port)
                if served_vectors.NAME in {one.name for one in client.list_collections()}:
                    client.delete_collection(served_vectors.NAME)
                builder = subprocess.Popen([sys.executable, "-c", OPEN, at[0], str(tmp_path / "builder")], cwd=PROJECT)
                time.sleep(1 + kill / 3)
                builder.kill()
                builder.wait()
            for number, one in enumerate(asking):
                one.stdin.write(f"{(number + kill) % len(QUESTIONS)}\n")
                one.stdin.flush()
                answer, fault = json.loads(one.stdout.readline())
                assert answer == expected[(number + kill) % len(QUESTIONS)]
                found += not fault
        assert found > 4, "the server is asked as well"
        for one in asking:
            one.stdin.close()
            one.wait()


# What is set, and what is not.


def test_without_an_address_no_client_is_loaded():
    assert chroma_server(Settings()) is None
    code = "import sys, rag.pipeline; assert not {'httpx', 'chromadb'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=PROJECT)


@pytest.mark.parametrize("url", ["ftp://host", "http://", "http://host:port", "http://[", "://"])
def test_an_address_that_is_none_is_named_and_not_shown(url):
    with pytest.raises(BadSettings, match=r"^CHROMA_URL cannot be read") as error:
        chroma_server(Settings(chroma_url=url.replace("host", "user:secret@host")))
    assert "secret" not in str(error.value)
    with pytest.raises(BadSettings, match="CHROMA_TOKEN"):
        chroma_server(Settings(chroma_url="http://host", chroma_token="a\nb"))


def test_token_login_tenant_and_database_go_where_they_belong(bringer, wire):
    def head(**given: str) -> str:
        wire.heads.clear()
        chroma_server(Settings(**given)).ask(lambda client: client)
        return "\r\n".join(wire.heads).lower()

    login = wire.url.replace("//", "//user:p%40ss@")
    assert "authorization: bearer t\r\n" in head(chroma_url=wire.url, chroma_token="t") + "\r\n"
    assert "x-chroma-token: t" in wire.heads[-1].lower()
    assert "authorization: basic dxnlcjpwqhnz" in head(chroma_url=login, chroma_token="t")
    assert "/tenants/default_tenant/databases/default_database " in head(chroma_url=wire.url)
    assert f"/databases/{bringer.database} " in head(chroma_url=f"{wire.url}/", chroma_database=bringer.database)
    assert chroma_server(Settings(chroma_url="https://u:secret@host:1/x")).host == "host:1"


def test_the_settings_of_chroma_cloud_are_enough(wire, beside):
    assert chroma_server(Settings(chroma_api_key="k")).host == "api.trychroma.com"
    cloud = chroma_server(Settings(chroma_api_key="k", chroma_url=wire.url))
    client = cloud.ask(lambda client: client)
    assert "/auth/identity" in wire.heads[0] and "x-chroma-token: k" in wire.heads[0].lower()
    assert "authorization" not in wire.heads[0].lower()
    assert (client.tenant, client.database) == ("default_tenant", "default_database")
    index, vectors = beside.served(cloud)
    vectors.bring()
    assert vectors.fault is None
    (query,) = Clusters().embed(["one"])
    assert index.search_dense(query, BATCH - SPARE) == beside.search_dense(query, BATCH - SPARE)
    vectors._server.close()


def test_a_database_that_is_not_there_is_named(server):
    with pytest.raises(ServerFault, match="no such database"):
        ChromaServer(Settings(chroma_url=server.url, chroma_database="nowhere")).ask(lambda client: client)


def test_a_server_of_another_version_is_named(bringer, wire):
    wire.trouble, wire.grace = "version", 3  # who asks, tenant and database are there
    with pytest.raises(ServerFault, match="another version"):
        bringer.connect(wire.port).ask(lambda client: client)


def test_every_fault_has_words_for_the_reader_and_advice_for_the_owner():
    assert all(all(fault.value.partition(": ")[::2]) for fault in Fault)
