"""The walls of `rag/`: imports point downwards, and nobody imports past the face of a package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from rag.settings import PACKAGE, PROJECT

# From the top floor down; a room imports only from floors below its own.
FLOORS = (
    ("rag.__main__", "app", "rag.training"),
    ("rag.cli",),
    ("rag.ui.page", "rag.evaluation"),
    ("rag.store", "rag.pipeline", "rag.services", "rag.langchain"),
    ("rag.writing",),
    ("rag.comparison",),
    ("rag.answers",),
    ("rag.questions", "rag.exports"),
    ("rag.shelf",),
    ("rag.index", "rag.sources"),
    ("rag.lexicon", "rag.ui.server"),
    ("rag.text", "rag.encoders", "rag.settings"),
    ("rag.types", "rag.errors", "rag.atomic_folder", "rag.kept_table", "rag.networks", "rag"),
)
FLOOR_OF = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}


def module_name(file: Path) -> str:
    parts = file.relative_to(PROJECT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def room_of(module: str) -> str:
    """Return the room that a module stands in: the longest of the floors' names that it begins with."""
    parts = module.split(".")
    beginnings = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next(name for name in beginnings if name in FLOOR_OF and (name != "rag" or module == "rag"))


def imports() -> Iterator[tuple[str, str]]:
    """Yield (module, imported module) for all imports of the project from itself, those inside functions included."""
    for file in [*sorted(PACKAGE.rglob("*.py")), PROJECT / "app.py"]:
        if "migrations" in file.parts and "versions" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            yield from ((module_name(file), name) for name in imported(node) if name.split(".")[0] == "rag")


def imported(node: ast.AST) -> list[str]:
    """Return the modules that a piece of code imports by their names; a relative import, which has none, is refused."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert not node.level, f"relative import: {ast.unparse(node)}"
        # What a package does not name in its face is a room or a module of it: "from rag import pipeline".
        module = node.module or ""
        inner = [f"{module}.{alias.name}" for alias in node.names if not is_faced(module, alias.name)]
        return [name for name in inner if is_module(name)] or [module]
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
        return [word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
    return []


def is_module(name: str) -> bool:
    """Tell whether a name is that of a module or a package of the project."""
    path = PROJECT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def is_faced(package: str, name: str) -> bool:
    """Tell whether a package of the project gives a name in its face."""
    return is_module(f"{package}.{name}") and name in getattr(import_module(package), "__all__", ())


@pytest.mark.parametrize(
    "line",
    [
        "import rag.pipeline",
        "from rag import pipeline",
        "from rag.pipeline import ask",
        'importlib.import_module("rag.pipeline")',
        '__import__("rag.pipeline")',
    ],
)
def test_an_import_is_seen_however_it_is_written(line: str) -> None:
    assert "rag.pipeline" in {name for node in ast.walk(ast.parse(line)) for name in imported(node)}


def test_a_module_is_told_from_what_a_face_gives() -> None:
    (past,), (faced,) = ast.parse("from rag.index import files").body, ast.parse("from rag.cli import main").body
    assert (imported(past), imported(faced)) == (["rag.index.files"], ["rag.cli"])


def test_a_relative_import_is_refused() -> None:
    with pytest.raises(AssertionError, match="relative import"):
        imported(ast.parse("from ..pipeline import ask").body[0])


def test_every_module_stands_in_a_room() -> None:
    for file in PACKAGE.rglob("*.py"):
        if module_name(file) != "rag.ui":
            room_of(module_name(file))


def test_imports_point_downwards() -> None:
    upwards = [
        (module, name)
        for module, name in imports()
        if room_of(module) != room_of(name) and FLOOR_OF[room_of(module)] >= FLOOR_OF[room_of(name)]
    ]
    assert upwards == []


def test_nobody_imports_past_the_face_of_a_room() -> None:
    past = [(module, name) for module, name in imports() if room_of(module) != room_of(name) and name != room_of(name)]
    assert past == []


def test_streamlit_is_imported_by_the_page_alone() -> None:
    for file in PACKAGE.rglob("*.py"):
        names = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        }
        assert "streamlit" not in names or module_name(file).startswith("rag.ui"), file


def test_every_face_says_what_its_room_is_for() -> None:
    for file in PACKAGE.rglob("__init__.py"):
        said = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
        assert said or "migrations" in file.parts, file


def test_nothing_imports_what_learned_the_weights() -> None:
    assert [line for line in imports() if room_of(line[1]) == "rag.training" != room_of(line[0])] == []
