"""Files of questions are read with care, and the figures count what they say."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import RagError
from rag.evaluation import answering as evaluation
from rag.evaluation.answering import (
    Asked,
    BadLine,
    Checked,
    Expectation,
    answers_report,
    answers_text,
    asked,
    evaluate,
    faults,
    figures,
    is_boilerplate,
    is_exact,
    read_lines,
    read_questions,
)
from rag.pipeline import ask
from rag.settings import PROJECT, Settings
from rag.shelf.library import Library
from rag.shelf.opening import open_library
from rag.sources import read_review
from rag.types import Answer, Quote, Review
from tests.engine import closest

SEEDS = PROJECT / "seeds"
SIOUD, USLU = "10.3390/ijms27020909", "10.1038/s41587-024-02446-2"
LUPUS = Expectation("lupus", "fact", Asked("What can CAR-T cells do in lupus?"), ("remission",), (SIOUD,))
PRICE = Expectation("price", "abstain", Asked("What does Yescarta cost?"), abstain=True)


def quote_of(review: Review, start: int, end: int) -> Quote:
    return Quote(review.id, "", "abstract", "authors", start, end, review.text[start:end], start, end)


def written(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "questions.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def test_a_question_needs_no_more_than_its_words_and_its_kind(tmp_path: Path) -> None:
    path = written(tmp_path, "", '{"kind": "fact", "question": "Why?"}')
    assert read_questions(path) == [Expectation("2", "fact", Asked("Why?", (), 2))]


def test_all_that_a_line_says_is_read(tmp_path: Path) -> None:
    record: dict[str, object] = {
        "id": "f1",
        "kind": "fact",
        "question": "Why?",
        "history": ["What?"],
        "expect": ["a|b"],
    }
    record |= {"cite": [SIOUD], "never": [USLU], "abstain": False, "remark": "passed over"}
    [question] = read_questions(written(tmp_path, json.dumps(record)))
    assert question == Expectation("f1", "fact", Asked("Why?", ("What?",), 1), ("a|b",), (SIOUD,), (USLU,))


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path: Path) -> None:
    path = written(tmp_path, b'\xef\xbb\xbf{"question": "One?"}\r', b"\r", '{"question": "Two\u2028?"}\r'.encode())
    assert list(read_lines(path, asked)) == [Asked("One?", (), 1), Asked("Two\u2028?", (), 3)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON: Expecting property name enclosed in double quotes at column 2"),
        (b'{"question": "\xff"}', "not UTF-8 text"),
        ("[" * 100_000, "JSON that is nested too deeply"),
        ('["Why?"]', "not a JSON object"),
        ('{"kind": "fact"}', '"question" is missing'),
        ('{"question": 7, "kind": "fact"}', '"question" is not a text'),
        ('{"question": "Why?", "kind": "fact", "history": "What?"}', '"history" is not a list of texts'),
        ('{"question": "Why?", "kind": "fact", "cite": [1]}', '"cite" is not a list of texts'),
        ('{"question": "Why?", "kind": "fact", "expect": ["("]}', "'(', which is no regular expression"),
        ('{"question": "Why?", "kind": "fact", "abstain": "no"}', '"abstain" is neither true nor false'),
        ('{"question": "Why?"}', '"kind" is missing'),
    ],
)
def test_a_broken_line_is_named_with_its_file_number_and_reason(tmp_path: Path, line: str | bytes, reason: str) -> None:
    path = written(tmp_path, '{"question": "Why?", "kind": "fact"}', line)
    with pytest.raises(RagError, match=re.escape(f"{path}, line 2: ") + ".*" + re.escape(reason)):
        read_questions(path)


def test_all_broken_lines_are_named_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, "{", '{"question": "Why?", "kind": "fact"}', "[]")
    with pytest.raises(RagError) as raised:
        read_questions(path)
    assert [line.split(":")[0] for line in str(raised.value).splitlines()] == [f"{path}, line 1", f"{path}, line 3"]


def test_the_lines_around_a_broken_one_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, '{"question": "One?"}', "?", '{"question": "Two?"}')
    one, broken, two = read_lines(path, asked)
    assert (one, two) == (Asked("One?", (), 1), Asked("Two?", (), 3))
    assert isinstance(broken, BadLine)


def test_a_file_that_is_missing_or_holds_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RagError, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")
    with pytest.raises(RagError, match="cannot be read"):
        read_questions(tmp_path)
    with pytest.raises(RagError, match="holds no questions"):
        read_questions(written(tmp_path, "", " "))


def test_an_answer_that_holds_and_cites_what_it_must_has_no_faults(library: Library) -> None:
    assert faults(ask(LUPUS.asked.question, library), LUPUS) == []


def test_each_thing_that_an_answer_lacks_is_a_fault(library: Library) -> None:
    answer = ask(LUPUS.asked.question, library)
    demanding = replace(LUPUS, expect=("remission", "a cure"), cite=("10.1/OTHER",), never=(SIOUD.upper(),))
    assert faults(answer, demanding) == ["lacks a cure", "does not cite 10.1/OTHER", f"cites {SIOUD.upper()}"]
    assert faults(ask(PRICE.asked.question, library), LUPUS) == ["abstained"]


def test_an_abstention_has_a_fitting_outcome_and_no_citation(library: Library) -> None:
    answer = ask(LUPUS.asked.question, library)
    wrong = ["answered, though the reviews do not hold it"]
    assert faults(answer, PRICE) == faults(replace(answer, outcome="not_found"), PRICE) == wrong
    assert faults(replace(answer, citations=(), outcome="partial"), PRICE) == wrong
    assert faults(ask(PRICE.asked.question, library), PRICE) == []
    assert faults(closest(library, LUPUS.asked.question), PRICE) == []
    assert faults(closest(library, LUPUS.asked.question), LUPUS) == ["only the closest"]
    assert faults(ask("Tell me a joke.", library), PRICE) == []


def test_the_text_of_a_quote_is_compared_with_the_file_on_the_disk(sources: Path, tmp_path: Path) -> None:
    library = open_library(Settings(seeds=sources, data=tmp_path / "data"))
    [before] = evaluate([LUPUS], library, sources)
    assert before.cited == before.exact > 0
    file = sources / Path(library.index.reviews[SIOUD].files[0]).name
    file.write_bytes(file.read_bytes().replace(b"lupus erythematosus", b"lupus erythematodes"))
    [after] = evaluate([LUPUS], library, sources)
    assert after.exact < after.cited == before.cited
    file.unlink()
    [gone] = evaluate([LUPUS], library, sources)
    assert gone.faults == () and gone.exact < gone.cited


def test_a_quote_that_is_moved_or_empty_is_not_exact() -> None:
    review = read_review(next(SEEDS.glob("000*.txt")))
    quote = quote_of(review, 100, 140)
    assert is_exact(quote, review)
    assert not is_exact(replace(quote, start=101, end=141), review)
    assert not is_exact(quote_of(review, 100, 100), review)
    assert not is_exact(quote, None)


def test_a_quote_that_touches_navigation_is_boilerplate() -> None:
    review = read_review(next(SEEDS.glob("003*.txt")))
    abstract = next(section for section in review.sections if section.kind == "abstract")
    banner = review.text.index("Skip to main page content")
    assert not is_boilerplate(quote_of(review, abstract.start, abstract.end), review)
    assert is_boilerplate(quote_of(review, banner, banner + 25), review)
    assert is_boilerplate(quote_of(review, abstract.start, review.text.index("PubMed Disclaimer") + 6), review)


def test_the_questions_before_are_asked_first(library: Library) -> None:
    follow_up = Asked("Who wrote that?", ("What does the newer review say about lupus?",))
    [check] = evaluate([Expectation("f", "followup", follow_up, ("Sioud",), (SIOUD,), (USLU,))], library, SEEDS)
    assert check.faults == ()


def test_a_crash_is_a_failed_question_and_the_others_are_asked(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def asking(question: str, *rest: object) -> Answer:
        if question == LUPUS.asked.question:
            raise KeyError("lupus")
        return ask(question, library)

    monkeypatch.setattr(evaluation, "ask", asking)
    crashed, price = evaluate([LUPUS, PRICE], library, SEEDS)
    assert crashed.faults == ("crashed: KeyError('lupus')",)
    assert price.faults == ()
    assert "No answer to question lupus" in caplog.text


def test_figures_count_by_kind_and_over_all() -> None:
    checked = [
        Checked(LUPUS, (), 2, 2, 0, None),
        Checked(LUPUS, ("lacks remission",), 3, 2, 1, 0.010),
        Checked(LUPUS, ("abstained",), 0, 0, 0, 0.020),
        Checked(PRICE, (), 0, 0, 0, 0.030),
        Checked(PRICE, ("answered, though the reviews do not hold it",), 1, 1, 0, 0.040),
    ]
    fact, abstain, overall = figures(checked)
    assert [row.kind for row in (fact, abstain, overall)] == ["fact", "abstain", "all"]
    assert (fact.questions, fact.passed, fact.citations, fact.exact_citations) == (3, 1, 5, 4)
    assert (fact.boilerplate_citations, fact.to_abstain, fact.wrong_abstentions) == (1, 0, 1)
    assert (abstain.to_abstain, abstain.right_abstentions, abstain.wrong_abstentions) == (2, 1, 0)
    assert (overall.questions, overall.passed, overall.p50_ms) == (5, 2, 25.0)


def test_the_first_answer_warms_up_and_has_no_time(library: Library) -> None:
    first, second = evaluate([PRICE, LUPUS], library, SEEDS)
    assert first.seconds is None
    assert second.seconds is not None and second.seconds > 0
    assert figures([first])[0].p50_ms is None


def test_the_report_lists_what_was_wrong() -> None:
    checked = [Checked(LUPUS, ("lacks remission", f"cites {USLU}"), 1, 1, 0, None), Checked(PRICE, (), 0, 0, 0, 0.02)]
    text = answers_text(checked)
    assert "Failed: 1\n\nlupus: What can CAR-T cells do in lupus?\n  lacks remission\n  cites 10.1038" in text
    assert [line.split()[0] for line in text.splitlines()[:4]] == ["kind", "fact", "abstain", "all"]
    record = answers_report(checked)
    assert [row["kind"] for row in record["kinds"]] == ["fact", "abstain"]
    assert record["all"]["passed"] == 1
    assert [failed["id"] for failed in record["failed"]] == ["lupus"]
    assert json.loads(json.dumps(record)) == record


OWN = read_questions(SEEDS / "questions.jsonl")


def test_the_projects_own_questions_are_of_all_kinds_and_each_is_there_once() -> None:
    assert len({question.id for question in OWN}) == len({question.asked for question in OWN}) == len(OWN) >= 48
    shares = {"fact": 7, "metadata": 5, "compare": 4, "followup": 2, "robust": 2, "abstain": 6}
    counts = Counter(question.kind for question in OWN)
    assert {kind: round(26 * counts[kind] / len(OWN)) for kind in counts} == shares


@pytest.mark.parametrize("question", OWN, ids=[question.id for question in OWN])
def test_what_a_question_of_ours_expects_stands_in_the_pages_that_it_must_cite(question: Expectation) -> None:
    pages = {review.id: review.text for review in map(read_review, SEEDS.glob("*.txt"))}
    assert question.abstain == (question.kind == "abstain") == (not question.cite) == (not question.expect)
    assert {*question.cite, *question.never} <= set(pages)
    text = "\n".join(pages[review_id] for review_id in question.cite)
    assert all(re.search(pattern, text, re.IGNORECASE) for pattern in question.expect)


def test_every_quote_of_our_questions_is_exact_and_none_is_boilerplate(library: Library) -> None:
    overall = figures(evaluate(OWN, library, SEEDS))[-1]
    assert overall.exact_citations == overall.citations > 0
    assert overall.boilerplate_citations == 0
