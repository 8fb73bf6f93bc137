"""What became of papers since is asked of PubMed and Crossref, or of a list, and kept beside the papers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import UnreadableReview
from rag.services import Addresses, Web, check, check_in_list, keep
from rag.sources import Folder, read_folder
from tests.service_server import Services, services

PAPERS = {
    "moon.md": "# Moths on the moon\n\nCy Reed\n\nPMID: 444\n\n## Abstract\n\nMoths were seen on the moon.\n",
    "bridge.md": "# Moths at bridges\n\nCy Reed\n\nPMID: 222\n\n## Abstract\n\nMoths were seen there.\n",
    "jar.md": "# Moths in jars\n\nDi Quill\n\ndoi: 10.5555/jar.1\n\n## Abstract\n\nThey live nine days.\n",
    "lamp.md": "# Moths at lamps\n\nEd Rook\n\n## Abstract\n\nMoths like lamps.\n",
}
WATCH = (
    "Record ID,Title,RetractionDate,RetractionDOI,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason\n"
    '1,"Moths, in jars",1/2/2020 0:00,10.5555/jar.9,10.5555/JAR.1,0,Expression of concern,+Doubts;\n'
    "2,Of another shelf,1/2/2020 0:00,10.5555/x.9,10.5555/x.1,555,Retraction,+Doubts;\n"
    "3,Moths at bridges,1/2/2020 0:00,unavailable,unavailable,222,Reinstatement,\n"
)


@pytest.fixture
def server() -> Iterator[Services]:
    with services() as running:
        yield running


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    for name, text in PAPERS.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def web(server: Services) -> Web:
    return Web(Addresses.below(server.url), sleep=lambda seconds: None)


def statuses(folder: Folder) -> dict[str, str]:
    return {review.title: review.status for review in folder.reviews if review.status}


def test_pubmed_and_crossref_say_what_became_of_the_papers_and_the_shelf_keeps_it(
    server: Services, shelf: Path
) -> None:
    checked = list(check(read_folder(shelf).reviews, web(server)))
    told = {one.review.title: (one.status, one.source, one.notice, one.asked) for one in checked}
    assert told == {
        "Moths on the moon": ("retracted", "PubMed", "", True),
        "Moths at bridges": ("", "", "", True),
        "Moths in jars": ("retracted", "Crossref", "10.5555/jar.9", True),
        "Moths at lamps": ("", "", "", False),
    }
    kept = keep(checked, shelf)
    assert kept and kept.name == "retractions.csv"
    folder = read_folder(shelf)
    assert statuses(folder) == {"Moths on the moon": "retracted", "Moths in jars": "retracted"}
    assert len(folder.reviews) == 4 and folder.skipped == ()


def test_a_list_of_retractions_says_it_without_the_network_and_of_this_shelf_alone(shelf: Path, tmp_path: Path) -> None:
    watch = tmp_path / "elsewhere" / "watch.csv"
    watch.parent.mkdir()
    watch.write_text(WATCH)
    checked = list(check_in_list(read_folder(shelf).reviews, watch))
    watch.unlink()
    kept = keep(checked, shelf)
    assert kept and "x.1" not in kept.read_text()
    assert statuses(read_folder(shelf)) == {"Moths in jars": "expression of concern"}


def test_what_was_kept_of_other_papers_stays_and_the_gravest_counts(server: Services, shelf: Path) -> None:
    (shelf / "retractions.csv").write_text(WATCH)
    keep(list(check(read_folder(shelf).reviews, web(server))), shelf)
    assert "10.5555/x.1" in (shelf / "retractions.csv").read_text()
    assert statuses(read_folder(shelf))["Moths in jars"] == "retracted"


def test_a_shelf_of_which_nothing_became_keeps_no_list(shelf: Path) -> None:
    assert keep([], shelf) is None and not (shelf / "retractions.csv").exists()


def test_a_file_that_is_no_such_list_is_told(shelf: Path) -> None:
    with pytest.raises(UnreadableReview, match="no list of retractions"):
        list(check_in_list((), shelf / "jar.md"))


@pytest.mark.parametrize("reply", [b"{", b"[]", b'{"message": {"items": [{"update-to": 3}]}}', b'{"message": null}'])
def test_an_odd_reply_of_crossref_says_nothing(server: Services, shelf: Path, reply: bytes) -> None:
    (jar,) = [review for review in read_folder(shelf).reviews if review.doi]
    server.instead.append((200, reply, {}))
    assert [one.status for one in check([jar], web(server))] == [""]
