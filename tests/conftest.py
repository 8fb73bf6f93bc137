"""What tests share: a data folder for the session, a folder of sources to change, and the library of the seeds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from rag.settings import PROJECT, Settings, in_capitals
from rag.shelf.library import Library
from rag.shelf.opening import open_library
from rag.store.database import Store, open_store
from tests.databases import new_database, postgres_binaries, postgres_server

SEEDS = PROJECT / "seeds"
# Whoever runs the tests may have a model connected; what is tested is the project alone.
for name in os.environ.keys() & {in_capitals(field) for field in Settings.model_fields}:
    os.environ.pop(name)
# Machines are shared and the first example may load the model: time is no sign of a fault here.
settings.register_profile("project", deadline=None, max_examples=30)
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


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL; a skip where it is not installed, a failure when `RAG_REQUIRE_POSTGRES=1`."""
    if not postgres_binaries():
        reason = "no PostgreSQL: initdb is not installed"
        if os.environ.get("RAG_REQUIRE_POSTGRES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres_server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings that name an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return Settings(data=tmp_path)
    return Settings(data=tmp_path, database_url=new_database(request.getfixturevalue("postgres")))


@pytest.fixture
def store(database: Settings) -> Iterator[Store]:
    """The store of an empty database, of each kind in turn."""
    opened = open_store(database)
    yield opened
    opened.close()
