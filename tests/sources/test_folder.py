"""Files and folders: what is read, what is skipped and why, and each paper once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import NoReviews, UnreadableReview
from rag.settings import PROJECT
from rag.sources import Folder, read_folder, read_review
from rag.sources.identifiers import find_doi, find_pmcid, find_pmid
from rag.types import Review
from tests.growth import at_once

SEEDS = PROJECT / "seeds"
PUBMED = SEEDS / "003_93164bd6e16eac55.txt"
SUMMARY = SEEDS / "000_d3ff1e00504ffd8a.txt"

PAPER = "# Lamps at dusk\n\n**DOI:** 10.5555/lamp.9\n\n## Abstract\n\nMoths like lamps, and we say why.\n"


def quotes(review: Review, kind: str) -> list[str]:
    return [review.text[s.start : s.end] for s in review.sections if s.kind == kind]


def reason(path: Path) -> str:
    with pytest.raises(UnreadableReview) as caught:
        read_review(path)
    assert str(caught.value).startswith(path.name)
    return str(caught.value)


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_the_pubmed_seed_states_its_facts_in_its_own_lines() -> None:
    review = read_review(PUBMED)
    assert review.title == "Beyond the blood: expanding CAR T cell therapy to solid tumors"
    assert (review.authors, review.journal, review.year, review.date) == (
        ("Ugur Uslu",),
        "Nat Biotechnol",
        2025,
        "2025 Apr",
    )
    assert (review.id, review.doi) == ("10.1038/s41587-024-02446-2", "10.1038/s41587-024-02446-2")
    assert (review.pmid, review.pmcid, review.mesh, review.entities) == (None, None, (), ())
    assert review.files == ("seeds/003_93164bd6e16eac55.txt",)
    assert quotes(review, "bibliographic") == [
        "Review",
        ". 2025 Apr;43(4):506-515.",
        "doi: 10.1038/s41587-024-02446-2. Epub 2024 Nov 12.",
        "Beyond the blood: expanding CAR T cell therapy to solid tumors",
        "Ugur Uslu\u00a0et al. Nat Biotechnol. 2025 Apr.",
    ]
    assert [text[:9] + text[-12:] for text in quotes(review, "abstract")] == ["Chimeric  landscapes."]
    assert [text[:22] for text in quotes(review, "competing interests")] == ["Competing interests: C"]
    assert [text[:3] for text in quotes(review, "references")] == ["1. "]


def test_the_summary_seed_tells_the_pages_words_from_the_authors() -> None:
    review = read_review(SUMMARY)
    assert review.title == "Engineering Immunity: Current Progress and Future Directions of CAR-T Cell Therapy"
    assert review.authors == ("Mouldy Sioud", "Nicholas Paul Casey")
    assert (review.id, review.pmcid, review.year) == ("10.3390/ijms27020909", "PMC12841095", 2026)
    assert (review.journal, review.url) == (None, "https://tomesphere.com/paper/PMC12841095")
    assert [(s.heading, s.kind, s.provenance) for s in review.sections] == [
        ("Title", "bibliographic", "authors"),
        ("Authors", "bibliographic", "authors"),
        ("Citation", "bibliographic", "authors"),
        ("TL;DR", "summary", "page"),
        ("Contribution", "summary", "page"),
        ("Key findings", "summary", "page"),
        ("Abstract", "abstract", "authors"),
        ("Linked entities", "entities", "page"),
        ("Full-text entities", "entities", "page"),
        ("Page", "boilerplate", "page"),
        ("Page", "boilerplate", "page"),
    ]
    assert len(review.entities) == 9
    assert review.entities[2].identifiers == ("NCBI Gene 930",)


@pytest.mark.parametrize("seed", [PUBMED, SUMMARY])
@pytest.mark.parametrize(
    "rewrite",
    [
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: b"\xff\xfe" + raw.decode().encode("utf-16-le"),
        lambda raw: b"\xfe\xff" + raw.decode().encode("utf-16-be"),
        lambda raw: raw + b"\n\n\n   \n",
    ],
    ids=["windows line ends", "bom", "utf-16-le", "utf-16-be", "blank end"],
)
def test_the_bytes_of_a_page_do_not_matter_to_its_facts(
    seed: Path, rewrite: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    plain = read_review(seed)
    other = read_review(written(tmp_path, "page.md", rewrite(seed.read_bytes())))
    assert not other.text.startswith("\ufeff")
    for name in ("id", "title", "authors", "journal", "year", "date", "doi", "pmcid", "url"):
        assert getattr(other, name) == getattr(plain, name)
    assert [(s.heading, s.kind) for s in other.sections] == [(s.heading, s.kind) for s in plain.sections]


def test_windows_line_ends_and_no_break_spaces_stay_in_the_text(tmp_path: Path) -> None:
    text = PAPER.replace("\n", "\r\n").replace("Moths like", "Moths\u00a0like")
    review = read_review(written(tmp_path, "a.txt", text))
    assert review.text == text
    assert quotes(review, "abstract") == ["Moths\u00a0like lamps, and we say why."]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf  \n", "empty"),
        ("\u200b\u200b\n".encode(), "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "image"),
        (b"GIF89a\x01\x00", "image"),
        (b"PK\x03\x04\x14\x00", "damaged archive or Word document"),
        (b"# Moss\n", "too few words"),
        (b"<html><body><h1>Moss</h1><p>It is on walls.</p></body></html>", "too few words"),
        (b"{\\rtf1 Lamps}", "rich-text"),
        (bytes(range(256)) * 40, "binary"),
        (b"MZ\x90\x00\x03\x00\x00\x00" * 9, "binary"),
        ("A title\n\nLamps — and dusk — and more".encode() + b"\xe2\x80" + "…".encode() * 3, "UTF-8"),
        (("Лампы и мотыльки, " * 9).encode("cp1251"), "UTF-8"),
        (b"Skip to main page content\nU.S. flag\nAccess keys NCBI Homepage\nLog in\n", "frame of a page"),
        (b"404 Not Found\n\nThe page you asked for was not found.", "frame of a page"),
    ],
)
def test_what_cannot_be_a_review_is_refused_with_its_reason(content: bytes, why: str, tmp_path: Path) -> None:
    assert why in reason(written(tmp_path, "page.txt", content))


def test_latin_1_is_read_with_its_accents(tmp_path: Path) -> None:
    text = "# Élodie Grünwald: lampes\n\n## Abstract\n\nÀ 5 µm, 3 ± 1 °C, « dusk » est “tôt”.\n"
    review = read_review(written(tmp_path, "page.txt", text.encode("cp1252")))
    assert review.text == text


def test_a_file_of_150_mb_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "large.txt", b"")
    os.truncate(path, 150_000_000)
    assert "150.0 MB, the limit is 100 MB" in reason(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert "cannot be opened" in reason(tmp_path / "nowhere.txt")


def test_reading_takes_time_in_proportion_to_the_size(tmp_path: Path) -> None:
    for name, content in {
        "one word": "# Lamps\n\n" + "x" * 10_000_000,
        "one line": "a " * 5_000_000,
        "many lines": "Lamps\n" * 150_000,
        "one list": "# L\n\n## TL;DR\n\n- **Genes:** " + "A(b)" * 500_000,
    }.items():
        path = written(tmp_path, "long.txt", content)
        with at_once(name, seconds=20):
            read_review(path)


def test_more_lines_than_a_paper_has_are_refused(tmp_path: Path) -> None:
    assert "more than 2,000,000 lines" in reason(written(tmp_path, "long.txt", "a\n" * 2_100_000))


def test_a_folder_reads_in_the_order_of_its_paths_and_skips_with_a_line_each(tmp_path: Path) -> None:
    for number, name in enumerate(["b.md", "a.txt", "sub/c.MARKDOWN"]):
        written(tmp_path, name, f"# Lamp number {number}\n\n## Abstract\n\nLamp {number} is lit at dusk.\n")
    written(tmp_path, "empty.txt", b"")
    written(tmp_path, "sub/picture.txt", b"GIF89a")
    for ignored in (
        "README.md",
        "readme-too.txt",
        ".hidden.txt",
        ".git/x.txt",
        "questions.jsonl",
    ):
        written(tmp_path, ignored, "# Not a review\n\nBut long enough to be read as one.")
    told: list[tuple[int, int]] = []
    library = read_folder(tmp_path, on_progress=lambda done, total: told.append((done, total)))
    assert [review.files for review in library.reviews] == [
        (f"{tmp_path.name}/a.txt",),
        (f"{tmp_path.name}/b.md",),
        (f"{tmp_path.name}/sub/c.MARKDOWN",),
    ]
    assert library.skipped == (
        "empty.txt: the file is empty",
        "sub/picture.txt: the file is an image, not text; recognise its text first (ocrmypdf)",
    )
    assert told == [(number, 5) for number in range(1, 6)]


def test_the_seeds_are_two_reviews_and_nothing_is_skipped() -> None:
    library = read_folder(SEEDS)
    assert [review.id for review in library.reviews] == ["10.3390/ijms27020909", "10.1038/s41587-024-02446-2"]
    assert library.skipped == ()


def test_an_empty_folder_is_a_library_without_reviews(tmp_path: Path) -> None:
    assert read_folder(tmp_path) == Folder((), ())


def test_a_missing_folder_says_what_to_put_there(tmp_path: Path) -> None:
    with pytest.raises(NoReviews, match=r"nowhere.*put the papers there"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(NoReviews):
        read_folder(written(tmp_path, "file.txt", PAPER))


def test_the_same_doi_is_one_review_with_the_fuller_text_and_both_files(tmp_path: Path) -> None:
    written(tmp_path, "a.md", PAPER)
    fuller = (
        PAPER.replace("10.5555/lamp.9", "https://doi.org/10.5555/LAMP.9")
        + "\n## Introduction\n\nMuch more of the paper.\n"
    )
    written(tmp_path, "b.md", fuller)
    written(tmp_path, "c.md", PAPER.replace("lamp.9", "lamp.10").replace("why", "how"))
    library = read_folder(tmp_path)
    assert [review.id for review in library.reviews] == ["10.5555/lamp.9", "10.5555/lamp.10"]
    assert library.reviews[0].text == fuller
    assert library.reviews[0].files == (f"{tmp_path.name}/b.md", f"{tmp_path.name}/a.md")


def test_the_same_text_twice_is_one_review_kept_from_the_first_file(tmp_path: Path) -> None:
    text = "Lamps at dusk\n\nThey are lit, and moths come to them in numbers that nobody has counted.\n"
    written(tmp_path, "b.txt", text)
    written(tmp_path, "a.txt", text.replace("\n", "\r\n"))
    (review,) = read_folder(tmp_path).reviews
    assert review.files == (f"{tmp_path.name}/a.txt", f"{tmp_path.name}/b.txt")
    assert "\r\n" in review.text


def test_copies_complete_each_others_facts(tmp_path: Path) -> None:
    written(tmp_path, "a.md", PAPER + "\n## Discussion\n\nLong talk about lamps.\n")
    written(tmp_path, "b.md", PAPER.replace("**DOI", "Ann Wick, Bo Flint\n\n**Journal:** J Lamp\n\n**DOI"))
    (review,) = read_folder(tmp_path).reviews
    assert (review.authors, review.journal) == (("Ann Wick", "Bo Flint"), "J Lamp")
    assert "Long talk" in review.text


BARE = """# Amber lamps and the moths of a northern valley

Ann Wick, Bo Flint

**Journal:** J Moth

**Date:** 2021{doi}

## Abstract

Moths came to amber lamps in eight of ten nights, and to white lamps in all of them, as long as it was warm{more}.
"""


@pytest.mark.parametrize(
    ("change", "papers"),
    [
        (("", ""), 1),
        (("Ann Wick, Bo Flint", "Cy Reed, Di Moor"), 2),
        (("2021", "2019"), 2),
        (("northern", "southern"), 2),
        (("2021", "2021\n\n**DOI:** 10.5555/moth.8"), 2),
    ],
)
def test_a_copy_without_a_number_is_known_by_title_author_and_year(
    tmp_path: Path, change: tuple[str, str], papers: int
) -> None:
    written(tmp_path, "a.md", BARE.format(doi="\n\n**DOI:** 10.5555/moth.7", more=""))
    written(tmp_path, "b.md", BARE.format(doi="", more=" and dark").replace(*change))
    reviews = read_folder(tmp_path).reviews
    assert len(reviews) == papers and reviews[0].doi == "10.5555/moth.7"


def test_a_file_name_with_a_line_break_stays_on_one_line(tmp_path: Path) -> None:
    written(tmp_path, "two\nlines.txt", b"")
    assert read_folder(tmp_path).skipped == ("two\ufffdlines.txt: the file is empty",)


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("doi: 10.1038/s41587-024-02446-2. Epub", "10.1038/s41587-024-02446-2"),
        ("https://doi.org/10.1016/S0140-6736(20)30183-5)", "10.1016/s0140-6736(20)30183-5"),
        ("[10.5555/a](https://doi.org/10.5555/a)", "10.5555/a"),
        (
            "DOI:10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2",
            "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2",
        ),
        ("version 10.1 of 2020/21", None),
        ("10.5555/lampReceived", "10.5555/lamp"),
        ("doi:10.5555/lamp.2021.33Epub 2021 May 3", "10.5555/lamp.2021.33"),
        ("10.5555/S0140(20)30183-5Accepted: 3 May", "10.5555/s0140(20)30183-5"),
        ("10.5555/lamp.33;PMID:10000001", "10.5555/lamp.33"),
        ("10.1615/CritRevLamps.v25.i3.10", "10.1615/critrevlamps.v25.i3.10"),
        ("10.2119/2006-00042.Erbayraktar", "10.2119/2006-00042.erbayraktar"),
        ("10.1385/NCC:2:3:274", "10.1385/ncc:2:3:274"),
    ],
)
def test_a_doi_is_found_without_what_follows_it(text: str, doi: str | None) -> None:
    assert find_doi(text) == doi


def test_pmid_and_pmcid_are_written_in_one_way() -> None:
    assert find_pmid("PMID:\u00a000123456") == "123456"
    assert find_pmid("https://pubmed.ncbi.nlm.nih.gov/39533106/") == "39533106"
    assert find_pmcid("PMCID: pmc 12841095 (available later)") == "PMC12841095"
    assert find_pmid("PMID: none") is None
