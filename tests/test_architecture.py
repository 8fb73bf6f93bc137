"""What the documents for developers say of the code is so, and the question that they follow goes that way today."""

from __future__ import annotations

import ast
import builtins
import re
import tomllib
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, get_args

import pytest

from rag.answers import choose, query_for, quote, retrieve
from rag.answers.evidence import measured
from rag.answers.reading import library_features
from rag.exports import searched_html
from rag.pipeline import ask, converse
from rag.questions import parse, understand
from rag.questions.follow_ups import standalone
from rag.questions.question import Intent
from rag.settings import PACKAGE, PROJECT, Settings, in_capitals
from rag.shelf import Library
from rag.types import PROSE
from tests.test_rooms import FLOORS

ARCHITECTURE = PROJECT / "docs" / "architecture.md"
CONTRIBUTING = PROJECT / "CONTRIBUTING.md"
OF_THE_CODE = (ARCHITECTURE, CONTRIBUTING, PROJECT / "AGENTS.md")
DOCUMENTS = (*sorted(PROJECT.glob("*.md")), *sorted(PROJECT.glob("docs/*.md")))
# What a document may name though it is nobody's to import.
STARTED = {"app", "rag", "rag.__main__"}

PATH = re.compile(r"(?<![\w/.:~-])(?:app\.py|(?:rag|tests|docs|seeds|\.ci|\.streamlit)/[\w./*-]*[\w*])")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
CODE = re.compile(r"`([^`\n]+)`")
DOTTED = re.compile(r"\brag(?:\.\w+)+")
CONSTANT = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")
NAME = re.compile(r"\w+_\w+|[A-Z][a-z]+[A-Z]\w*|_\w+")
IN_FILE = re.compile(r"((?:`\w+`(?:,\s+|\s+and\s+)?)+)\s+in\s+`([\w/]+\.py)`")


def fenced(document: Path, language: str) -> str:
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", document.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return block


def first_column(text: str) -> list[str]:
    """What stands as code in the first column of the tables of a text."""
    return [code for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE) for code in CODE.findall(row)]


@cache
def defined(file: Path) -> frozenset[str]:
    """The names of the functions, classes, constants and fields of a file."""
    nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
    blocks = {n.name for n in nodes if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}
    return frozenset(blocks | {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)})


def known() -> set[str]:
    """Every name that a document may use: of the code and its tests, their modules, the settings, Python's own."""
    files = [PROJECT / "app.py", *PACKAGE.rglob("*.py"), *(PROJECT / "tests").rglob("*.py")]
    settings = {in_capitals(field) for field in Settings.model_fields}
    return {*dir(builtins), *settings, *(file.stem for file in files)}.union(*map(defined, files))


def exists(dotted: str) -> bool:
    """Tell whether a dotted name is that of a module or of something in one: "rag.pipeline.ask"."""
    try:
        resolve_name(dotted)
    except (ImportError, AttributeError):
        return False
    return True


def names_in(text: str) -> set[str]:
    """The names of the code that a text uses: those that stand alone as code, and what looks like one of a program."""
    spans = [span for span in CODE.findall(text) if not PATH.search(span) and "…" not in span]
    alone = {span.removesuffix("()") for span in spans if re.fullmatch(r"\w+(?:\(\))?", span)}
    return alone.union(CONSTANT.findall(text), *(NAME.findall(span) for span in spans))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_path_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text("utf-8")
    gone = [path for path in LINK.findall(text) if not (document.parent / path).exists()]
    # The secrets themselves are nobody's but the owner's; their example is there.
    gone += [path for path in PATH.findall(text) if not any(PROJECT.glob(path)) and not any(PROJECT.glob(f"{path}.*"))]
    assert gone == []


@pytest.mark.parametrize("document", OF_THE_CODE, ids=lambda document: document.name)
def test_every_name_of_the_code_that_a_document_uses_is_there(document: Path) -> None:
    text = document.read_text("utf-8")
    assert [dotted for dotted in DOTTED.findall(text) if not exists(dotted)] == []
    assert names_in(text) - known() == set()
    placed = [(name, file) for names, file in IN_FILE.findall(text) for name in CODE.findall(names)]
    assert [(name, file) for name, file in placed if name not in defined(PROJECT / file)] == []


def test_the_picture_has_the_rooms_on_their_floors() -> None:
    drawn = [
        tuple(re.findall(r"\b(?:app|rag(?:\.\w+)*)\b", line)) for line in fenced(ARCHITECTURE, "text").splitlines()
    ]
    assert [set(rooms) for rooms in drawn] == [set(rooms) for rooms in FLOORS]
    assert sum(map(len, drawn)) == sum(map(len, FLOORS))


def test_every_room_has_its_line_for_those_who_contribute_and_for_those_who_look() -> None:
    told = [path.removesuffix(".py").replace("/", ".") for path in first_column(CONTRIBUTING.read_text("utf-8"))]
    assert sorted(told) == sorted({room for rooms in FLOORS for room in rooms} - STARTED)
    packages = {f"rag/{face.parent.name}/" for face in PACKAGE.glob("*/__init__.py")}
    assert packages <= set(first_column((PROJECT / "README.md").read_text("utf-8")))


def test_every_intent_of_a_question_has_its_way() -> None:
    told = first_column(ARCHITECTURE.read_text("utf-8"))
    assert [code.strip('"') for code in told if code.startswith('"')] == list(get_args(Intent))


# One question's way


def way(typed: str, after: str, library: Library, shown: int) -> dict[str, Any]:
    """What each room makes of a question after another one; of the sentences so many are `shown`."""
    history = converse([after], library)
    question = understand(typed, library, history)
    query = query_for(question.text, question.terms, library)
    hits = retrieve(query, library.index, kinds=PROSE)
    found, matcher = measured(question, question.terms, PROSE, library)
    chosen = choose(found)
    answer = ask(typed, library, history)
    assert [citation.quote for citation in answer.citations] == [quote(one, library.index.reviews) for one in chosen]
    first = answer.citations[0].quote
    assert first.text == library.index.reviews[first.review_id].text[first.start : first.end]
    assert query.vector is not None
    return {
        "typed": typed,
        "after": after,
        "question": {
            "written_out": standalone(parse(typed, library.reviews), history, library.alike),
            "text": question.text,
            "intent": question.intent,
            "terms": [term.text for term in question.terms],
            "carried": sorted(question.carried),
            "scope": [review.id for review in question.scope],
        },
        "query": {
            "stems": sorted(query.stems),
            "dimensions": len(query.vector),
            "hits": [[hit.passage.id, hit.score] for hit in hits],
        },
        "matcher": {
            "weights": {term.term.text: term.weight for term in matcher.terms},
            "deciding": [matcher.terms[at].term.text for at in matcher.deciding.nonzero()[0]],
        },
        "reading": {
            "candidates": [[*c.line, *(c.features[name] for name in FEATURES), c.score, c.text] for c in found[:shown]],
        },
        "judgement": {
            **{name: library_features(found, matcher, library)[name] for name in ("answers", "best cosine")},
            "confidence": answer.confidence,
        },
        "selection": {"chosen": [candidate.span[0] for candidate in chosen]},
        "quote": {name: getattr(first, name) for name in QUOTED},
        "page": {
            "searched_as": re.sub(r"<[^>]+>", "", searched_html(answer)),
            "outcome": answer.outcome,
            "answer": answer.text,
            "coverage": [coverage.state for coverage in answer.coverage],
        },
    }


FEATURES = ("finding", "surprise", "cosine", "answers")
QUOTED = ("review_id", "heading", "provenance", "start", "end", "text")


def same(shown: Any, found: Any) -> bool:
    """Tell whether what is shown is what was found: "…" is any text, and numbers are shown with two decimals."""
    if isinstance(shown, dict):
        return shown.keys() == found.keys() and all(same(shown[key], found[key]) for key in shown)
    if isinstance(shown, list):
        return len(shown) == len(found) and all(map(same, shown, found))
    if isinstance(shown, str):
        return re.fullmatch(".*".join(map(re.escape, shown.split("…"))), found, re.DOTALL) is not None
    return abs(shown - found) < 0.01 if isinstance(shown, float) else bool(shown == found)


def test_the_question_goes_the_way_that_the_document_shows(library: Library) -> None:
    shown = tomllib.loads(fenced(ARCHITECTURE, "toml"))
    found = way(shown["typed"], shown["after"], library, len(shown["reading"]["candidates"]))
    assert shown["typed"] != shown["question"]["written_out"] != shown["question"]["text"]
    assert shown.keys() == found.keys()
    for room in found:
        assert same(shown[room], found[room]), (room, found[room])
