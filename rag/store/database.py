"""What outlives a page, in SQL: a SQLite file in the data folder, or the database that DATABASE_URL names.

Whatever goes wrong with it is a StoreUnavailable, which says in words why; the answers do not need it.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, insert, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from rag.errors import StoreUnavailable
from rag.settings import Settings

log = logging.getLogger(__name__)

# The last step in `rag/store/migrations/versions`.
REVISION = "0001"
FILE = "store.sqlite3"
DAY = 86_400.0
# A database that failed is left alone for so long, so that not every click waits for it.
PAUSE_SECONDS = 15.0
_CONNECT_SECONDS, _LOCK_SECONDS, _POOL_SECONDS = 3, 10, 10
_NOT_UNDERSTOOD = "DATABASE_URL is not understood: write postgresql://user:password@host/name."
_UNREACHABLE = "The database cannot be reached."
# Which of PostgreSQL's advisory locks is held while the tables change, and while one transaction excludes all others.
_MIGRATING, _EXCLUSIVE = 7_202_601, 7_202_602


class Store:
    """A database with the tables of `rag.store.schema`; opened, and brought up to date, when it is first needed."""

    def __init__(self, url: URL | None, clock: Callable[[], float] = time.monotonic) -> None:
        """Name the database, None when its address is not understood; nothing is opened yet."""
        self.url = url
        self._clock = clock
        self._engine: Engine | None = None
        self._opening = threading.Lock()
        self._resting: StoreUnavailable | None = None
        self._until = 0.0

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the database; raise StoreUnavailable when it cannot be read."""
        with self._transaction(lambda connection: None, writes=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection whose changes are kept together, or not at all; raise StoreUnavailable."""
        with self._transaction(lambda connection: None, writes=True) as connection:
            yield connection

    @contextmanager
    def excluding(self) -> Iterator[Connection]:
        """Like `writing`, and no other transaction like this one runs at the same time, on any machine."""
        with self._transaction(_exclude, writes=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: Callable[[Connection], None], writes: bool) -> Iterator[Connection]:
        try:
            with self._ready().connect().execution_options(writes=writes) as connection, connection.begin():
                begin(connection)
                yield connection
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise self._unavailable(error) from error
        self._resting = None

    def _ready(self) -> Engine:
        """Return the engine, its tables made and up to date."""
        with self._opening:
            if self._resting and self._clock() < self._until:
                raise self._resting
            if self.url is None:
                raise StoreUnavailable(_NOT_UNDERSTOOD)
            if self._engine is None:
                engine = _engine(self.url)
                try:
                    with _alone(self.url):
                        _migrate(engine)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine = engine
            return self._engine

    def _unavailable(self, error: Exception) -> StoreUnavailable:
        """Return an error in words, and let a database rest that cannot be reached: to ask it again takes seconds."""
        why = _why(error)
        log.warning("The database failed: %s", type(error).__name__, exc_info=error)
        if why == _UNREACHABLE:
            self._resting, self._until = StoreUnavailable(why), self._clock() + PAUSE_SECONDS
        return StoreUnavailable(why)

    def wipe(self) -> None:
        """Let what was deleted leave the disk now, as far as other readers allow; raises nothing."""
        if self.url is not None and self.url.get_backend_name() == "sqlite":
            with suppress(SQLAlchemyError, sqlite3.Error, OSError), self._ready().connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    def close(self) -> None:
        """Close all connections."""
        with self._opening:
            if self._engine:
                self._engine.dispose()
            self._engine = None


def add(connection: Connection, table: Table, row: Mapping[str, Any]) -> int:
    """Add a row and return its id; not by RETURNING, which SQLite knows since 3.35 only."""
    key = connection.execute(insert(table).values(row)).inserted_primary_key
    assert key, "each of these tables has an id"
    return int(key[0])


def storable(text: str) -> str:
    """Return a text that any database takes: no half characters, no NUL."""
    return text.encode(errors="replace").decode().replace("\0", "")


_STORES: dict[URL | None, Store] = {}
_STORES_LOCK = threading.Lock()


def open_store(settings: Settings) -> Store:
    """Return the store of the settings, the same one for all of this process."""
    url = _url(settings)
    with _STORES_LOCK:
        return _STORES.setdefault(url, Store(url))


def _url(settings: Settings) -> URL | None:
    if not settings.database_url:
        return URL.create("sqlite", database=str(settings.data.absolute() / FILE))
    try:
        url = make_url(settings.database_url.get_secret_value())
        if url.get_backend_name() in ("postgres", "postgresql"):
            return url.set(drivername="postgresql+psycopg")
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        return None
    return url if url.get_backend_name() == "sqlite" else None


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        if url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        waits = {"timeout": _LOCK_SECONDS}
        engine = create_engine(url, pool_timeout=_POOL_SECONDS, connect_args=waits, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    limits = {"statement_timeout": 10, "lock_timeout": 5, "idle_in_transaction_session_timeout": 10}
    options: dict[str, Any] = {
        "connect_timeout": _CONNECT_SECONDS,
        "options": " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items()),
        # A connection that falls silent is given up.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 2,
        "tcp_user_timeout": 10_000,
    }
    return create_engine(
        url, pool_pre_ping=True, pool_timeout=_POOL_SECONDS, connect_args=options, hide_parameters=True
    )


@contextmanager
def _alone(url: URL) -> Iterator[None]:
    """Hold the lock of a SQLite file while it is opened first, and let its readers go on while one writes.

    To change the journal needs the whole file, and SQLite does not wait for it. The change stays.
    """
    if url.get_backend_name() != "sqlite" or not url.database:
        yield
        return
    with FileLock(f"{url.database}.lock", timeout=_LOCK_SECONDS):
        with closing(sqlite3.connect(url.database, timeout=_LOCK_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        yield


def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Wipe what is deleted, and leave the beginning of transactions to `_begin_sqlite`."""
    connection.isolation_level = None
    connection.execute("PRAGMA secure_delete = ON")


def _begin_sqlite(connection: Connection) -> None:
    """Take the lock of a writer at once: one that reads first and writes later may be refused in between."""
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _exclude(connection: Connection) -> None:
    """Wait until no other transaction excludes this one; in SQLite there is one writer at a time as it is."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _EXCLUSIVE})


def _migrate(engine: Engine) -> None:
    """Bring the tables up to date, one process at a time; raise StoreUnavailable when they are newer than this code."""
    with engine.connect() as connection, connection.begin():
        if _revision(connection) == REVISION:
            return
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
        found = _revision(connection)
        if found == REVISION:
            return
        from alembic import command
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
        known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
        if found and found not in known:
            raise StoreUnavailable(
                "The database was made by a newer version of this program: update it, or name another."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    """Return the step that the tables are at, None of an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _why(error: Exception) -> str:
    """Return why the database cannot be used, in words, without its address or what it said."""
    message = str(getattr(error, "orig", None) or error).lower()
    if "full" in message or "no space" in message:
        return "The disk of the database is full."
    if "readonly" in message or "read-only" in message or "permission denied" in message:
        return "The database cannot be written to."
    if "malformed" in message or "not a database" in message:
        return "The database is damaged."
    if "locked" in message or "timeout" in message or "timed out" in message:
        return "The database is busy; try again in a moment."
    return _UNREACHABLE
