"""Papers fetched by their numbers from a server that speaks as the services do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.services import Added, Addresses, Web, add, add_found, numbers_in
from rag.sources import read_folder
from tests.service_server import Services, services


@pytest.fixture
def server() -> Iterator[Services]:
    with services() as running:
        yield running


def added(server: Services, folder: Path, *numbers: str, waits: list[float] | None = None) -> list[Added]:
    known = read_folder(folder).reviews
    sleep = (waits if waits is not None else []).append
    return list(add(numbers, known, folder, Web(Addresses.below(server.url), sleep=sleep)))


def test_an_open_paper_comes_in_full_and_another_as_its_abstract(server: Services, tmp_path: Path) -> None:
    first, second = added(server, tmp_path, "111", "PMID: 222")
    assert (first.outcome, first.file and first.file.name) == ("full text", "PMC7000001.xml")
    assert (second.outcome, second.file and second.file.name) == ("abstract", "pmid-222.xml")
    folder = read_folder(tmp_path)
    assert [(review.pmid, review.title) for review in folder.reviews] == [
        ("111", "Moths at amber lamps"),
        ("222", "Moths at bridges 222"),
    ]
    assert folder.skipped == ()


def test_a_doi_is_looked_up_in_pubmed_first_and_then_in_crossref(server: Services, tmp_path: Path) -> None:
    first, second = added(server, tmp_path, "https://doi.org/10.5555/lamp.1", "10.5555/jar.1")
    assert (first.outcome, second.outcome) == ("full text", "abstract")
    (jars,) = [review for review in read_folder(tmp_path).reviews if review.doi == "10.5555/jar.1"]
    assert (jars.title, jars.authors, jars.year) == ("Moths in jars", ("Di Quill",), 2018)
    assert "Moths in jars live for nine days." in jars.text


def test_a_trial_brings_its_papers_and_arxiv_its_page(server: Services, tmp_path: Path) -> None:
    outcomes = [(one.number, one.outcome) for one in added(server, tmp_path, "NCT01234567", "arXiv:2101.00001")]
    assert outcomes == [("222", "abstract"), ("333", "abstract"), ("arXiv:2101.00001", "abstract")]
    assert "Lamps as graphs" in [review.title for review in read_folder(tmp_path).reviews]


def test_what_is_on_the_shelf_is_not_fetched_again(server: Services, tmp_path: Path) -> None:
    added(server, tmp_path, "111")
    server.asked.clear()
    again = added(server, tmp_path, "111", "10.5555/LAMP.1", "PMC7000001")
    assert [one.outcome for one in again] == ["known"] * 3 and server.asked == []


def test_what_is_no_number_and_what_nobody_knows_is_told_by_line(server: Services, tmp_path: Path) -> None:
    lines = [str(one) for one in added(server, tmp_path, "moth", "10.5555/none", "PMC999", "999")]
    assert lines[:3] == [
        "moth: is no PMID, PMCID, DOI, NCT or arXiv number",
        "10.5555/none: not found",
        "PMC999: its full text is not open",
    ]
    assert lines[3].startswith("999: pmid-999.xml")
    assert not list(tmp_path.rglob("*.xml"))


def test_another_paper_than_was_asked_for_is_not_kept(server: Services, tmp_path: Path) -> None:
    server.instead = [(200, b"{}", {}), (200, _other(), {})]
    assert str(added(server, tmp_path, "222")[0]) == "222: the service gave another paper"
    assert not list(tmp_path.rglob("*.xml"))


def _other() -> bytes:
    from tests.service_server import RECORD

    return RECORD.format(pmid="444").encode()


def test_a_service_that_asks_to_wait_is_waited_for(server: Services, tmp_path: Path) -> None:
    server.instead = [(429, b"", {"Retry-After": "7"})]
    waits: list[float] = []
    assert added(server, tmp_path, "222", waits=waits)[0].outcome == "abstract"
    assert 7.0 in waits


def test_a_service_that_is_away_costs_its_paper_and_no_other(server: Services, tmp_path: Path) -> None:
    server.instead = [(503, b"", {})] * 3
    first, second = added(server, tmp_path, "222", "333")
    assert first.outcome == "away" and "does not answer now (it says 503)" in first.why
    assert second.outcome == "abstract"


@pytest.mark.parametrize("broken", [b"", b"<PubmedArticleSet><Pubm", b"\x00\xff" * 99, b"<html>Maintenance</html>"])
def test_a_reply_that_is_no_paper_is_not_kept(server: Services, tmp_path: Path, broken: bytes) -> None:
    server.instead = [(200, b"{}", {}), (200, broken, {})]
    assert added(server, tmp_path, "222")[0].outcome == "not found"
    assert not list(tmp_path.rglob("*.*"))


def test_the_first_papers_of_a_search_are_added(server: Services, tmp_path: Path) -> None:
    web = Web(Addresses.below(server.url), sleep=lambda _: None)
    assert [one.outcome for one in add_found("moths", 1, (), tmp_path, web)] == ["abstract"]
    assert [str(one) for one in add_found("nothing", 5, (), tmp_path, web)] == ["nothing: PubMed finds nothing"]


def test_a_file_of_references_stands_for_its_papers(tmp_path: Path) -> None:
    ris = "TY  - JOUR\nTI  - Moths\nAU  - Wick, Ann\nPY  - 2020\nDO  - 10.5555/lamp.1\nER  - \n"
    (tmp_path / "a.ris").write_text(ris)
    (tmp_path / "pmids.txt").write_text("111\n22222\n33333\n44444\n")
    assert numbers_in(str(tmp_path / "a.ris")) == ["10.5555/lamp.1"]
    assert numbers_in(str(tmp_path / "pmids.txt")) == ["22222", "33333", "44444"]
    assert numbers_in(" 111 ") == ["111"]
