"""An index holds what it was given, finds it, survives kills, full disks and damage, and never repeats its work."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from rag.encoders import vector_cache
from rag.encoders.vector_cache import CHECKPOINT, embed_cached
from rag.errors import IndexBusy, IndexDamaged, IndexNotWritten, NoReviews
from rag.index import Index, build_index, building, fingerprint
from rag.index.building import BUILDER, CACHE, LOCK
from rag.index.embedded_chroma import MOST_KEPT
from rag.index.files import is_sound
from rag.settings import PROJECT
from rag.text.chunking import in_context
from rag.text.terms import stem_set, stems
from rag.types import Passage, Review, Section
from tests.another_user import read_only

WORDS = ["cell", "tumor", "antigen", "receptor", "therapy", "patient", "cytokine", "lupus", "remission", "dose"]
SHARED = "The authors declare no competing interests."
DIMENSIONS = 384


class Clusters:
    """An embedder without a model: each text near one of 30 directions, by its hash. Counts what it is given."""

    id = "clusters"
    dimensions = DIMENSIONS

    def __init__(self, seconds_a_text: float = 0.0) -> None:
        self.seconds, self.seen = seconds_a_text, []

    def embed(self, texts):
        self.seen += texts
        time.sleep(self.seconds * len(texts))
        if not texts:
            return np.empty((0, DIMENSIONS), np.float32)
        hashes = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") for text in texts]
        centres = np.random.default_rng(0).normal(size=(30, DIMENSIONS))
        noise = np.stack([np.random.default_rng(h).normal(size=DIMENSIONS) for h in hashes])
        vectors = (centres[[h % 30 for h in hashes]] + 0.5 * noise).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def shelf(reviews: int, passages: int = 8, seed: int = 1) -> tuple[list[Review], list[Passage]]:
    """Reviews of passages of two sentences; the last passage of each is the same in all."""
    rng = random.Random(seed)
    made = [_review(number, rng, passages) for number in range(reviews)]
    return [review for review, _ in made], [passage for _, cut in made for passage in cut]


def _review(number: int, rng: random.Random, passages: int) -> tuple[Review, list[Passage]]:
    sentences = [f"{' '.join(rng.choices(WORDS, k=9)).capitalize()} {rng.random():.6f}." for _ in range(2 * passages)]
    sentences[-2:] = [SHARED, "None."]
    text = "\r\n".join(sentences) + "\r\n"
    spans, at = [], 0
    for sentence in sentences:
        spans.append((at, at + len(sentence)))
        at += len(sentence) + 2
    review = Review(f"10.1/{number}", f"Title {number}", text, (Section("Ü", "body", "authors", 0, at),), ("A É",))
    pairs = [(spans[i], spans[i + 1]) for i in range(0, len(spans), 2)]
    return review, [_passage(review, first, second) for first, second in pairs]


def _passage(review: Review, first: tuple[int, int], second: tuple[int, int]) -> Passage:
    start, end = first[0], second[1]
    text = review.text[start:end]
    return Passage(f"{review.id}#{start}", review.id, "Ü", "body", "authors", start, end, text, (first, second))


def searched(reviews: list[Review], passages: list[Passage]) -> list[str]:
    """What is searched for each passage."""
    titles = {review.id: review.title for review in reviews}
    return [in_context(passage, titles[passage.review_id]) for passage in passages]


REVIEWS, PASSAGES = shelf(50)
SEARCHED = searched(REVIEWS, PASSAGES)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    return build_index(REVIEWS, PASSAGES, Clusters(), tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def index(built):
    return Index.open(built)


@pytest.fixture
def data(built, tmp_path) -> Path:
    """A copy of the folder in which the index was built."""
    return shutil.copytree(built.parent, tmp_path / "data")


# What it holds.


def test_it_gives_back_the_reviews_and_passages_it_was_given(index):
    assert list(index.reviews.values()) == REVIEWS
    assert index.passages == tuple(PASSAGES)


def test_it_gives_back_the_vector_of_each_sentence(index):
    spans = [(p.review_id, *span) for p in PASSAGES[::7] for span in p.sentences]
    texts = [index.reviews[review].text[start:end] for review, start, end in spans]
    assert np.array_equal(index.sentence_vectors(spans), Clusters().embed(texts))
    assert index.sentence_vectors([]).shape == (0, DIMENSIONS)
    with pytest.raises(KeyError):
        index.sentence_vectors([("10.1/0", 1, 2)])


def test_it_gives_back_the_stems_of_each_sentence(index):
    spans = [(p.review_id, *span) for p in PASSAGES[::7] for span in p.sentences]
    texts = [index.reviews[review].text[start:end] for review, start, end in spans]
    assert index.sentence_stems(spans) == [stem_set(text) for text in texts]


# What it finds.


def exact(query, k, allowed=lambda passage: True):
    """The k nearest passages by a scan over all of them in float64, ties by number."""
    vectors = Clusters().embed(SEARCHED).astype(np.float64)
    query = query.astype(np.float64)
    scores = np.round(vectors @ (query / np.linalg.norm(query)), 6)
    order = [int(n) for n in np.argsort(-scores, kind="stable") if allowed(PASSAGES[n])]
    return [(n, pytest.approx(scores[n], abs=1e-6)) for n in order[:k]]


@pytest.mark.parametrize("k", [1, 10, 200, 400, 10_000])
def test_dense_search_equals_an_exact_scan(index, k):
    for query in Clusters().embed(["one", "two", "three", SEARCHED[0], SEARCHED[-1]]):
        assert index.search_dense(query, k) == exact(query, k)


@pytest.mark.parametrize("asked", [["10.1/7"], ["10.1/7", "10.1/31"], [f"10.1/{n}" for n in range(1, 50)]], ids=len)
def test_dense_search_of_some_reviews_equals_an_exact_scan_of_them(index, asked):
    for query in Clusters().embed(["one", SEARCHED[-1]]):
        assert index.search_dense(query, 12, asked) == exact(query, 12, lambda p: p.review_id in asked)


def test_a_large_library_has_no_chroma_and_finds_exactly_the_same(tmp_path):
    reviews, passages = shelf(730)
    folder = build_index(reviews, passages, Clusters(), tmp_path)
    assert len(passages) > MOST_KEPT and not (folder / "chroma").exists()
    large, asked = Index.open(folder), [f"10.1/{n}" for n in range(0, 730, 3)]
    vectors = Clusters().embed(searched(reviews, passages)).astype(np.float64)
    held = np.isin([passage.review_id for passage in passages], asked)
    for query in Clusters().embed(["one", passages[0].text, passages[-1].text]):
        scores = np.round(vectors @ (query / np.linalg.norm(query.astype(np.float64))), 6)
        for k in (1, 12, 200):
            for allowed, found in (
                (held | True, large.search_dense(query, k)),
                (held, large.search_dense(query, k, asked)),
            ):
                order = [int(n) for n in np.argsort(-scores, kind="stable") if allowed[n]][:k]
                assert found == [(n, pytest.approx(scores[n], abs=2e-6)) for n in order]


def test_unknown_reviews_are_ignored_and_none_find_nothing(index):
    (query,) = Clusters().embed(["one"])
    assert index.search_dense(query, 5, ["10.1/3", "10.9/9"]) == index.search_dense(query, 5, ["10.1/3"])
    assert index.search_dense(query, 5, ["10.9/9"]) == index.search_dense(query, 5, []) == []
    assert index.search_lexical(["cell"], 5, ["10.9/9"]) == index.search_lexical(["cell"], 5, []) == []
    assert index.search_dense(query, 0) == index.search_lexical(["cell"], 0) == []


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0])
def test_a_query_vector_that_is_not_finite_or_all_zero_is_refused(index, bad):
    with pytest.raises(ValueError, match="finite"):
        index.search_dense(np.full(DIMENSIONS, bad, np.float32), 5)
    with pytest.raises(ValueError, match="384"):
        index.dense_scores(np.ones(DIMENSIONS - 1, np.float32), [0])


def test_scores_of_given_passages_are_those_of_the_search_in_the_order_asked(index):
    (query,) = Clusters().embed(["one"])
    found, words = dict(index.search_dense(query, 400)), stems("lupus remission")
    numbers = [17, 3, 399, 3]
    assert index.dense_scores(query * 7, numbers).tolist() == [found[n] for n in numbers]
    assert index.lexical_scores(words, numbers).tolist() == [index.lexical_scores(words)[n] for n in numbers]


def test_lexical_search_ranks_by_bm25(index):
    texts = [stems(text) for text in SEARCHED]
    average = sum(map(len, texts)) / len(texts)
    terms = stems("lupus dose cytokine absent-word")

    def score(text):
        total = 0.0
        for term in terms:
            holding, count = sum(term in other for other in texts), text.count(term)
            rarity = np.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
            total += rarity * count / (count + 1.2 * (1 - 0.75 + 0.75 * len(text) / average))
        return total

    expected = [score(text) for text in texts]
    assert index.lexical_scores(terms) == pytest.approx(expected, abs=1e-4)
    found = index.search_lexical(terms, 1000)
    assert {number for number, _ in found} == {n for n, value in enumerate(expected) if value}
    assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))
    assert index.lexical_scores(terms[::-1]).tobytes() == index.lexical_scores(terms).tobytes()
    assert index.search_lexical([], 5) == index.search_lexical(["nowhere"], 5) == []


def test_many_threads_read_at_once(index):
    queries = list(Clusters().embed([f"question {n}" for n in range(40)]))

    def read(query):
        return index.search_dense(query, 9), index.search_dense(query, 9, ["10.1/5"]), index.search_lexical(["cell"], 9)

    expected = [read(query) for query in queries]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, queries * 5)) == expected * 5


def test_it_is_the_same_at_every_opening(built, index):
    again = Index.open(built)
    for query in Clusters().embed([f"question {n}" for n in range(20)]):
        assert again.search_dense(query, 50) == index.search_dense(query, 50)


def test_without_a_model_words_are_found_and_vectors_are_not(tmp_path):
    index = Index.open(build_index(REVIEWS, PASSAGES, None, tmp_path))
    assert index.search_lexical(["lupus"], 5) and index.manifest.embedder is None
    assert index.search_dense(np.ones(DIMENSIONS, np.float32), 5) == []
    assert index.dense_scores(np.ones(DIMENSIONS, np.float32), [1, 2]).tolist() == [0, 0]
    assert index.sentence_vectors([(PASSAGES[0].review_id, *PASSAGES[0].sentences[0])]).shape == (1, 0)


def test_texts_without_a_word_can_be_indexed(tmp_path):
    review = Review("10.1/0", "", "... !!!", ())
    passage = Passage("p", review.id, "", "body", "authors", 0, 7, review.text, ((0, 3), (4, 7)))
    index = Index.open(build_index([review], [passage], Clusters(), tmp_path))
    assert index.search_lexical(["cell"], 5) == []
    assert [number for number, _ in index.search_dense(Clusters().embed(["x"])[0], 5)] == [0]


def test_no_passages_make_no_index(tmp_path):
    with pytest.raises(NoReviews):
        build_index(REVIEWS, [], Clusters(), tmp_path)


# When it is built, and when not.


def test_the_fingerprint_differs_whenever_the_index_would():
    one = replace(REVIEWS[0], text=REVIEWS[0].text + " ")
    others = [replace(REVIEWS[0], title="Corrected"), replace(REVIEWS[0], id="10.2/0"), one]
    shelves = [REVIEWS, REVIEWS[::-1], REVIEWS[1:], *([other, *REVIEWS[1:]] for other in others)]
    prints = [fingerprint(reviews, "1", "a") for reviews in shelves]
    prints += [fingerprint(REVIEWS, "2", "a"), fingerprint(REVIEWS, "1", "b"), fingerprint(REVIEWS, "1", None)]
    assert len(set(prints)) == len(prints)
    assert fingerprint(list(REVIEWS), "1", "a") == prints[0]


def test_a_sound_index_is_not_built_again(data):
    embedder = Clusters()
    assert build_index(REVIEWS, PASSAGES, embedder, data).parent == data
    assert embedder.seen == []


def test_only_new_texts_are_embedded(data):
    more, cut = shelf(1, passages=3, seed=9)
    more, cut = (
        [replace(more[0], id="10.3/1")],
        [replace(passage, id=f"10.3/1#{passage.start}", review_id="10.3/1") for passage in cut],
    )
    embedder, reports = Clusters(), []
    build_index([*REVIEWS, *more], [*PASSAGES, *cut], embedder, data, lambda *done: reports.append(done))
    known = {*SEARCHED, SHARED, "None.", more[0].title}
    expected = {*searched(more, cut)} | {more[0].text[start:end] for p in cut for start, end in p.sentences}
    fresh = [text for text in embedder.seen if " " in text]  # the others are words of the vocabulary
    assert set(fresh) == expected - known and len(embedder.seen) == len(set(embedder.seen))
    assert reports == sorted(reports) and reports[-1][0] == reports[-1][1] == reports[0][0] + len(fresh)


def test_a_damaged_cache_of_vectors_costs_only_time(tmp_path):
    (tmp_path / "cache").write_bytes(b"not a database" * 1000)
    embedder = Clusters()
    for _ in range(2):
        assert np.array_equal(
            embed_cached(["a", "b", "a"], embedder, tmp_path / "cache"), Clusters().embed(["a", "b", "a"])
        )
    assert embedder.seen == ["a", "b"]


def test_a_damaged_vector_in_the_cache_is_computed_again(tmp_path):
    embed_cached(["a", "b"], Clusters(), tmp_path / "cache")
    with sqlite3.connect(tmp_path / "cache") as store:
        store.execute("UPDATE vectors SET vector = ? WHERE rowid = 1", (np.zeros(DIMENSIONS, "<f4").tobytes(),))
        store.execute("UPDATE vectors SET vector = ? WHERE rowid = 2", (b"short",))
    assert np.array_equal(embed_cached(["a", "b"], Clusters(), tmp_path / "cache"), Clusters().embed(["a", "b"]))


def test_the_cache_does_not_grow_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(vector_cache, "KEPT_AT_LEAST", 10)
    embed_cached([str(n) for n in range(300)], Clusters(), tmp_path / "cache")
    vector_cache.prune(tmp_path / "cache", current=5)
    embedder = Clusters()
    embed_cached([str(n) for n in range(300)], embedder, tmp_path / "cache")
    assert len(embedder.seen) == 300 - 3 * 5 - 10


def test_the_two_newest_indexes_are_kept_and_leftovers_of_dead_builders_are_not(tmp_path):
    for age, name in enumerate([".building-dead", ".discarded-dead", "index-1", "index-2", "index-3"]):
        (tmp_path / name / "chroma").mkdir(parents=True)
        os.utime(tmp_path / name, (0, -age))
    built = build_index(*shelf(1), None, tmp_path)
    assert {path.name for path in tmp_path.glob("*/")} == {built.name, "index-1"}


def test_the_word_index_is_the_same_whatever_the_hash_seed(tmp_path):
    script = """if True:
        import sys
        import numpy as np
        from dataclasses import asdict
        from rag.index.postings import Postings
        from rag.text.terms import stems
        from tests.index.test_index import SEARCHED
        postings = Postings.of(map(stems, SEARCHED))
        np.savez(sys.argv[1], **asdict(postings))
        """
    run(script, tmp_path / "here.npz")
    said = run(script, tmp_path / "there.npz", PYTHONHASHSEED="1")
    here, there = ((tmp_path / f"{name}.npz").read_bytes() for name in ("here", "there"))
    assert here == there, said.stderr


# When something goes wrong.


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_any_damaged_file_is_noticed_before_it_is_used(data):
    (folder,) = data.glob("index-*")
    for name in files(folder):
        whole = (folder / name).read_bytes()
        middle = len(whole) // 2
        for damaged in (whole[:middle], whole[:middle] + bytes(64) + whole[middle + 64 :], None):
            if damaged == whole:
                continue
            (folder / name).unlink()
            if damaged is not None:
                (folder / name).write_bytes(damaged)
            with pytest.raises(IndexDamaged):
                Index.open(folder)
        (folder / name).write_bytes(whole)
    Index.open(folder)


def test_a_damaged_index_is_built_again(data):
    (folder,) = data.glob("index-*")
    os.truncate(folder / "chroma" / "chroma.sqlite3", 20)
    embedder = Clusters()
    assert build_index(REVIEWS, PASSAGES, embedder, data) == folder
    assert embedder.seen == []
    assert Index.open(folder).passages == tuple(PASSAGES)


def test_chroma_that_does_not_hold_the_vectors_is_not_published(tmp_path, monkeypatch):
    class Broken(Clusters):
        def embed(self, texts):
            return super().embed(texts) * np.float32("nan")

    with pytest.raises(IndexNotWritten, match="length 1"):
        build_index(REVIEWS, PASSAGES, Broken(), tmp_path)
    assert not list(tmp_path.glob("*/")) and not list(tmp_path.glob(".*/"))


def test_a_passage_that_is_not_in_its_review_is_not_published(tmp_path):
    moved = [replace(PASSAGES[0], start=1, end=PASSAGES[0].end + 1), *PASSAGES[1:]]
    with pytest.raises(IndexNotWritten, match="not in its review"):
        build_index(REVIEWS, moved, None, tmp_path)


BUILD = """if True:
    import json, sys
    from pathlib import Path
    from rag.errors import RagError
    from rag.index import build_index
    from tests.index.test_index import Clusters, shelf
    embedder = Clusters(seconds_a_text=float(sys.argv[3]))
    print("ready", flush=True)
    try:
        path = build_index(*shelf(int(sys.argv[2])), embedder, Path(sys.argv[1]))
        print(json.dumps([path.name, len(embedder.seen)]))
    except RagError as error:
        print(json.dumps([type(error).__name__, str(error)]))
    """


def start_builder(data: Path, reviews: int, seconds_a_text: float = 0.0) -> subprocess.Popen[str]:
    """Start a process that builds; it has come as far as its imports."""
    command = [sys.executable, "-c", BUILD, str(data), str(reviews), str(seconds_a_text)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    builder = subprocess.Popen(command, cwd=PROJECT, **pipes)
    assert builder.stdout.readline() == "ready\n", builder.stderr.read()
    return builder


def await_lock(data: Path, builder: subprocess.Popen[str]) -> None:
    while not (data / BUILDER).exists() or (data / BUILDER).read_text() != str(builder.pid):
        assert builder.poll() is None, builder.stderr.read()
        time.sleep(0.01)


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_build_killed_at_any_moment_leaves_the_old_indexes_and_the_next_one_goes_on_where_it_stood(data, built):
    _, passages = shelf(90)  # the first 50 are those of the old index
    before = cached(data)
    old = {built.name, build_index(REVIEWS, PASSAGES, None, data).name}
    rng = random.Random(os.environ.get("RAG_TEST_SEED", time.time_ns()))
    for latest in (1, None, 3):
        builder = start_builder(data, reviews=90, seconds_a_text=0.001)
        while latest is None and builder.poll() is None and cached(data) < before + CHECKPOINT:
            time.sleep(0.01)
        time.sleep(moment := rng.uniform(0, latest or 0))
        builder.kill()
        builder.communicate()
        left = {path.name for path in data.glob("index-*")}
        assert (old == left or len(left) == 2) and all(is_sound(data / name) for name in left), f"after {moment} s"
    kept = cached(data)
    name, embedded = json.loads(start_builder(data, reviews=90).communicate()[0])
    assert Index.open(data / name).passages == tuple(passages)
    assert kept >= before + CHECKPOINT and embedded <= cached(data) - kept


def cached(data: Path) -> int:
    with closing(sqlite3.connect(data / CACHE)) as store:
        return store.execute("SELECT count(*) FROM vectors").fetchone()[0]


def test_of_two_builders_at_once_the_second_stops_and_names_the_first_or_waits_for_its_index(tmp_path, monkeypatch):
    first = start_builder(tmp_path, reviews=20, seconds_a_text=0.005)
    await_lock(tmp_path, first)
    with pytest.raises(IndexBusy, match=rf"pid {first.pid}\)"):
        build_index(*shelf(21), Clusters(), tmp_path)
    monkeypatch.setattr(building, "PATIENCE", 600)
    embedder = Clusters()
    found = build_index(*shelf(20), embedder, tmp_path)
    assert found.name == json.loads(first.communicate()[0])[0] and embedder.seen == []
    assert Index.open(found).passages == tuple(shelf(20)[1])


def test_a_busy_folder_still_serves_what_it_holds(data):
    with FileLock(data / LOCK):
        assert Index.open(build_index(REVIEWS, PASSAGES, Clusters(), data))
        with pytest.raises(IndexBusy):
            build_index(REVIEWS[1:], PASSAGES, Clusters(), data)


@pytest.mark.skipif(os.name == "nt", reason="there are no limits on files")
@pytest.mark.parametrize("kilobytes", [20, 1500], ids=["the cache", "chroma"])
def test_a_full_disk_fails_the_build_and_nothing_else(data, kilobytes):
    before = files(next(data.glob("index-*")))
    limited = BUILD.replace("import json, sys", "import json, sys, resource", 1).replace(
        'print("ready"', f'resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes}_000,) * 2); print("ready"'
    )
    (data / CACHE).unlink()
    command = [sys.executable, "-c", limited, str(data), "400", "0"]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=300)
    kind, message = json.loads(said.stdout.splitlines()[-1])
    assert kind == "IndexNotWritten" and "\n" not in message, said.stderr
    assert not list(data.glob(".building-*/"))
    assert files(next(data.glob("index-*"))) == before
    assert Index.open(build_index(REVIEWS, PASSAGES, Clusters(), data))


def test_a_disk_without_room_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "BYTES_SPARE", 10**18)
    embedder = Clusters()
    with pytest.raises(IndexNotWritten, match=r"needs about 10+\d* MB in .*, but \d+ MB are free"):
        build_index(REVIEWS, PASSAGES, embedder, tmp_path)
    assert embedder.seen == [] and not list(tmp_path.glob("*/"))


def test_a_folder_that_is_a_file_is_told_plainly(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexNotWritten, match="could not be written to"):
        build_index(REVIEWS, PASSAGES, Clusters(), tmp_path / "file" / "data")


@pytest.mark.skipif(os.name == "nt", reason="folders are read-only in another way")
def test_a_read_only_folder_is_opened_and_answers(built):
    with read_only(built.parent) as folder:
        said = run(READER, folder, built.parent)
    assert said.stdout.split() == [built.name, "3", "PermissionError"], said.stderr


READER = """if True:
    import sys
    from pathlib import Path
    from rag.index import Index, build_index
    from tests.another_user import leave_root
    from tests.index.test_index import PASSAGES, REVIEWS, Clusters

    def found(data):
        folder = build_index(REVIEWS, PASSAGES, Clusters(), Path(data))
        return folder, len(Index.open(folder).search_dense(Clusters().embed(["one"])[0], 3))

    found(sys.argv[2])  # which imports all that is needed
    leave_root()
    folder, number = found(sys.argv[1])
    print(folder.name, number)
    try:
        (folder / "new").touch()
    except OSError as error:
        print(type(error).__name__)
    """


# What it leaves behind.


@pytest.fixture
def copies(tmp_path, monkeypatch) -> Path:
    """A temporary folder of our own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_closing_or_forgetting_an_index_removes_its_copy_of_chroma(built, copies):
    closed, forgotten = Index.open(built), Index.open(built)
    assert len(list(copies.iterdir())) == 2
    closed.close()
    del forgotten
    assert not list(copies.iterdir())


def test_copies_of_killed_processes_are_removed_by_the_next_and_those_in_use_are_not(built, copies):
    index = Index.open(built)
    in_use = set(copies.iterdir())
    Path(tempfile.mkdtemp(prefix="rag-chroma-"))
    for copy in copies.iterdir():
        os.utime(copy, (0, 0))
    Index.open(built).close()
    assert set(copies.iterdir()) == in_use and index.passages


def test_an_old_sqlite_of_python_is_no_obstacle(tmp_path):
    script = "import sqlite3, sys; sqlite3.sqlite_version_info = (3, 31, 0)\n"
    said = run(script + "from rag.index.collection import import_chromadb; print(import_chromadb().__name__)", tmp_path)
    assert said.stdout == "chromadb\n", said.stderr


def test_importing_the_index_imports_neither_chroma_nor_langchain(tmp_path):
    script = "import sys, rag.index; print({'chromadb', 'langchain_core', 'onnxruntime'} & set(sys.modules))"
    said = run(script, tmp_path)
    assert said.stdout == "set()\n", said.stderr


def test_vectors_that_chroma_cannot_reach_are_found_all_the_same(tmp_path, caplog):
    class Alike(Clusters):
        """Many texts that differ by a hair tear Chroma's graph apart."""

        def embed(self, texts):
            vectors = super().embed(["the same"]) + 1e-4 * super().embed(texts)
            return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)

    reviews, passages = shelf(150)
    passages = [replace(passage, sentences=()) for passage in passages]
    with caplog.at_level(logging.WARNING):
        index = Index.open(build_index(reviews, passages, Alike(), tmp_path))
    for text in ("one", "two", passages[5].text):
        (query,) = Clusters().embed([text])
        scores = index.dense_scores(query, range(len(passages)))
        assert [s for _, s in index.search_dense(query, 100)] == sorted(scores.tolist(), reverse=True)[:100]


def run(script: str, *arguments: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(
        command, env=os.environ | environment, cwd=PROJECT, capture_output=True, text=True, timeout=300
    )
