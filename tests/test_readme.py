"""What the README shows runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rag.settings import PROJECT
from rag.shelf import Library

README = (PROJECT / "README.md").read_text("utf-8")


def test_the_lines_for_langchain_find_passages(
    library: Library, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_DATA", str(data))
    (lines,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(lines, {})
    printed = capsys.readouterr().out
    assert sum(passage.text in printed for passage in library.index.passages) == 5
