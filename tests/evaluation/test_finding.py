"""Questions that come with the sentence that answers: how they are read, what counts as found, what the figures say."""

from __future__ import annotations

import doctest
import json
from dataclasses import replace
from pathlib import Path

import pytest

from rag.errors import RagError
from rag.evaluation import finding
from rag.evaluation.answering import Asked
from rag.evaluation.finding import (
    Found,
    Sought,
    find,
    findings_report,
    findings_text,
    is_of,
    judged,
    names_evidence,
    read_sought,
    same_words,
)
from rag.pipeline import ask
from rag.shelf.library import Library
from rag.types import Answer, Review
from tests.engine import closest
from tests.evaluation.test_answering import written

LUPUS = "What have CAR-T cells achieved in lupus?"
HARD = Sought("hard", "", Asked("q"), "PMC1", ("They are hard to treat.",))
ABSENT = Sought("none", "", Asked("q"), absent=True)


def test_all_that_a_line_says_is_read(tmp_path: Path) -> None:
    held = {
        "id": 7,
        "question": "Why?",
        "history": ["What?"],
        "pmcid": "PMC1",
        "evidence": "So.",
        "also": ["Thus."],
        "absent": False,
    }
    path = written(
        tmp_path, json.dumps(held | {"label": "passed over"}), '{"question": "And?", "absent": true, "kind": "k"}'
    )
    assert names_evidence(path)
    assert read_sought(path) == [
        Sought("7", "", Asked("Why?", ("What?",), 1), "PMC1", ("So.", "Thus.")),
        Sought("2", "k", Asked("And?", (), 2), absent=True),
    ]


def test_a_question_that_is_answered_names_paper_and_sentence(tmp_path: Path) -> None:
    path = written(tmp_path, '{"question": "Why?", "evidence": "So."}', '{"question": "Why?", "pmcid": "PMC1"}', "{")
    with pytest.raises(RagError) as raised:
        read_sought(path)
    first, second, third = str(raised.value).splitlines()
    assert first.endswith('line 1: "pmcid" is missing') and second.endswith('line 2: "evidence" is missing')
    assert "line 3: not JSON" in third


def test_a_file_in_another_format_is_told_by_its_first_question(tmp_path: Path) -> None:
    assert not names_evidence(written(tmp_path, '{"question": "Why?", "kind": "fact", "expect": ["a"]}'))
    assert not names_evidence(written(tmp_path, "", "{"))
    assert names_evidence(written(tmp_path, "{", '{"question": "Why?", "absent": true}'))


@pytest.mark.parametrize(
    ("review", "same"),
    [
        (Review("10.1/a", "T", "", (), pmcid="PMC12"), True),
        (Review("pmcid:PMC12", "T", "", ()), True),
        (Review("10.1/a", "T", "", (), files=("pages/PMC12.md",)), True),
        (Review("10.1/a", "T", "", (), files=("pages/PMC12_full.md",)), True),
        (Review("10.1/a", "T", "PMC12", (), pmcid="PMC123", files=("PMC123.md", "XPMC12.md")), False),
    ],
)
def test_a_paper_is_known_by_its_whole_pmcid(review: Review, same: bool) -> None:
    assert is_of(review, "PMC12") is same


def test_a_sentence_is_found_when_most_words_of_the_shorter_text_are_shared() -> None:
    assert doctest.testmod(finding).failed == 0
    assert same_words("a b c d e f g X Y Z", "a b c d e f g P Q R")
    assert not same_words("a b c d e f X Y Z W", "a b c d e f P Q R S")
    assert not same_words("", "a b") and not same_words("—", "…")


@pytest.fixture
def sought(library: Library) -> Sought:
    """A question with the sentence that an answer quotes first, and the paper by the name of its file."""
    quote = ask(LUPUS, library).citations[0].quote
    stem = Path(library.index.reviews[quote.review_id].files[0]).stem
    return Sought("lupus", "what", Asked(LUPUS), stem, quote.text)


def test_the_quotes_of_an_answer_are_held_against_the_evidence(library: Library, sought: Sought) -> None:
    other = replace(sought, evidence=("Herons sleep on one leg.",))
    elsewhere = replace(
        sought, pmcid=Path(next(r.files[0] for r in library.reviews if sought.pmcid not in r.files[0])).stem
    )
    right, wrong, astray = find([sought, other, elsewhere], library)
    assert right.outcome == "answered" and right.evidence[0] and right.papers[0] and right.states
    assert not any(wrong.evidence) and wrong.papers == right.papers
    assert not any(astray.evidence) and not astray.papers[0]


def test_the_closest_and_the_nearest_are_read_for_the_confidence_but_are_no_answer(
    library: Library, sought: Sought, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = closest(library, LUPUS, 0.4)
    far = replace(close, outcome="not_found", closest=(), nearest=close.closest, confidence=0.1)
    for answer, missed in ((close, 0.0), (far, 1.0)):
        monkeypatch.setattr(finding, "ask", lambda *_, answer=answer: answer)
        found = find([sought], library)
        report = findings_report(found)["all"]
        assert found[0].states and judged(found) == ([answer.confidence], [True])
        assert report["evidence first"] == report["evidence anywhere"] == 0.0
        assert report["wrongly not found"] == missed
        assert report["evidence in three, closest counted"] == 1 - missed


def test_papers_that_are_not_in_the_library_are_an_error_and_not_a_figure(library: Library, sought: Sought) -> None:
    with pytest.raises(RagError, match="RAG_SEEDS"):
        find([replace(sought, pmcid="PMC0")], library)
    [absent] = find([replace(ABSENT, asked=Asked("What does Yescarta cost?"))], library)
    assert absent.outcome == "not_found" and not any(absent.papers + absent.evidence)


def test_a_crash_is_a_figure_and_the_others_are_asked(
    library: Library, sought: Sought, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def asking(question: str, *rest: object) -> Answer:
        if question != LUPUS:
            raise KeyError(question)
        return ask(question, library)

    monkeypatch.setattr(finding, "ask", asking)
    crashed, answered = find([replace(sought, id="bad", asked=Asked("Why?")), sought], library)
    assert crashed.outcome is None and answered.outcome == "answered"
    assert findings_report([crashed, answered])["all"]["crashed"] == 1
    assert "No answer to question bad" in caplog.text


FOUND = [
    Found(HARD, "answered", 0.9, (True, False), (True, True)),
    Found(HARD, "partial", 0.6, (False, False, True), (False, True, True)),
    Found(replace(HARD, kind="rare"), "closest", 0.5, (True,), (True,)),
    Found(HARD, "not_found", 0.1, (False,), (True,)),
    Found(ABSENT, "answered", 0.8, (False,), (False,)),
    Found(ABSENT, "partial", None, (False,), (False,)),
    Found(ABSENT, "closest", 0.4, (False,), (False,)),
    Found(replace(ABSENT, kind="rare"), "not_found", 0.2, (), ()),
]


def test_the_figures_count_what_was_quoted_missed_and_wrongly_answered() -> None:
    figures = findings_report(FOUND)["all"]
    assert {name: value for name, value in figures.items() if "risk" not in name and "calibration" not in name} == {
        "questions with an answer": 4,
        "evidence first": 0.25,
        "evidence in three": 0.5,
        "evidence anywhere": 0.5,
        "evidence in three, closest counted": 0.75,
        "right paper first": 0.25,
        "quotes an answer": 2.5,
        "closest": 0.25,
        "wrongly not found": 0.25,
        "wrongly not found, closest counted half": 0.375,
        "questions without an answer": 4,
        "absent answered": 0.25,
        "absent answered or in part": 0.5,
        "absent closest": 0.25,
        "crashed": 0,
        "answers with a confidence": 7,
    }
    # By falling confidence right, wrong (absent), right, right, wrong, wrong, wrong: 6 of 7 are 0.8 and more.
    assert figures["risk at coverage 0.8"] == 0.5
    assert figures["area under risk by coverage"] == round((0 + 1 / 2 + 1 / 3 + 1 / 4 + 2 / 5 + 3 / 6 + 4 / 7) / 7, 3)
    assert figures["calibration error"] == round((0.1 + 0.8 + 0.4 + 0.5 + 0.4 + 0.2 + 0.9) / 7, 3)


def test_there_is_a_column_for_each_kind_that_the_questions_name() -> None:
    report = findings_report(FOUND)
    assert list(report["kinds"]) == ["rare"]
    assert report["kinds"]["rare"]["questions with an answer"] == 1
    head, *rows = findings_text(FOUND).splitlines()
    assert head.split() == ["all", "rare"] and len(rows) == len(report["all"])
    assert rows[0].split() == ["questions", "with", "an", "answer", "4", "1"]
    assert json.loads(json.dumps(report)) == report


def test_where_there_is_nothing_to_count_no_share_is_made_up() -> None:
    figures = findings_report([replace(FOUND[-1], confidence=None)])["all"]
    assert figures["evidence first"] is figures["calibration error"] is figures["risk at coverage 0.8"] is None
    assert "risk at coverage 0.8 – –" in " ".join(findings_text([replace(FOUND[-1], confidence=None)]).split())
