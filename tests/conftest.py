"""What tests share: a data folder, a folder of sources to change, the library of the seeds, empty databases."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

from rag.evaluation import searching
from rag.settings import PROJECT, Settings, in_capitals
from rag.shelf import opening
from rag.shelf.library import Library
from rag.shelf.opening import open_library
from rag.store.database import Store, open_store
from tests.databases import new_database, postgres_binaries, postgres_server
from tests.engine import seeds, shared_folder
from tests.slow import is_slow

SEEDS = PROJECT / "seeds"
# Whoever runs the tests may have a model connected; what is tested is the project alone.
for name in os.environ.keys() & {in_capitals(field) for field in Settings.model_fields}:
    os.environ.pop(name)
# Nobody whom a test talks to has a certificate, and to read all authorities takes longer than most answers of a model.
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = str(shared_folder())
# What is compiled is kept, whatever the machine is set to: a run starts more than a hundred processes.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Machines are shared and the first example may load the model: time is no sign of a fault here.
timeless = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("run", timeless, max_examples=25)
settings.register_profile("long", timeless, max_examples=500)
settings.load_profile("run")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two workers a core: half of the time a test waits, for a browser, a server or a clock."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling:
    """Give a worker all tests of a file, since they share what they start, and one worker all those of the browser."""
    config.option.loadscopereorder = False
    return _Scheduling(config, log)


class _Scheduling(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return "tests/browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and is_slow(item):
            item.add_marker("slow")


@pytest.fixture(scope="session", autouse=True)
def one_embedder() -> Iterator[None]:
    """Let all libraries of this process share the embedder of a folder: to open it takes longer than most questions."""
    opened = cache(opening.load_embedder)
    with pytest.MonkeyPatch.context() as patch:
        for user in (opening, searching):
            patch.setattr(user, "load_embedder", lambda folder: opened(folder.resolve()))
        patch.setattr(opening, "load_reader", cache(opening.load_reader))
        yield


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of this worker; the embedding model was prepared and the seeds were indexed once a run."""
    prepared = seeds().settings.data
    return Path(shutil.copytree(prepared, tmp_path_factory.mktemp("data") / "data", symlinks=True))


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
