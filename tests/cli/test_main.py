"""The command line: what it says, and how it behaves as a process."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pytest

from rag import pipeline
from rag.cli import main
from rag.cli.commands import chosen_ids
from rag.errors import RagError
from rag.exports.tables import answer_csv
from rag.settings import PROJECT
from rag.shelf.library import Library
from rag.types import Answer
from tests.model_server import KEY, model_server

SIOUD, USLU = "10.3390/ijms27020909", "10.1038/s41587-024-02446-2"
SOLID_TUMORS = "Why is it hard to use CAR-T cells against solid tumors?"
LUPUS = "What have CAR-T cells achieved in lupus?"
# No UTF-8 mode and no better locale: what Python does in a bare C locale when it is left no way out.
C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
Finished = subprocess.CompletedProcess[bytes]
Rag = Callable[..., Finished]


def started(
    *arguments: str | Path,
    data: Path,
    seeds: Path = PROJECT / "seeds",
    env: Mapping[str, str] | None = None,
    stdout: IO[bytes] | int = subprocess.PIPE,
    stderr: int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "rag", *map(str, arguments)],
        cwd=PROJECT,
        env=os.environ | {"RAG_DATA": str(data), "RAG_SEEDS": str(seeds)} | dict(env or {}),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
    )


@pytest.fixture
def process(data: Path, library: Library) -> Rag:
    """Return a function that runs a command in a process of its own; the index of the seeds is there already."""

    def run(*arguments: str | Path, data: Path = data, **how: Any) -> Finished:
        with started(*arguments, data=data, **how) as running:
            out, err = running.communicate(timeout=300)
        return Finished(running.args, running.returncode, out, err)

    return run


@pytest.fixture
def rag(library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Rag:
    """Return a function that runs a command here, with the library of the seeds, which is open already."""

    def run(*arguments: str | Path) -> Finished:
        code = main(list(map(str, arguments)))
        printed = capsys.readouterr()
        return Finished(arguments, code, printed.out.encode(), printed.err.encode())

    monkeypatch.setattr("rag.shelf.open_library", lambda settings, on_progress=None: library)
    return run


@pytest.fixture
def batch(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a file of questions."""

    def write(*lines: object) -> Path:
        path = tmp_path / "batch.jsonl"
        path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
        return path

    return write


def answered(done: Finished) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_index_reports_reviews_passages_seconds_and_where(process: Rag, data: Path, library: Library) -> None:
    done = process("index")
    rows = dict(line.split(maxsplit=1) for line in done.stdout.decode().splitlines() if line[0] != " ")
    assert rows["Reviews"] == "2"
    assert rows["Passages"] == str(len(library.index.passages))
    assert float(rows["Seconds"]) > 0
    assert rows["Skipped"] == "0"
    assert Path(rows["Index"]).parent == data and Path(rows["Index"]).is_dir()
    assert (done.returncode, done.stderr) == (0, b"")


def test_index_names_the_files_that_it_skips_and_why(process: Rag, sources: Path) -> None:
    (sources / "empty.txt").touch()
    (sources / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = process("index", seeds=sources)
    assert done.returncode == 0
    assert "Skipped   2\n" in done.stdout.decode()
    assert "empty.txt: " in done.stdout.decode() and "picture.txt: the file is an image" in done.stdout.decode()
    assert done.stderr == b""


def test_a_terminal_sees_a_bar_while_texts_are_indexed(tmp_path: Path) -> None:
    termios = pytest.importorskip("termios", reason="Windows has no pseudo-terminals")
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with started("index", data=tmp_path / "data", stderr=theirs) as running:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # the other side is closed
            while piece := os.read(ours, 1000):
                shown += piece
    os.close(ours)
    assert b"Indexing:   0%" in shown and b"Indexing: 100%" in shown
    assert not shown.split(b"\r")[-1].strip(), "the bar is wiped out at the end"
    assert running.returncode == 0


def test_an_answer_reads_as_text_sources_and_coverage(rag: Rag) -> None:
    done = rag("ask", LUPUS, "--review", SIOUD)
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    answer, sources, coverage = text.split("\n\n")
    assert answer.startswith("Sioud & Casey 2026:\n“") and "lupus" in answer
    name = "seeds/000_d3ff1e00504ffd8a.txt"
    quotes = re.findall(r"“(.*)” \[\d+\]", answer)
    places = re.findall(rf"{SIOUD} \(.*\)\n    {name}:(\d+)-(\d+)", sources)
    page = (PROJECT / name).read_bytes().decode()
    assert quotes == [page[int(start) : int(end)] for start, end in places]
    assert coverage == "Quoted: Sioud & Casey 2026\nNot asked: Uslu et al. 2025\nQuoted, no model\n"


def test_what_was_searched_is_said_when_it_differs(rag: Rag) -> None:
    done = rag("ask", "And in lupus?", "--after", "What have CAR-T cells achieved in blood cancers?")
    assert "\nSearched as: " in done.stdout.decode()
    assert "systemic lupus erythematosus" in done.stdout.decode()
    assert "Searched as" not in rag("ask", SOLID_TUMORS).stdout.decode()


def test_an_abstention_shows_the_nearest_passages_as_such(rag: Rag) -> None:
    done = rag("ask", "What does Yescarta cost?")
    text = done.stdout.decode()
    assert done.returncode == 0
    assert text.startswith("Not found in these 2 reviews")
    assert "\nNearest passages. Close, but no answer:\n“" in text
    assert text.endswith("\nSearched: Sioud & Casey 2026 and Uslu et al. 2025\nSearched, no model\n")
    assert "\nSources" not in text


def test_an_answer_is_json_on_request(rag: Rag) -> None:
    record = json.loads(rag("ask", LUPUS, "--json").stdout)
    assert record["question"] == record["searched_as"] == LUPUS
    assert record["mode"] == "quotes" and record["outcome"] == "answered"
    assert SIOUD in {citation["review"]["id"] for citation in record["citations"]}


def test_earlier_questions_are_asked_in_order(rag: Rag) -> None:
    after = ["--after", "Who wrote Engineering Immunity?", "--after", "Who wrote Beyond the blood?"]
    record = json.loads(rag("ask", "What is its DOI?", *after, "--json").stdout)
    assert [citation["review"]["id"] for citation in record["citations"]] == [USLU]


@pytest.mark.parametrize(
    "name", [SIOUD, SIOUD.upper(), f"doi:{SIOUD}", f" DOI: {SIOUD}", f"https://doi.org/{SIOUD}", f"dx.doi.org/{SIOUD}"]
)
def test_a_review_is_chosen_by_its_id_in_any_spelling(library: Library, name: str) -> None:
    assert chosen_ids([name], library.reviews) == {SIOUD}
    assert chosen_ids([name, f"http://dx.doi.org/{USLU.replace('/', '%2F')}"], library.reviews) == {SIOUD, USLU}
    assert chosen_ids([], library.reviews) is None


def test_an_unknown_review_is_named_and_the_known_ones_are_listed(library: Library) -> None:
    with pytest.raises(RagError) as raised:
        chosen_ids([SIOUD, "10.1/unknown"], library.reviews)
    assert str(raised.value).splitlines() == [
        "There is no review 10.1/unknown. The reviews are:",
        f"  {SIOUD}  Sioud & Casey 2026",
        f"  {USLU}  Uslu et al. 2025",
    ]


def test_any_question_is_compared_on_request(rag: Rag) -> None:
    assert json.loads(rag("ask", "lupus?", "--json").stdout)["comparison"] is None
    record = json.loads(rag("ask", "lupus?", "--compare", "--json").stdout)
    assert {cell["review"]: cell["state"] for cell in record["comparison"]["cells"]} == {
        SIOUD: "quoted",
        USLU: "not_indexed",
    }


def test_aspects_are_the_rows_in_their_order_and_each_once(rag: Rag) -> None:
    aspects = ["--aspect", "solid tumors", "--aspect", " lupus\n", "--aspect", "Solid tumors"]
    record = json.loads(rag("ask", "CAR-T cells", *aspects, "--json").stdout)
    assert record["comparison"]["aspects"] == ["solid tumors", "lupus"]


def test_a_comparison_goes_with_earlier_questions_and_chosen_reviews(rag: Rag) -> None:
    after = ["--after", "What have CAR-T cells achieved in blood cancers?"]
    record = json.loads(rag("ask", "And in lupus?", *after, "--compare", "--review", SIOUD, "--json").stdout)
    assert record["searched_as"] != record["question"]
    states = {cell["review"]: cell["state"] for cell in record["comparison"]["cells"]}
    assert states == {SIOUD: "quoted", USLU: "not_asked"}


def test_each_last_question_of_a_batch_is_compared_on_request(rag: Rag, batch: Callable[..., Path]) -> None:
    path = batch({"question": "lupus?"}, {"question": "And in lupus?", "history": ["Why are solid tumors hard?"]})
    done = rag("ask", "--batch", path, "--json", "--aspect", "lupus")
    assert [record["comparison"]["aspects"] for record in answered(done)] == [["lupus"]] * 2


def test_a_comparison_reads_as_its_sentences_then_quotes_and_remarks_by_aspect(rag: Rag) -> None:
    text = rag("ask", "CAR-T cells", "--aspect", "solid tumors", "--aspect", "lupus").stdout.decode()
    answer, sources = text.split("\n\nSources\n")
    assert "\n\nsolid tumors\nSioud & Casey 2026:\n“" in answer
    assert "\nCannot tell: Whether they agree is left to the reader." in answer
    assert answer.endswith("\nNot in the indexed text: Uslu et al. 2025")
    lines = [line for line in answer.splitlines() if line.startswith("“")]
    assert len(lines) == len(set(lines)) > 2
    assert sources.endswith("\n\nQuoted, no model\n")


def test_a_quote_of_two_aspects_is_printed_once_and_then_named(rag: Rag) -> None:
    text = rag("ask", "lupus", "--aspect", "lupus", "--aspect", "lupus erythematosus").stdout.decode()
    assert text.count("“Beyond oncology") == 1 and "\n[1], quoted above\n" in text


def test_a_review_that_was_not_asked_is_named_once(rag: Rag) -> None:
    text = rag("ask", "lupus", "--compare", "--review", SIOUD).stdout.decode()
    assert text.count("Uslu") == 1 and "\n\nNot asked: Uslu et al. 2025\n\nSources\n" in text


def test_a_comparison_without_a_quote_says_so_and_shows_the_nearest(rag: Rag) -> None:
    text = rag("ask", "What does Yescarta cost?", "--compare").stdout.decode()
    assert text.startswith("Not found in these 2 reviews") and "\nNearest passages" in text


def test_a_comparison_is_a_table_on_request(rag: Rag, library: Library) -> None:
    answer = pipeline.ask("lupus", library, compare=True)
    assert answer.comparison
    written = rag("ask", "lupus", "--compare", "--csv").stdout
    assert written == answer_csv(answer, library.index.reviews)
    markdown = rag("ask", "lupus", "--compare", "--markdown").stdout.decode()
    assert markdown.count("\n| **") == len(answer.comparison.aspects)


def test_an_answer_that_does_not_compare_is_no_table(rag: Rag) -> None:
    done = rag("ask", "lupus?", "--csv")
    assert (done.returncode, done.stdout) == (1, b"")
    assert "Add --compare" in done.stderr.decode()
    assert "Add --compare" not in rag("ask", "Hello!", "--compare", "--csv").stderr.decode()


@pytest.mark.parametrize(
    "form, begins, holds",
    [
        ("--markdown", "# lupus?\n", "Quoted, no model"),
        ("--html", "<!doctype html>", "<mark"),
        ("--bibtex", "@", "10.3390/ijms27020909"),
        ("--ris", "", "DO  - 10.3390/ijms27020909"),
        ("--csl-json", "[", '"10.3390/ijms27020909"'),
    ],
)
def test_an_answer_is_a_file_on_request(rag: Rag, form: str, begins: str, holds: str) -> None:
    written = rag("ask", "lupus?", form).stdout.decode()
    assert written.startswith(begins)
    assert holds in written


def test_each_line_of_a_batch_has_a_line_of_json(rag: Rag, batch: Callable[..., Path]) -> None:
    follow_up = {"question": "What is its DOI?", "history": ["Who wrote Beyond the blood?"]}
    path = batch({"question": LUPUS}, "", follow_up, {"question": "zxcvb\u2028?"})
    done = rag("ask", "--batch", path, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert [record["outcome"] for record in answered(done)] == ["answered", "answered", "not_found"]
    assert [citation["review"]["id"] for citation in answered(done)[1]["citations"]] == [USLU]


def test_a_broken_line_is_named_and_the_others_are_answered(rag: Rag, batch: Callable[..., Path]) -> None:
    path = batch({"question": "lupus?"}, '{"question": ', {"history": []}, {"question": "Hello!"})
    done = rag("ask", "--batch", path, "--json")
    assert done.returncode == 1
    assert [record["question"] for record in answered(done)] == ["lupus?", "Hello!"]
    errors = done.stderr.decode().splitlines()
    assert [line.rsplit(": ", 1)[0] for line in errors] == [f"{path}, line 2: not JSON", f"{path}, line 3"]


def test_a_line_that_crashes_is_named_and_the_others_are_answered(
    rag: Rag, batch: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def ask(question: str, *how: Any) -> Answer:
        if question == "crash":
            raise KeyError("crash")
        return asking(question, *how)

    asking = pipeline.ask
    monkeypatch.setattr(pipeline, "ask", ask)
    path = batch({"question": "crash"}, {"question": "Hello!"})
    done = rag("ask", "--batch", path, "--json")
    assert done.returncode == 1
    assert [record["outcome"] for record in answered(done)] == ["chat"]
    assert f"{path}, line 1: no answer" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask"], "QUESTION --batch is required"),
        (["ask", "--batch", "x.jsonl"], "add --json"),
        (["ask", "--batch", "x.jsonl", "--json", "--after", "What?"], "not from --after"),
        (["ask", "--batch", "x.jsonl", "Why?"], "not allowed with"),
        (["ask", "--batch", "x.jsonl", "--csv"], "add --json"),
        (["ask", "Why?", "--csv", "--markdown"], "not allowed with"),
        (["ask", "Why?", "--csv", "--json"], "not allowed with"),
        (["ask", "Why?", "--aspect", " \u200b"], "an aspect must contain words"),
        (["seek"], "invalid choice"),
        ([], "required"),
    ],
)
def test_a_wrong_command_is_explained(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert words in capsys.readouterr().err


def test_an_error_is_a_sentence_and_no_traceback(process: Rag, tmp_path: Path) -> None:
    done = process("ask", "Why?", seeds=tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith("There is no folder")
    assert len(done.stderr.splitlines()) == 1


def test_a_missing_batch_is_an_error(rag: Rag) -> None:
    done = rag("ask", "--batch", "none.jsonl", "--json")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().startswith("none.jsonl: the file cannot be read")


@pytest.mark.parametrize(
    "question", ["", " \u200b ", "\x1b[31mlupus\x1b[0m\x07", "🧬", "<script>$x$ ![](http://a.b/)", "x" * 10_000, "-–-"]
)
def test_any_question_gets_a_reply_without_control_characters(rag: Rag, question: str) -> None:
    done = rag("ask", "--", question)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.strip()
    assert not any(sign < 32 and sign != 10 for sign in done.stdout)


def test_output_is_utf8_in_a_c_locale(process: Rag, rag: Rag) -> None:
    done = process("ask", "lupus?", env=C_LOCALE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == rag("ask", "lupus?").stdout
    assert "“".encode() in done.stdout


def test_two_processes_with_an_index_each_write_the_same_bytes(process: Rag, tmp_path: Path) -> None:
    questions = PROJECT / "seeds" / "questions.jsonl"
    one = process("ask", "--batch", questions, "--json", env={"PYTHONHASHSEED": "1"})
    two = process("ask", "--batch", questions, "--json", env={"PYTHONHASHSEED": "2"}, data=tmp_path / "data")
    assert one.returncode == two.returncode == 0
    assert one.stdout == two.stdout
    assert len(one.stdout.splitlines()) == len(questions.read_bytes().splitlines())


def test_help_is_there_before_anything_heavy_is_imported() -> None:
    script = "import sys; from rag.cli import main\ntry: main(['ask', '--help'])\nfinally: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True)
    usage, _, modules = done.stdout.rstrip().rpartition("\n")
    assert "--after" in usage and "--batch" in usage and "--review" in usage
    assert not {"numpy", "chromadb", "onnxruntime", "pydantic", "langchain_core", "streamlit"} & set(modules.split())


def test_answering_imports_no_streamlit(process: Rag) -> None:
    done = process("ask", "lupus?", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert b"rag.pipeline" in done.stderr
    assert b" streamlit" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_reader_that_leaves_early_is_no_error(data: Path, library: Library) -> None:
    questions = PROJECT / "seeds" / "questions.jsonl"
    with started("ask", "--batch", questions, "--json", data=data) as running:
        assert running.stdout and running.stderr
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(timeout=300) == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_under_the_output_is_said_in_a_sentence(process: Rag) -> None:
    with Path("/dev/full").open("wb") as full:
        done = process("ask", "lupus?", stdout=full)
    assert done.returncode == 1
    assert done.stderr.decode() == "[Errno 28] No space left on device\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_ctrl_c_ends_a_batch_without_a_word(data: Path, library: Library, batch: Callable[..., Path]) -> None:
    path = batch(*[{"question": SOLID_TUMORS}] * 2000)
    # Tests that were started in the background ignore Ctrl-C, and what they start would as well.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = started("ask", "--batch", path, "--json", data=data)
    signal.signal(signal.SIGINT, before)
    with running:
        assert running.stdout and running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=300)
    assert (running.returncode, err) == (130, b"")


def test_evaluate_prints_figures_and_what_failed(rag: Rag, batch: Callable[..., Path]) -> None:
    path = batch(
        {"id": "a", "kind": "fact", "question": "lupus?", "expect": ["erythematosus"], "cite": [SIOUD]},
        {"id": "b", "kind": "fact", "question": "lupus?", "expect": ["a cure"]},
        {"id": "c", "kind": "abstain", "question": "What does Yescarta cost?", "abstain": True},
    )
    done = rag("evaluate", path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Failed: 1\n\nb: lupus?\n  lacks a cure\n" in done.stdout.decode()
    record = json.loads(rag("evaluate", path, "--json").stdout)
    assert [(row["kind"], row["questions"], row["passed"]) for row in record["kinds"]] == [
        ("fact", 2, 1),
        ("abstain", 1, 1),
    ]
    assert record["all"]["exact_citations"] == record["all"]["citations"] > 0
    assert record["failed"] == [{"id": "b", "kind": "fact", "question": "lupus?", "faults": ["lacks a cure"]}]


def test_evaluate_refuses_a_broken_file_and_names_its_lines(rag: Rag, batch: Callable[..., Path]) -> None:
    path = batch({"kind": "fact", "question": "lupus?"}, "{", {"kind": "fact"})
    done = rag("evaluate", path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert [line.rsplit(": ", 1)[0] for line in done.stderr.decode().splitlines()] == [
        f"{path}, line 2: not JSON",
        f"{path}, line 3",
    ]
    assert rag("evaluate", "none.jsonl").returncode == 1


def test_evaluate_holds_the_quotes_against_the_sentence_that_answers(
    rag: Rag, batch: Callable[..., Path], library: Library
) -> None:
    quote = pipeline.ask(LUPUS, library).citations[0].quote
    name = Path(library.index.reviews[quote.review_id].files[0]).stem
    path = batch(
        {"question": LUPUS, "pmcid": name, "evidence": quote.text, "absent": False},
        {"question": "What does Yescarta cost?", "absent": True},
    )
    record = json.loads(rag("evaluate", path, "--json").stdout)
    assert record["all"]["evidence first"] == record["all"]["right paper first"] == 1.0
    assert record["all"]["absent answered"] == 0.0 and record["kinds"] == {}
    printed = rag("evaluate", path)
    assert (printed.returncode, printed.stderr) == (0, b"") and b"evidence in three" in printed.stdout


def test_evaluate_has_a_model_write_the_answers(rag: Rag, batch: Callable[..., Path], monkeypatch) -> None:
    path = batch({"kind": "fact", "question": LUPUS})
    with model_server() as server:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        printed = rag("evaluate", path, "--model", "openai:writer").stdout.decode()
        assert re.search(r"^answered in prose +1$", printed, re.MULTILINE)
        record = json.loads(rag("evaluate", path, "--model", "openai:writer", "--json").stdout)
    assert record["all"]["supported"] == len(record["sentences"]) > 0 and record["sentences"][0]["quotes"]


def test_a_plot_is_of_questions_with_their_evidence(process: Rag, batch: Callable[..., Path], tmp_path: Path) -> None:
    plot = tmp_path / "plot.png"
    done = process("evaluate", batch({"kind": "fact", "question": "lupus?"}), "--plot", plot)
    assert (done.returncode, done.stdout) == (2, b"") and b"come with their evidence" in done.stderr
    assert not plot.exists()
    assert process("evaluate", tmp_path, "--model", "openai:writer").returncode == 2


def test_evaluate_takes_a_folder_with_judgements(process: Rag, tmp_path: Path) -> None:
    owls = {"_id": "owl", "title": "Owls", "text": "Owls hunt at night. They sleep by day."}
    mark = {"query": "q", "doc": "owl", "sentences": [0]}
    files = {
        "corpus.jsonl": json.dumps(owls | {"sentences": ["Owls hunt at night.", "They sleep by day."]}),
        "queries.jsonl": '{"_id": "q", "text": "When do owls hunt?"}',
        "qrels.tsv": "query-id\tcorpus-id\tscore\nq\towl\t1\nx\towl\t1\n",
        "rationales.jsonl": json.dumps(mark),
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    done = process("evaluate", tmp_path)
    assert (done.returncode, done.stderr) == (0, b"")
    assert "fused          1.0000     1.0000     1.0000     1.0000" in done.stdout.decode()
    assert "qrels.tsv, line 3: there is no query “x”; the row is left out" in done.stdout.decode()
    record = json.loads(process("evaluate", tmp_path, "--json").stdout)
    assert record["indexing"]["cached"]
    assert (record["quotes"].pop("hit@1") in (0.0, 1.0)) and record["quotes"] == {"pairs": 1, "hit@3": 1.0}
    (tmp_path / "corpus.jsonl").write_text("{")
    (tmp_path / "qrels.tsv").unlink()
    broken = process("evaluate", tmp_path)
    assert (broken.returncode, broken.stdout) == (1, b"")
    assert broken.stderr.decode().splitlines()[0].startswith(f"{tmp_path / 'corpus.jsonl'}, line 1: not JSON")
    assert broken.stderr.decode().splitlines()[1] == f"{tmp_path}: there is neither qrels.tsv nor qrels/test.tsv"


def test_a_model_writes_when_it_is_named_and_quotes_when_it_is_not_wanted(rag: Rag, monkeypatch) -> None:
    with model_server() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        written = rag("ask", "What have CAR-T cells achieved in lupus?", "--model", "openai:writer").stdout.decode()
        monkeypatch.setenv("RAG_MODEL", "openai:401-echoing-the-key")
        failed = rag("ask", "What have CAR-T cells achieved in lupus?")
        quoted = rag("ask", "What have CAR-T cells achieved in lupus?", "--no-model").stdout.decode()
        doctor = rag("doctor")
    assert "Written by writer from the quotes" in written and "Written" not in quoted
    assert "refused the key" in failed.stdout.decode() and failed.returncode == 0 and "” [1]" in failed.stdout.decode()
    assert doctor.returncode == 1 and "OFF Model" in doctor.stdout.decode()
    assert KEY not in "".join(str(run) for run in (written, failed, quoted, doctor))


def test_a_model_without_a_key_is_said_with_what_to_set(rag: Rag) -> None:
    run = rag("ask", "lupus?", "--model", "openai:gpt")
    assert run.returncode == 1 and "OPENAI_API_KEY" in run.stderr.decode() and not run.stdout


def test_a_list_of_retractions_is_looked_up_and_kept_on_the_shelf(process: Rag, tmp_path: Path) -> None:
    seeds = tmp_path / "library"
    seeds.mkdir()
    (seeds / "jar.md").write_text("# Moths in jars\n\nDi Quill\n\ndoi: 10.5555/jar.1\n\n## Abstract\n\nThey live on.\n")
    watch = tmp_path / "watch.csv"
    watch.write_text("OriginalPaperDOI,RetractionNature\n10.5555/jar.1,Retraction\n")
    done = process("check", watch, data=tmp_path / "data", seeds=seeds)
    assert done.returncode == 0 and b"retracted (watch.csv)" in done.stdout
    assert (seeds / "retractions.csv").is_file()


def test_nothing_is_asked_of_the_services_where_that_is_forbidden(process: Rag) -> None:
    done = process("check", env={"RAG_OFFLINE": "1"})
    assert done.returncode != 0 and b"RAG_OFFLINE" in done.stderr and b"Traceback" not in done.stderr
