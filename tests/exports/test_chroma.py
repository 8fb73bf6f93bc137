"""What is exported is opened by chromadb's and LangChain's own clients, which find passages by sense and by filter."""

from __future__ import annotations

import shutil
from pathlib import Path

import chromadb
import numpy as np
import pytest
from langchain_chroma import Chroma

from rag.errors import RagError
from rag.exports import write_chroma
from rag.index.files import FORMAT
from rag.langchain import ReviewEmbeddings
from rag.shelf.library import Library
from tests.chroma_servers import chroma_run
from tests.engine import lexical

QUESTION = "What limits CAR-T cells in solid tumors?"
SIOUD = "10.3390/ijms27020909"


@pytest.fixture(scope="module")
def written(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "reviews.chroma"
    write_chroma(library, folder)
    return folder


@pytest.fixture
def collection(written: Path) -> chromadb.Collection:
    settings = chromadb.Settings(anonymized_telemetry=False)
    return chromadb.PersistentClient(str(written), settings=settings).get_collection(
        "passages", embedding_function=None
    )


def test_each_record_is_a_passage_with_its_wording_place_and_paper(
    library: Library, collection: chromadb.Collection
) -> None:
    index, held = library.index, collection.get(include=["documents", "metadatas", "embeddings"])
    assert held["ids"] == [passage.id for passage in index.passages]
    for passage, text, known in zip(index.passages, held["documents"], held["metadatas"], strict=True):
        review = index.reviews[passage.review_id]
        assert text == passage.text == review.text[known["start"] : known["end"]]
        assert (known["review_id"], known["title"], known["year"]) == (review.id, review.title, review.year)
        assert (known["section"], known["kind"], known["provenance"]) == (
            passage.heading,
            passage.kind,
            passage.provenance,
        )
        assert known["authors"] == "; ".join(review.authors) and known["source"] == review.files[0]
    assert np.allclose(held["embeddings"], index._vectors[np.arange(len(index.passages))], atol=1e-6)
    assert collection.metadata == {
        "embedder": index.manifest.embedder,
        "format": FORMAT,
        "fingerprint": index.manifest.fingerprint,
    }


@pytest.mark.parametrize("asked", [None, [SIOUD]], ids=["all", "one review"])
def test_a_search_by_sense_finds_what_the_product_finds(
    library: Library, collection: chromadb.Collection, asked: list[str] | None
) -> None:
    vectors = library.embed([QUESTION])
    assert vectors is not None
    where = {"review_id": SIOUD} if asked else None
    found = collection.query(vectors, n_results=10, where=where)
    best = library.index.search_dense(vectors[0], 10, asked)
    assert found["ids"][0] == [library.index.passages.ids[number] for number, _ in best]
    assert np.allclose(1 - np.array(found["distances"][0]), [score for _, score in best], atol=1e-5)


def test_langchain_chroma_searches_it_with_a_filter(
    library: Library, written: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_DATA", str(data))
    settings = chromadb.Settings(anonymized_telemetry=False)
    store = Chroma("passages", ReviewEmbeddings(), persist_directory=str(written), client_settings=settings)
    wanted = {"$and": [{"review_id": SIOUD}, {"kind": "abstract"}]}
    found = store.similarity_search(QUESTION, k=3, filter=wanted)
    assert found and {document.metadata["kind"] for document in found} == {"abstract"}
    passages = {passage.id: passage.text for passage in library.index.passages}
    assert all(passages[str(document.id)] == document.page_content for document in found)


def test_chromas_own_command_serves_a_copy_that_is_searched_with_filters(
    library: Library, written: Path, tmp_path: Path
) -> None:
    vectors = library.embed([QUESTION])
    assert vectors is not None
    with chroma_run(Path(shutil.copytree(written, tmp_path / "copy"))) as server:
        client = chromadb.HttpClient("127.0.0.1", server.port, settings=chromadb.Settings(anonymized_telemetry=False))
        held = client.get_collection("passages", embedding_function=None)
        wanted = {"$and": [{"review_id": SIOUD}, {"kind": "abstract"}, {"year": {"$gte": 2020}}]}
        found = held.query(vectors, n_results=3, where=wanted)
    best = library.index.search_dense(vectors[0], 100, [SIOUD])
    passages = library.index.passages
    abstracts = [passages.ids[number] for number, _ in best if passages[number].kind == "abstract"]
    assert found["ids"][0] == abstracts[:3]


def test_what_is_there_is_not_written_over(library: Library, written: Path, tmp_path: Path) -> None:
    with pytest.raises(RagError, match="is there already"):
        write_chroma(library, written)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RagError, match="is there already"):
        write_chroma(library, tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine" and not list(tmp_path.glob(".exporting-*"))


def test_without_the_model_there_is_nothing_to_write(tmp_path: Path) -> None:
    with pytest.raises(RagError, match="no vectors"):
        write_chroma(lexical().library, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_index_beside_the_library_holds_the_same(library: Library, data: Path) -> None:
    (folder,) = data.glob(f"index-{library.index.manifest.fingerprint}")
    from rag.index.embedded_chroma import _private_copy

    with _private_copy(folder / "chroma") as copy:
        client = chromadb.PersistentClient(str(copy), settings=chromadb.Settings(anonymized_telemetry=False))
        held = client.get_collection("passages", embedding_function=None)
        assert held.get()["documents"] == [passage.text for passage in library.index.passages]
        client.close()
