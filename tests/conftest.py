"""What tests share: a data folder for the session, a folder of sources to change, and the library of the seeds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from rag.library import Library, open_library
from rag.settings import PROJECT, Settings

SEEDS = PROJECT / "seeds"
# Whoever runs the tests may have a model connected; what is tested is the project alone.
for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "RAG_MODEL", "RAG_MODEL_PRICES"):
    os.environ.pop(name, None)
# Machines are shared and the first example may load the model: time is no sign of a fault here.
settings.register_profile("project", deadline=None, max_examples=60)
settings.load_profile("project")


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of this run, so that the embedding model is prepared and the seeds are indexed once."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def library(data: Path) -> Library:
    """The library of the project's seeds."""
    return open_library(Settings(seeds=SEEDS, data=data))


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Path]:
    """A folder with copies of the seeds, to be changed by a test."""
    yield Path(shutil.copytree(SEEDS, tmp_path / "seeds"))
