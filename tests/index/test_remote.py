"""The vectors on a real Chroma server give the answers of those beside the index; whatever it does, words go on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import get_args
from uuid import uuid4

import chromadb
import numpy as np
import pytest

from rag.encoders.vector_cache import CachedEmbedder
from rag.errors import BadSettings, VectorsAway
from rag.exports.html.answer import answer_html
from rag.exports.markdown import markdown_document
from rag.exports.plain import terminal_text
from rag.index import Index, build_index
from rag.index.columns import Passages
from rag.index.remote import server as served_by
from rag.index.remote import vectors as served_vectors
from rag.index.remote.server import ChromaServer, Fault, ServerFault, chroma_server, patience
from rag.index.remote.vectors import TEXTS, ServedVectors
from rag.langchain.retriever import ReviewRetriever
from rag.pipeline import ask, converse
from rag.settings import PROJECT, Settings
from rag.shelf.library import Library
from rag.shelf.opening import open_library
from rag.types import Exchange
from tests.chroma_servers import LIES, Server, Wire, chroma_run
from tests.index.test_index import PASSAGES, REVIEWS, SEARCHED, Clusters, shelf
from tests.index.test_sentence_roles import Known
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
    monkeypatch.setattr(served_vectors, "SECONDS_TO_RETURN", (0.2,))


@pytest.fixture
def opened(request) -> Iterator[list[ServedVectors]]:
    """What is put here is closed after the test."""
    made: list[ServedVectors] = []
    yield made
    for one in made:
        one.close()


class Bringer:
    """Makes ServedVectors of one library with data folders and databases of their own."""

    def __init__(self, server: Server, folder: Path, opened: list[ServedVectors]) -> None:
        self._port, self._folder, self._opened, self.database = server.port, folder, opened, f"d{uuid4().hex[:8]}"
        settings = chromadb.Settings(anonymized_telemetry=False)
        server = chromadb.HttpClient("127.0.0.1", self._port, settings=settings)
        server._admin_client.create_database(self.database)
        self.at = self.connect().client()

    def connect(self, port: int = 0) -> ChromaServer:
        return ChromaServer(f"127.0.0.1:{port or self._port}", "", None, self.database, cloud=False)

    def vectors(self, name="0" * 16, embedder=None, shelf=(REVIEWS, PASSAGES), port=0) -> ServedVectors:
        cached = CachedEmbedder(embedder or Clusters(), self._folder / f"{uuid4().hex}.sqlite3")
        made = ServedVectors(self.connect(port), name, Passages.of(*shelf), ["cell", "tumor"], cached)
        self._opened.append(made)
        return made

    def names(self) -> set[str]:
        return {one.name for one in self.at.list_collections()}

    def wait_for_passages(self) -> None:
        """Wait until some passages are there, but not all that is to come."""
        name = f"rag-{'0' * 16}"
        until(lambda: name in self.names() and self.at.get_collection(name, embedding_function=None).count() >= 300)


@pytest.fixture
def bringer(server, tmp_path, opened) -> Bringer:
    return Bringer(server, tmp_path, opened)


def until(event: Callable[[], bool]) -> None:
    assert happens(event), "it did not come in time"


# The same as beside the index.


@pytest.fixture(scope="module")
def beside(tmp_path_factory) -> Index:
    return Index.open(build_index(REVIEWS, PASSAGES, Clusters(), tmp_path_factory.mktemp("beside")))


@pytest.fixture
def on_server(beside, bringer) -> Index:
    vectors = bringer.vectors()
    vectors.bring()
    assert vectors.away == ""
    return beside.by_words().served(vectors, beside.vocabulary, beside.manifest.fingerprint)


@pytest.mark.parametrize("k", [1, 10, 200, 10_000])
@pytest.mark.parametrize("asked", [None, ["10.1/7"], ["10.1/7", "10.1/31"], [], ["10.9/9"]], ids=str)
def test_searches_and_scores_are_those_of_the_vectors_beside_the_index(beside, on_server, k, asked):
    for query in Clusters().embed(["one", "two", PASSAGES[0].text, PASSAGES[-1].text]):
        assert on_server.search_dense(query, k, asked) == beside.search_dense(query, k, asked)
    numbers = [17, 3, 399, 3]
    assert on_server.dense_scores(query, numbers).tolist() == beside.dense_scores(query, numbers).tolist()
    assert on_server.sentence_scores(query, numbers).tolist() == beside.sentence_scores(query, numbers).tolist()
    assert on_server.dense_scores(query, []).tolist() == []


def test_a_passage_that_is_the_same_in_many_reviews_is_found_in_each(bringer, tmp_path):
    # What is no prose is searched without the title of its review.
    reviews, passages = REVIEWS[:12], [replace(p, kind="competing interests") for p in PASSAGES[: 12 * 8]]
    beside = Index.open(build_index(reviews, passages, Clusters(), tmp_path / "beside"))
    vectors = bringer.vectors(shelf=(reviews, passages))
    vectors.bring()
    on_server = beside.by_words().served(vectors, beside.vocabulary, beside.manifest.fingerprint)
    for query in Clusters().embed([passages[-1].text, "one"]):
        for asked in (["10.1/3"], ["10.1/3", "10.1/5"], None):
            for k in (1, 3, 20):
                assert on_server.search_dense(query, k, asked) == beside.search_dense(query, k, asked)


def test_the_vectors_of_sentences_come_back_bit_for_bit(beside, on_server):
    spans = [(p.review_id, *span) for p in PASSAGES for span in p.sentences]
    assert on_server.sentence_vectors(spans).tobytes() == beside.sentence_vectors(spans).tobytes()
    assert on_server.sentence_vectors([]).shape == (0, 384)
    with pytest.raises(KeyError):
        on_server.sentence_vectors([("10.1/0", 1, 2)])


def test_the_roles_of_sentences_are_those_that_are_kept_beside_the_index(bringer, tmp_path):
    beside = Index.open(build_index(REVIEWS, PASSAGES, Known(), tmp_path))
    vectors = bringer.vectors(embedder=Known())
    vectors.bring()
    on_server = beside.by_words().served(vectors, beside.vocabulary, beside.manifest.fingerprint)
    spans = [(p.review_id, *span) for p in PASSAGES[::-7] for span in p.sentences]
    kept = beside.sentence_traits(spans)
    assert kept.any() and np.abs(on_server.sentence_traits(spans) - kept).max() < 1.5 / 255
    assert on_server.sentence_traits([]).shape == kept[:0].shape
    with pytest.raises(KeyError):
        on_server.sentence_traits([("10.1/0", 1, 2)])


def test_many_threads_read_at_once(beside, on_server, monkeypatch):
    from concurrent.futures import ThreadPoolExecutor

    monkeypatch.setattr(served_vectors, "MOST_CACHED", 50)
    queries = list(Clusters().embed([f"question {n}" for n in range(30)]))
    with ThreadPoolExecutor(12) as pool:
        found = pool.map(lambda query: on_server.search_dense(query, 9), queries * 3)
        assert list(found) == [beside.search_dense(query, 9) for query in queries] * 3


def settings(wire_or_server, data: Path, **more) -> Settings:
    return Settings(seeds=PROJECT / "seeds", data=data, chroma_url=wire_or_server.url, **more)


def test_the_seeds_are_answered_alike_and_a_second_process_embeds_nothing(library, server, tmp_path, monkeypatch):
    first = open_library(settings(server, tmp_path / "one"))
    assert not first.vectors.away
    monkeypatch.setattr(ServedVectors, "embed", ServedVectors.of_texts)
    told: list[str] = []
    second = open_library(settings(server, tmp_path / "two"), lambda what, *done: told.append(what))
    assert "texts" not in told and second.vectors.place == first.vectors.place
    assert second.index.manifest.fingerprint == library.index.manifest.fingerprint
    for given in (first, second):
        assert [ask(question, given) for question in QUESTIONS] == [ask(question, library) for question in QUESTIONS]
        assert converse(["What is CRS?", "And how is it treated?"], given) == converse(
            ["What is CRS?", "And how is it treated?"], library
        )
        given.index.close()


def test_chromas_own_client_finds_passages_with_their_texts_and_places(bringer):
    bringer.vectors().bring()
    held = bringer.at.get_collection(f"rag-{'0' * 16}", embedding_function=None)
    assert held.metadata["embedder"] == "clusters" and held.metadata["complete"]
    (query,) = Clusters().embed(["one"])
    found = held.query(query, n_results=9, where={"review_id": "10.1/7"})
    passages = {passage.id: passage for passage in PASSAGES if passage.review_id == "10.1/7"}
    assert found["ids"][0] and {*found["ids"][0]} == {*passages}
    for id, text, known in zip(found["ids"][0], found["documents"][0], found["metadatas"][0], strict=True):
        assert text == passages[id].text == REVIEWS[7].text[known["start"] : known["end"]]
        assert (known["title"], known["authors"], known["section"], known["kind"]) == ("Title 7", "A É", "Ü", "body")


# One brings it, all have it.


def test_what_is_there_is_not_brought_again(bringer):
    bringer.vectors().bring()
    before = bringer.names()
    embedder = Clusters()
    other = bringer.vectors(embedder=embedder)
    other.bring()
    assert (embedder.seen, other.away, bringer.names()) == ([], "", before)
    assert len(other.of_texts(["cell", "None."])) == 2
    with pytest.raises(VectorsAway):
        other.of_texts(["a text that the generation has not"])


def test_of_two_at_once_one_brings_it_and_nothing_is_seen_before_it_is_whole(bringer):
    slow, quick = Clusters(seconds_a_text=0.002), Clusters()
    one, other = bringer.vectors(embedder=slow), bringer.vectors(embedder=quick)
    told: list[tuple[int, int]] = []
    building = Thread(target=one.bring, args=(lambda *done: told.append(done),))
    building.start()
    until(bringer.names)
    other.bring()
    assert other.away == "the vectors are being brought to the vector store"
    building.join()
    until(lambda: not other.away)
    assert one.away == "" and quick.seen == []
    assert told[-1][0] == told[-1][1] and told == sorted(told)
    assert bringer.names() == {f"rag-{'0' * 16}", f"rag-{'0' * 16}{TEXTS}"}


BRING = """
from tests.index.test_remote import *
at = ChromaServer("127.0.0.1:{port}", "", None, "{database}", cloud=False)
cached = CachedEmbedder(Clusters(seconds_a_text=0.01), Path("{folder}") / "dead.sqlite3")
ServedVectors(at, "0" * 16, Passages.of(REVIEWS, PASSAGES), [], cached).bring()
"""


def test_a_builder_that_died_is_followed_by_another_which_goes_on_where_it_stood(bringer, monkeypatch):
    monkeypatch.setattr(served_vectors, "SECONDS_TO_BE_DEAD", 0.5)
    code = BRING.format(port=bringer._port, database=bringer.database, folder=bringer._folder)
    dying = subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT)
    bringer.wait_for_passages()
    dying.send_signal(signal.SIGKILL)
    dying.wait()
    embedder = Clusters()
    vectors = bringer.vectors(embedder=embedder)
    vectors.bring()
    until(lambda: not vectors.away)
    again = {*SEARCHED[:250]} & {*embedder.seen}
    assert len(again) <= served_vectors.LOOK_UPS, "what was there is embedded again only to check it"
    assert len(bringer.names()) == 2 and len(vectors[np.arange(len(PASSAGES))]) == len(PASSAGES)


def test_two_that_take_each_other_for_dead_bring_the_same(bringer, beside, monkeypatch):
    monkeypatch.setattr(served_vectors, "SECONDS_TO_BE_DEAD", 0)
    both = [bringer.vectors(embedder=Clusters(seconds_a_text=0.001)) for _ in range(2)]
    building = [Thread(target=one.bring) for one in both]
    for each in building:
        each.start()
    for each in building:
        each.join()
    until(lambda: not any(one.away for one in both))
    (query,) = Clusters().embed(["one"])
    for one in both:
        served = beside.by_words().served(one, beside.vocabulary, beside.manifest.fingerprint)
        assert served.search_dense(query, 30) == beside.search_dense(query, 30)


def test_generations_that_are_used_are_kept_and_others_go_with_what_dead_builders_left(bringer, monkeypatch):
    monkeypatch.setattr(served_vectors, "SECONDS_LATELY", 3)
    (query,) = Clusters().embed(["one"])
    old, used = (bringer.vectors(f"{number:016x}", shelf=shelf(2, seed=number)) for number in range(2))
    for vectors in (old, used):
        vectors.bring()
    for name in (f"rag-{'a' * 16}", f"rag-{'b' * 16}{TEXTS}", "of-somebody-else", "rag-notes"):
        bringer.at.create_collection(name, embedding_function=None)
    time.sleep(3)
    used.nearest(query, 3)  # it tells that it is used
    bringer.vectors("f" * 16, shelf=shelf(2, seed=9)).bring()
    kept = {f"rag-{1:016x}", f"rag-{'f' * 16}"}
    assert bringer.names() == kept | {f"{name}{TEXTS}" for name in kept} | {"of-somebody-else", "rag-notes"}


@pytest.mark.parametrize("lost", [slice(0, 1), slice(1, 2), slice(0, 2)], ids=["passages", "texts", "both"])
def test_a_collection_that_is_lost_is_brought_again(bringer, lost):
    vectors = bringer.vectors()
    vectors.bring()
    for name in sorted(bringer.names(), key=len)[lost]:
        bringer.at.delete_collection(name)
    (query,) = Clusters().embed(["one"])
    with pytest.raises(VectorsAway, match="are being brought"):
        vectors[vectors.nearest(query, 3)]
        vectors.of_texts(["None."])
    until(lambda: not vectors.away)
    assert len(vectors.nearest(query, 3)) >= 3 and len(vectors.of_texts(["None."])) == 1


def test_a_published_generation_that_lacks_records_is_brought_again(bringer):
    vectors = bringer.vectors()
    vectors.bring()
    held = bringer.at.get_collection(f"rag-{'0' * 16}", embedding_function=None)
    held.delete(PASSAGES[3].id)
    embedder = Clusters()
    again = bringer.vectors(embedder=embedder)
    again.bring()
    assert again.away == "" and len(again[np.arange(len(PASSAGES))]) == len(PASSAGES)
    assert SEARCHED[3] in embedder.seen and SEARCHED[4] not in embedder.seen[: embedder.seen.index(SEARCHED[3])]


def test_what_a_server_damaged_is_brought_anew(bringer):
    vectors = bringer.vectors()
    vectors.bring()
    held = bringer.at.get_collection(f"rag-{'0' * 16}", embedding_function=None)
    held.update(PASSAGES[0].id, embeddings=Clusters().embed(["another"])[0])
    held.modify(metadata={**held.metadata, "complete": False, "used": 0})
    again = bringer.vectors()
    again.bring()
    assert again.away == "the vector store is having problems"
    until(lambda: not again.away)
    assert np.array_equal(again[np.array([0])], Clusters().embed(SEARCHED[:1]))


# Whatever the server does, the question is answered, in time, and the token stays where it is.


@pytest.fixture(scope="module")
def seeds(server, tmp_path_factory) -> Iterator[tuple[Library, Wire]]:
    wire = Wire(server.port, TOKEN)
    given = open_library(settings(wire, tmp_path_factory.mktemp("seeds"), chroma_token=TOKEN))
    assert not given.vectors.away
    yield given, wire
    given.index.close()
    wire.close()


@pytest.mark.parametrize("grace", [0, 1], ids=["before", "in the middle"])
@pytest.mark.parametrize("trouble", ["cut", "stall", "drip", *LIES])
def test_a_question_is_answered_by_words_until_the_server_is_back(seeds, library, caplog, monkeypatch, trouble, grace):
    given, wire = seeds
    by_words, right = ask(QUESTION, library.by_words), ask(QUESTION, library)
    given.vectors._cache.clear()
    wire.grace, wire.trouble = grace, trouble
    with monkeypatch.context() as patch:
        patch.setattr("rag.pipeline.SECONDS_FOR_A_QUESTION", 1.5)
        patch.setattr(served_by, "SECONDS_OF_SILENCE", 0.7)
        answer = ask(QUESTION, given)
    assert answer.note == f"Searched by words only: {given.vectors.away}." and given.vectors.away
    assert replace(answer, note="") == replace(by_words, note="") and answer.quoted + answer.nearest
    asked = len(wire.heads)
    assert ask(QUESTION, given).note
    assert not any("/collections/" in head for head in wire.heads[asked:]), "it is looked for, and nobody waits for it"
    wire.trouble = ""
    until(lambda: not given.vectors.away)
    assert ask(QUESTION, given) == right
    assert caplog.text.count("Search is by words.") >= 1 and TOKEN not in caplog.text + answer.note


def test_the_reader_is_told_in_one_line_on_page_paper_and_terminal(seeds, capsys):
    given, wire = seeds
    wire.trouble = "500"
    given.vectors._cache.clear()
    answer = ask(QUESTION, given)
    found, by_words = (ReviewRetriever(library=one).invoke("lupus") for one in (given, given.by_words))
    assert found == by_words
    wire.trouble = ""
    line = "Searched by words only: the vector store is having problems."
    assert f'<p class="note">{line}</p>' in answer_html(answer, given.reviews, "a")
    assert line in markdown_document([Exchange(QUESTION, given.reviews, answer)])
    assert line in terminal_text(answer, given.index.reviews).splitlines()
    assert ask("Hello!", given).note == ""
    until(lambda: not given.vectors.away)


def test_a_server_that_is_killed_and_started_again_is_found_again(library, tmp_path):
    with chroma_run(tmp_path / "chroma") as server:
        given = open_library(settings(server, tmp_path / "data"))
        right = ask(QUESTION, library)
        assert ask(QUESTION, given) == right
        for _ in range(3):
            server.kill()
            given.vectors._cache.clear()
            assert ask(QUESTION, given).note == "Searched by words only: the vector store cannot be reached."
            server.start()
            until(lambda: not given.vectors.away)
            assert ask(QUESTION, given) == right
        given.index.close()


def test_a_server_that_is_killed_while_it_is_filled_is_filled_again(tmp_path, opened):
    with chroma_run(tmp_path / "chroma") as server:
        bringer = Bringer(server, tmp_path, opened)
        vectors = bringer.vectors(embedder=Clusters(seconds_a_text=0.002))
        building = Thread(target=vectors.bring)
        building.start()
        bringer.wait_for_passages()
        time.sleep(0.5)
        server.kill()
        building.join()
        assert vectors.away == "the vector store cannot be reached"
        server.start()
        served_vectors.SECONDS_TO_BE_DEAD, before = 0.5, served_vectors.SECONDS_TO_BE_DEAD
        try:
            until(lambda: not vectors.away)
        finally:
            served_vectors.SECONDS_TO_BE_DEAD = before
        assert len(bringer.names()) == 2


def test_a_server_that_is_away_at_the_start_is_used_when_it_comes(library, tmp_path):
    server = Server(tmp_path / "chroma")
    given = open_library(settings(server, tmp_path / "data"))
    assert ask(QUESTION, given).note == "Searched by words only: the vector store cannot be reached."
    try:
        server.start()
        until(lambda: not given.vectors.away)
        assert ask(QUESTION, given) == ask(QUESTION, library)
    finally:
        given.index.close()
        server.kill()


def test_nobody_looks_for_vectors_that_nobody_wants(bringer, wire):
    wire.trouble = "cut"
    vectors = bringer.vectors(port=wire.port)
    vectors.bring()
    searching = vectors._searching
    vectors.close()
    searching.join(PATIENCE)
    assert not searching.is_alive()
    with pytest.raises(VectorsAway):
        vectors.of_texts(["None."])


def test_a_question_waits_for_all_requests_together_and_what_it_does_between_does_not_count(bringer, wire):
    at = bringer.connect(wire.port)
    with patience(1.0):
        at.check()
        time.sleep(1.1)
        at.check()
        wire.trouble = "drip"
        with pytest.raises(ServerFault, match="in time"):
            at.check()
        asked = len(wire.heads)
        with pytest.raises(ServerFault, match="in time"):
            at.check()
        assert len(wire.heads) == asked


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
        chroma_server(Settings(**given)).client()
        return wire.heads[-1].lower()

    login = wire.url.replace("//", "//user:p%40ss@")
    assert "authorization: bearer t\r\n" in head(chroma_url=wire.url, chroma_token="t") + "\r\n"
    assert "x-chroma-token: t" in wire.heads[-1].lower()
    assert "authorization: basic dxnlcjpwqhnz" in head(chroma_url=login, chroma_token="t")
    assert "/tenants/default_tenant/databases/default_database " in head(chroma_url=wire.url)
    assert f"/databases/{bringer.database} " in head(chroma_url=f"{wire.url}/", chroma_database=bringer.database)
    assert "secret" not in chroma_server(Settings(chroma_url="https://u:secret@host:1/x")).host


def test_the_settings_of_chroma_cloud_are_enough(wire, bringer):
    assert chroma_server(Settings(chroma_api_key="k")).host == "api.trychroma.com"
    cloud = chroma_server(Settings(chroma_api_key="k", chroma_url=wire.url))
    client = cloud.client()
    assert "/auth/identity" in wire.heads[0] and "x-chroma-token: k" in wire.heads[0].lower()
    assert "authorization" not in wire.heads[0].lower()
    assert (client.tenant, client.database) == ("default_tenant", "default_database")
    vectors = ServedVectors(cloud, "c" * 16, Passages.of(REVIEWS, PASSAGES), [], bringer.vectors()._embedder)
    vectors.bring()
    assert vectors.away == "" and len(vectors.nearest(Clusters().embed(["one"])[0], 10_000)) >= 300
    vectors.close()


def test_a_database_that_is_not_there_is_named(server):
    with pytest.raises(ServerFault, match="no such database"):
        ChromaServer(server.url, "", None, "nowhere", cloud=False).check()


def test_a_server_of_another_version_is_named(bringer, wire):
    wire.trouble, wire.grace = "version", 3  # who asks, tenant and database are there
    with pytest.raises(ServerFault, match="another version"):
        bringer.connect(wire.port).check()


def test_every_fault_has_words_for_the_reader_and_advice_for_the_owner():
    assert served_by.WORDS.keys() == {*get_args(Fault)} and all(map(all, served_by.WORDS.values()))
