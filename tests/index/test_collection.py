"""A collection of passages: what it holds, what it finds beside an exact scan, and that each opening finds the same."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from rag.index.collection import COLLECTION, Searchable, open_folder, write_collection
from rag.index.columns import Passages
from tests.index.test_index import PASSAGES, REVIEWS, Clusters, searched, shelf

# What is no prose is searched without the title of its review, so that the last passage of each is a repeat.
REPEATED = [replace(passage, kind="competing interests") for passage in PASSAGES]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("collection")
    vectors = Clusters().embed(searched(REVIEWS, REPEATED))
    write_collection(folder, Passages.of(REVIEWS, REPEATED), vectors, {"embedder": "clusters", "format": 7})
    return folder


def test_a_record_has_wording_place_and_paper(written):
    client = open_folder(written)
    held = client.get_collection(COLLECTION, embedding_function=None)
    assert held.metadata == {"embedder": "clusters", "format": 7} and held.count() == len(REPEATED)
    (one,) = held.get(REPEATED[9].id)["metadatas"]
    assert one == {
        "review_id": "10.1/1",
        "title": "Title 1",
        "authors": "A É",
        "section": "Ü",
        "kind": "competing interests",
        "provenance": "authors",
        "source": "",
        "start": REPEATED[9].start,
        "end": REPEATED[9].end,
        "status": "",
    }
    assert held.get(REPEATED[9].id)["documents"] == [REPEATED[9].text]
    client.close()


def test_what_is_found_brings_its_repeats_along(written):
    client = open_folder(written)
    held, known = client.get_collection(COLLECTION, embedding_function=None), Searchable(Passages.of(REVIEWS, REPEATED))
    repeats = {number for number in range(len(REPEATED)) if number % 8 == 7}
    (query,) = Clusters().embed([REPEATED[7].text])
    assert known.nearest(held, query, 1) >= repeats
    assert known.order[-49:] == sorted(repeats)[1:]
    client.close()


def test_its_graph_is_written_with_it_and_each_opening_finds_the_same(written):
    with closing(sqlite3.connect(written / "chroma.sqlite3")) as store:
        (waiting,) = store.execute("SELECT count(*) FROM embeddings_queue").fetchone()
    assert waiting <= 1 and list(written.glob("*/data_level0.bin"))
    found = []
    for _ in range(2):
        client = open_folder(written)
        held = client.get_collection(COLLECTION, embedding_function=None)
        found.append(held.query(Clusters().embed(["one", "two"]), n_results=50)["ids"])
        client.close()
    assert found[0] == found[1]


@pytest.mark.parametrize("size", [1, 2, 150])
def test_any_number_of_passages_is_written_and_found(tmp_path, size):
    reviews, passages = shelf(20)
    held = Passages.of(reviews, passages[:size])
    write_collection(tmp_path, held, Clusters().embed(searched(reviews, passages)[:size]), {"format": 7})
    client = open_folder(tmp_path)
    collection, known = client.get_collection(COLLECTION, embedding_function=None), Searchable(held)
    (query,) = Clusters().embed([searched(reviews, passages)[0]])
    assert 0 in known.nearest(collection, query, 1)
    assert known.unreached(collection, Clusters().embed(searched(reviews, passages)[:size])) == frozenset()
    client.close()
