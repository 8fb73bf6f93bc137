"""Folders in BEIR layout are read as they are meant; what is wrong is named with file, line and reason, all at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import RagError
from rag.evaluation.beir import LISTED, Rationale, as_review, read_collection
from rag.text.chunking import chunk_review
from tests.outside import outside

HERON = {
    "_id": "heron",
    "title": "On herons",
    "text": "Herons wade. They eat fish.",
    "sentences": ["Herons wade.", "They eat fish."],
}
OWL = {"_id": "owl", "title": "", "text": "Owls hunt at night."}
QUERIES = [{"_id": "q1", "text": "What do herons eat?"}, {"_id": "q2", "text": "When do owls hunt?"}]
QRELS = "query-id\tcorpus-id\tscore\nq1\theron\t2\nq1\towl\t0\nq2\towl\t1\n"
Write = Callable[..., Path]


def lines(*records: object) -> str:
    return "".join((record if isinstance(record, str) else json.dumps(record)) + "\n" for record in records)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a sound folder, with some files replaced; None leaves a file out."""

    def folder(**replaced: str | bytes | None) -> Path:
        files = {"corpus.jsonl": lines(HERON, OWL), "queries.jsonl": lines(*QUERIES), "qrels.tsv": QRELS}
        names = {"corpus": "corpus.jsonl", "queries": "queries.jsonl", "qrels": "qrels.tsv", "test": "qrels/test.tsv"}
        for name, content in replaced.items():
            files[names.get(name, f"{name}.jsonl")] = content
        for name, content in files.items():
            path = tmp_path / "birds" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is not None:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "birds"

    return folder


def problems(folder: Path) -> list[str]:
    """Return what is wrong with a folder, its files named from there."""
    with pytest.raises(RagError) as raised:
        read_collection(folder)
    return [line.removeprefix(f"{folder}/") for line in str(raised.value).splitlines()]


def remarks(folder: Path) -> list[str]:
    return [line.removeprefix(f"{folder}/") for line in read_collection(folder).remarks]


def test_a_folder_becomes_reviews_queries_and_judgements(write: Write) -> None:
    collection = read_collection(write())
    assert collection.name == "birds"
    assert collection.queries == {"q1": "What do herons eat?", "q2": "When do owls hunt?"}
    assert collection.judgements == {"q1": {"heron": 2, "owl": 0}, "q2": {"owl": 1}}
    assert (collection.rationales, collection.empty, collection.remarks) == ((), (), ())
    heron, owl = collection.reviews
    assert (heron.id, heron.title, heron.text) == ("heron", "On herons", "On herons\n\nHerons wade. They eat fish.")
    assert [(s.kind, heron.text[s.start : s.end]) for s in heron.sections] == [
        ("bibliographic", "On herons"),
        ("abstract", "Herons wade. They eat fish."),
    ]
    assert (owl.title, [s.kind for s in owl.sections], owl.text) == ("", ["abstract"], "Owls hunt at night.")


@given(st.text(), st.text(min_size=1).filter(str.strip))
def test_any_document_keeps_its_wording(title: str, text: str) -> None:
    review = as_review("x", title.strip(), text)
    abstract = review.sections[-1]
    assert review.text[abstract.start : abstract.end] == text
    assert all(passage.text == review.text[passage.start : passage.end] for passage in chunk_review(review))


def test_a_title_may_be_missing_null_or_blank(write: Write) -> None:
    bare = [{"_id": name, "text": "Owls hunt."} for name in "abc"]
    folder = write(
        corpus=lines(bare[0], bare[1] | {"title": None}, bare[2] | {"title": " \n"}), qrels=QRELS[:25] + "q1\ta\t1"
    )
    assert {(review.title, review.text) for review in read_collection(folder).reviews} == {("", "Owls hunt.")}


def test_byte_order_marks_windows_line_ends_and_blank_lines_are_no_fault(write: Write) -> None:
    sound = read_collection(write())
    files = {"corpus": lines(HERON, "", OWL), "queries": lines("", *QUERIES), "qrels": "\n" + QRELS + " \n\n"}
    odd = write(**{name: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode() for name, text in files.items()})
    assert read_collection(odd) == sound


def test_judgements_may_lie_in_a_folder(write: Write) -> None:
    assert read_collection(write(qrels=None, test=QRELS)).judgements["q2"] == {"owl": 1}


def test_rationales_become_spans_of_the_review_one_for_a_pair(write: Write) -> None:
    marks = [{"query": "q1", "doc": "heron", "label": "SUPPORT", "sentences": [at]} for at in (1, 0)]
    collection = read_collection(write(rationales=lines(marks[0])))
    assert collection.rationales == (Rationale("q1", "heron", ((24, 38),)),)
    assert collection.reviews[0].text[24:38] == "They eat fish."
    assert read_collection(write(rationales=lines(*marks))).rationales[0].spans == ((11, 23), (24, 38))


def test_no_folder_no_files_and_empty_files_are_said(write: Write, tmp_path: Path) -> None:
    assert problems(tmp_path / "none") == [f"{tmp_path / 'none'}: there is no such folder"]
    bare = tmp_path / "bare"
    bare.mkdir()
    assert problems(bare) == [
        "corpus.jsonl: the file cannot be read (No such file or directory)",
        "queries.jsonl: the file cannot be read (No such file or directory)",
        f"{bare}: there is neither qrels.tsv nor qrels/test.tsv",
    ]
    assert problems(write(corpus="", queries="\n\n", qrels="")) == [
        "corpus.jsonl: the file is empty",
        "queries.jsonl: the file is empty",
        "qrels.tsv, line 1: no header: query-id, corpus-id, score, with tabs between them",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON: Expecting property name enclosed in double quotes at column 2"),
        ('["_id", "text"]', "not a JSON object"),
        ({"text": "Owls."}, '"_id" is missing'),
        ({"_id": 7, "text": "Owls."}, '"_id" is not a text'),
        ({"_id": "", "text": "Owls."}, '"_id" is empty'),
        ({"_id": "x"}, '"text" is missing'),
        ({"_id": "x", "text": None}, '"text" is missing'),
        ({"_id": "x", "text": ["Owls."]}, '"text" is not a text'),
        ({"_id": "x", "text": "\ud83e"}, '"text" holds half of a surrogate pair'),
        ({"_id": "x", "text": "Owls.", "title": 3}, '"title" is not a text'),
        ({"_id": "x", "text": "Owls.", "sentences": "Owls."}, '"sentences" is not a list of texts'),
        ({"_id": "x", "text": "Owls. Kites.", "sentences": ["Owls.", "Jays."]}, 'sentence 1 of "sentences" does not'),
        ({"_id": "owl", "text": "Owls."}, "the id “owl” is that of line 2"),
        ("[" * 100_000, "JSON that is nested too deeply"),
    ],
)
def test_a_broken_document_is_named(write: Write, line: object, reason: str) -> None:
    (problem,) = problems(write(corpus=lines(HERON, OWL, line)))
    assert problem.startswith(f"corpus.jsonl, line 3: {reason}")


def test_text_that_is_no_utf8_is_named(write: Write) -> None:
    found = problems(write(queries=b'\xff\n{"_id": "q1", "text": "\xc3"}', qrels=QRELS.encode() + b"q1\t\xff\t1"))
    assert found == [
        "queries.jsonl, line 1: not UTF-8 text",
        "queries.jsonl, line 2: not UTF-8 text",
        "qrels.tsv, line 5: not UTF-8 text",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"_id": "q1", "text": "Again?"}, "the id “q1” is that of line 1"),
        ({"_id": "q3", "text": " "}, '"text" is empty'),
        ({"_id": "q3"}, '"text" is missing'),
    ],
)
def test_a_broken_query_is_named(write: Write, line: object, reason: str) -> None:
    assert problems(write(queries=lines(*QUERIES, line))) == [f"queries.jsonl, line 3: {reason}"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("q1\theron", "2 columns instead of 3"),
        ("q1 heron 1", "1 column instead of 3"),
        ("q1\t0\theron\t1", "4 columns instead of 3"),
        ("q1\theron\tyes", "the score “yes” is not an integer"),
        ("q1\theron\t1.0", "the score “1.0” is not an integer"),
        ("q1\theron\t", "the score “” is not an integer"),
        ("q1\theron\t1_0", "the score “1_0” is not an integer"),
        ("q1\theron\t" + "9" * 5000, f"the score “{'9' * 40}” is not an integer"),
        ("q1\theron\t1", "“heron” has the scores 2 and 1 for one query"),
    ],
)
def test_a_broken_judgement_is_named(write: Write, row: str, reason: str) -> None:
    assert problems(write(qrels=QRELS + row)) == [f"qrels.tsv, line 5: {reason}"]


def test_judgements_without_a_header_are_not_one_short(write: Write) -> None:
    (problem,) = problems(write(qrels=QRELS.split("\n", 1)[1]))
    assert problem.startswith("qrels.tsv, line 1: no header")


@pytest.mark.parametrize("sentences", [None, "1", [], [0.0], [True], [-1], ["0"]])
def test_a_broken_rationale_is_named(write: Write, sentences: object) -> None:
    mark = {"query": "q1", "doc": "heron", "sentences": sentences}
    assert problems(write(rationales=lines(mark))) == ['rationales.jsonl, line 1: "sentences" is not a list of indexes']


def test_a_sentence_that_is_not_there_is_named(write: Write) -> None:
    mark = {"query": "q1", "doc": "heron", "sentences": [1, 2]}
    assert problems(write(rationales=lines(mark))) == ["rationales.jsonl, line 1: “heron” has no sentence 2"]


def test_all_that_is_wrong_is_said_at_once_and_much_of_it_is_counted(write: Write) -> None:
    folder = write(corpus=lines("{", HERON, "7"), queries=lines(*QUERIES, *QUERIES), qrels=QRELS + "x\n" * 40)
    found = problems(folder)
    assert [line.split(":")[0] for line in found[:5]] == [
        "corpus.jsonl, line 1",
        "corpus.jsonl, line 3",
        "queries.jsonl, line 3",
        "queries.jsonl, line 4",
        "qrels.tsv, line 5",
    ]
    assert (len(found), found[-1]) == (LISTED + 1, f"and {44 - LISTED} more")


def test_rows_of_unknown_ids_are_told_and_a_missing_document_still_counts(write: Write) -> None:
    folder = write(qrels=QRELS + "q9\towl\t1\nq2\tgull\t1\n")
    assert remarks(folder) == [
        "qrels.tsv, line 5: there is no query “q9”; the row is left out",
        "qrels.tsv, line 6: there is no document “gull”; it counts as never found",
    ]
    assert read_collection(folder).judgements["q2"] == {"owl": 1, "gull": 1}


def test_documents_without_text_are_told_and_stay_judged(write: Write) -> None:
    empty = [{"_id": "e1", "text": ""}, {"_id": "e2", "title": "Only a title", "text": " \n"}]
    folder = write(corpus=lines(HERON, *empty, OWL), qrels=QRELS + "q1\te2\t1\n")
    collection = read_collection(folder)
    assert [review.id for review in collection.reviews] == ["heron", "owl"]
    assert collection.empty == ("e1", "e2")
    assert collection.judgements["q1"]["e2"] == 1
    assert remarks(folder) == ["qrels.tsv, line 5: the document “e2” has no text; it counts as never found"]


def test_rationales_of_unknown_ids_are_told(write: Write) -> None:
    marks = [("q9", "heron"), ("q1", "gull"), ("q1", "owl")]
    folder = write(rationales=lines(*({"query": q, "doc": d, "sentences": [0]} for q, d in marks)))
    assert remarks(folder) == [
        "rationales.jsonl, line 1: there is no query “q9”; the row is left out",
        "rationales.jsonl, line 2: there is no document “gull”; the row is left out",
        "rationales.jsonl, line 3: the document “owl” has no list of sentences; the row is left out",
    ]
    assert not read_collection(folder).rationales


@given(st.binary(max_size=200), st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_give_a_collection_or_a_sentence(
    tmp_path_factory, corpus: bytes, queries: bytes, qrels: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    for name, content in (("corpus.jsonl", corpus), ("queries.jsonl", queries), ("qrels.tsv", qrels)):
        (folder / name).write_bytes(content)
    with pytest.raises(RagError) as raised:
        read_collection(folder)
    assert all(line.startswith(str(folder)) for line in str(raised.value).splitlines() if not line.startswith("and "))


@pytest.mark.parametrize(
    ("name", "documents", "queries", "judged", "rationales"),
    [("scifact-dev", 5183, 809, 919, 564), ("comparison-dev", 715, 39, 47, 0), ("pubmedqa-dev", 1706, 500, 1706, 0)],
)
def test_collections_that_nobody_here_wrote_are_read_whole(
    name: str, documents: int, queries: int, judged: int, rationales: int
) -> None:
    folder = outside(name)
    if not folder.is_dir():
        pytest.skip(f"there is no {name} beside the project")
    collection = read_collection(folder)
    assert (len(collection.reviews), len(collection.queries)) == (documents, queries)
    assert sum(map(len, collection.judgements.values())) == judged
    assert len(collection.rationales) == rationales
    assert not collection.empty and not collection.remarks
