"""What the README shows runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.cli import main
from rag.settings import PROJECT
from rag.shelf import Library

README = (PROJECT / "README.md").read_text("utf-8")


BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_lines_for_langchain_find_passages(
    library: Library, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_DATA", str(data))
    (lines,) = (block for block in BLOCKS if "ReviewRetriever" in block)
    exec(lines, {})
    printed = capsys.readouterr().out
    assert sum(passage.text in printed for passage in library.index.passages) == 5


def test_the_lines_for_chroma_find_passages_in_what_was_exported(
    library: Library, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("RAG_DATA", str(data))
    monkeypatch.setenv("RAG_SEEDS", str(PROJECT / "seeds"))
    monkeypatch.chdir(tmp_path)
    assert main(["export", "--chroma", "reviews.chroma"]) == 0
    (lines,) = (block for block in BLOCKS if "PersistentClient" in block)
    exec(lines, {})
    printed = capsys.readouterr().out
    assert f"{len(library.index.passages)} passages" in printed
    assert printed.count("page_content") == printed.count("'kind': 'abstract'") > 1
