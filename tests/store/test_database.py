"""The store: transactions that hold or leave nothing, tables brought up to date, failures in words."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, make_url, select, text

from rag.errors import StoreUnavailable
from rag.settings import PROJECT, Settings
from rag.store.database import FILE, PAUSE_SECONDS, REVISION, Store, open_store
from rag.store.database import add as add_row
from rag.store.schema import feedback, metadata, secrets
from tests.another_user import read_only
from tests.databases import new_database


def names(store: Store) -> list[str]:
    with store.reading() as connection:
        return list(connection.scalars(select(secrets.c.name).order_by(secrets.c.name)))


def add(store: Store, name: str) -> None:
    with store.writing() as connection:
        connection.execute(insert(secrets).values(name=name, value=b"x"))


def test_what_is_written_is_read_by_another_store_of_the_same_database(store, database):
    add(store, "a")
    other = Store(store.url)
    assert names(other) == ["a"]
    other.close()


def test_a_transaction_that_fails_leaves_nothing(store):
    with pytest.raises(KeyError), store.writing() as connection:
        connection.execute(insert(secrets).values(name="a", value=b"x"))
        raise KeyError
    assert names(store) == []


def test_many_threads_open_an_empty_database_at_once(database):
    stores = [Store(open_store(database).url) for _ in range(6)]
    together, failures = threading.Barrier(len(stores)), []

    def work(number: int) -> None:
        together.wait()
        try:
            add(stores[number], f"n{number}")
        except StoreUnavailable as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(stores))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert names(stores[0]) == [f"n{number}" for number in range(6)]
    for one in stores:
        one.close()


def test_transactions_that_exclude_each_other_lose_no_count(store):
    add(store, "count")

    def work() -> None:
        for _ in range(20):
            with store.excluding() as connection:
                value = connection.scalar(select(secrets.c.value))
                connection.execute(secrets.update().values(value=value + b"x"))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as connection:
        assert len(connection.scalar(select(secrets.c.value))) == 161


def test_the_migrations_make_the_tables_that_the_code_expects(store):
    names(store)
    with store.reading() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == REVISION
    assert differences == []


def test_tables_of_an_earlier_step_are_brought_up_to_date_and_keep_what_they_hold(store):
    add(store, "kept")
    with store.writing() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        for table in reversed(metadata.sorted_tables):
            if table.name != "secrets":
                table.drop(connection)
        connection.execute(text("ALTER TABLE secrets RENAME TO kept"))
    later = Store(store.url)
    assert names(later) == []
    with later.reading() as connection:
        assert connection.scalar(text("SELECT name FROM kept")) == "kept"
    later.close()


def test_a_database_of_a_newer_version_is_left_alone_and_named(store):
    add(store, "a")
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="newer version"):
        names(Store(store.url))


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="cannot be"):
        names(open_store(Settings(data=tmp_path / "file" / "below")))


def test_a_file_that_is_no_database_is_called_damaged(tmp_path):
    (tmp_path / FILE).write_text("this is no database " * 200)
    with pytest.raises(StoreUnavailable, match="damaged"):
        names(open_store(Settings(data=tmp_path)))


@pytest.mark.skipif(os.name == "nt", reason="folders are read-only in another way")
def test_a_folder_that_is_read_only_is_told_in_words(tmp_path):
    (tmp_path / "empty").mkdir()
    with read_only(tmp_path / "empty") as folder:
        command = [sys.executable, "-c", WRITER, tmp_path, folder]
        told = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, timeout=300)
    assert "StoreUnavailable The database cannot be" in told.stdout, told.stderr[-300:]


WRITER = """if True:
    import sys
    from pathlib import Path
    from rag.settings import Settings
    from rag.store import open_store
    from tests.another_user import leave_root

    def write(data):
        with open_store(Settings(data=Path(data))).writing():
            pass

    write(sys.argv[1])  # which imports all that is needed
    leave_root()
    try:
        write(sys.argv[2])
    except Exception as error:
        print(type(error).__name__, error)
    """


def test_a_full_disk_is_told_and_does_not_stay(tmp_path):
    store = open_store(Settings(data=tmp_path))
    add(store, "a")
    with pytest.raises(StoreUnavailable, match="full"), store.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.execute(insert(secrets).values(name="big", value=b"x" * 1_000_000))
    store.close()
    add(store, "b")
    assert names(store) == ["a", "b"]
    store.close()


def test_a_server_that_is_gone_rests_and_is_used_again_when_it_is_back(postgres):
    address = new_database(postgres)
    now = [0.0]
    store = Store(make_url(address).set(drivername="postgresql+psycopg", port=9), clock=lambda: now[0])
    with pytest.raises(StoreUnavailable, match="reached"):
        names(store)
    store.url = make_url(address).set(drivername="postgresql+psycopg")
    with pytest.raises(StoreUnavailable, match="reached"):
        names(store)
    now[0] = PAUSE_SECONDS + 1
    assert names(store) == []
    store.close()


def test_connections_that_the_server_ended_are_made_again(postgres):
    store = open_store(Settings(database_url=new_database(postgres)))
    add(store, "a")
    with store.writing() as connection, pytest.raises(StoreUnavailable), store.writing() as other:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = :own"
        own = other.execute(text("SELECT pg_backend_pid()")).scalar()
        connection.execute(text(ended), {"own": own})
        other.execute(text("SELECT 1"))
    assert names(store) == ["a"]
    store.close()


@pytest.mark.parametrize("address", ["mysql://a@b/c", "nonsense", "http://x", "postgresql", "sqlite+nothing:///x"])
def test_an_address_that_is_not_understood_is_told_without_being_shown(address):
    with pytest.raises(StoreUnavailable, match="DATABASE_URL is not understood") as told:
        names(open_store(Settings(database_url=f"{address}?password=secret")))
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_a_postgresql_address_is_taken(scheme):
    assert open_store(Settings(database_url=f"{scheme}://u:p@h/n")).url.drivername == "postgresql+psycopg"


def test_no_password_of_a_database_is_in_what_is_printed():
    settings = Settings(database_url="postgresql://u:hidden@h/n")
    assert "hidden" not in repr(settings) + repr(open_store(settings)) + str(open_store(settings).url)


def test_a_row_is_added_in_words_that_old_versions_of_sqlite_know(tmp_path):
    store, said = open_store(Settings(data=tmp_path)), []
    with store.writing() as connection:
        connection.connection.driver_connection.set_trace_callback(said.append)
        row = {"made": 1.0, "up": True, "outcome": "answered", "cited": "[]"}
        assert [add_row(connection, feedback, row) for _ in range(2)] == [1, 2]
    assert any(one.startswith("INSERT") for one in said)
    assert not any("RETURNING" in one for one in said)
    store.close()
