"""A paper-summary page reads the same whatever its order, its separators and what it leaves out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sources import summary
from rag.types import Review
from tests.sources.files import only_review, text_file

TITLE = "Lamps at Dusk: What Moths, Glass and *Lampyris* Teach Us"
ABSTRACT = "We reviewed 41 lamps. Glass lamps attract 12% more moths (95% CI 9–15); *Lampyris* is not a lamp."
SECTIONS = {
    "TL;DR": "Moths like glass lamps, and the reason is heat.",
    "Contribution": "The paper sorts lamps by what they attract.",
    "Key findings": "- Glass attracts moths.\n- Heat matters more than light.",
    "Limitations": "- No lamp was tested in rain.",
    "Why it matters": "Streets could be kinder to moths.",
    "Abstract": ABSTRACT,
    "Linked entities": "- **Proteins:** LUC (luciferase, firefly)",
    "Full-text entities": (
        "- **Genes:** LUC1 (luciferase 1) [NCBI Gene 4242] {aka GLOW, F-LUC}, OPN4 (opsin 4) [NCBI Gene 94233]\n"
        "- **Chemicals:** 1,2-dioxetane (MESH:C012345), water (CHEBI:15377; PubChem CID 962)\n"
        "- **Species:** Lampyris noctiluca (common glow-worm, species) [taxon 7094]"
    ),
    "References": "1. Wick A. On wicks. Lamp J. 2001. https://doi.org/10.5555/other.1",
    "Competing interests": "A.W. sells lamps.",
    "Funding": "The Dusk Trust paid for the moths.",
    "Related papers": "- [Candles at dawn](https://pages.example/paper/PMC7777777)",
    "Figures": "4 figures with captions in the complete paper: https://pages.example/paper/PMC1234567/full.md",
}
HEADERS = [
    "**Authors:** Ann Wick, Bo van den Flint\n\nJ Lamp Sci · DOI: 10.5555/Lamp.9 · 2024-05-01",
    "**Authors**: Ann Wick and Bo van den Flint\n\nJ Lamp Sci | https://doi.org/10.5555/LAMP.9 | 2024-05-01",
    (
        "Authors: Ann Wick¹*; Bo van den Flint²\n\n"
        "J Lamp Sci • DOI: [10.5555/lamp.9](https://doi.org/10.5555/lamp.9) • 2024-05-01"
    ),
    (
        "- **Authors:** Ann Wick, Bo van den Flint\n- **Journal:** J Lamp Sci\n"
        "- **DOI:** 10.5555/lamp.9\n- **Published:** 2024-05-01"
    ),
    "**Authors:** Ann Wick, Bo van den Flint · **Journal:** J Lamp Sci · **Date:** 2024-05-01 · doi:10.5555/lamp.9",
    "By Ann Wick and Bo van den Flint\n\nPublished in J Lamp Sci, 2024-05-01\n\ndoi:10.5555/lamp.9",
    "*Ann Wick, Bo van den Flint*\n\nJ Lamp Sci, 2024-05-01, DOI: 10.5555/lamp.9.",
]
SOURCE = "---\nSource: https://pages.example/paper/PMC1234567"


def page(header: str, names: list[str]) -> str:
    return "\n\n".join([f"# {TITLE}", header, *(f"## {name}\n\n{SECTIONS[name]}" for name in names), SOURCE])


def read(text: str) -> Review:
    return only_review(text, summary)


def wording(review: Review, heading: str) -> str:
    return "\n".join(review.text[s.start : s.end] for s in review.sections if s.heading == heading)


@given(st.sampled_from(HEADERS), st.permutations(list(SECTIONS)), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_order_separator_and_line_end_give_the_same_facts(
    header: str, names: list[str], line_end: str, no_break: bool
) -> None:
    text = page(header, names).replace("\n", line_end)
    review = read(text.replace(" · ", "\u00a0·\u00a0") if no_break else text)
    assert review.title == "Lamps at Dusk: What Moths, Glass and Lampyris Teach Us"
    assert review.authors == ("Ann Wick", "Bo van den Flint")
    assert (review.journal, review.date, review.year) == ("J Lamp Sci", "2024-05-01", 2024)
    assert (review.id, review.doi, review.pmcid) == ("10.5555/lamp.9", "10.5555/lamp.9", "PMC1234567")
    assert review.url == "https://pages.example/paper/PMC1234567"
    assert wording(review, "Abstract") == ABSTRACT
    assert {s.heading: (s.kind, s.provenance) for s in review.sections if s.heading in SECTIONS} == {
        **dict.fromkeys(list(SECTIONS)[:5], ("summary", "page")),
        "Abstract": ("abstract", "authors"),
        "Linked entities": ("entities", "page"),
        "Full-text entities": ("entities", "page"),
        "References": ("references", "authors"),
        "Competing interests": ("competing interests", "authors"),
        "Funding": ("bibliographic", "authors"),
    }


@given(st.permutations(list(SECTIONS)))
def test_links_to_other_papers_and_to_the_page_itself_are_boilerplate(names: list[str]) -> None:
    review = read(page(HEADERS[0], names))
    kept = "\n".join(review.text[s.start : s.end] for s in review.sections if s.kind != "boilerplate")
    for frame in ("Candles at dawn", "4 figures", "Source:"):
        assert frame in review.text
        assert frame not in kept


def test_entities_keep_identifiers_aliases_and_their_place() -> None:
    review = read(page(HEADERS[0], list(SECTIONS)))
    known = {(e.kind, e.name): e for e in review.entities}
    assert list(known) == [
        ("Proteins", "LUC"),
        ("Genes", "LUC1"),
        ("Genes", "OPN4"),
        ("Chemicals", "1,2-dioxetane"),
        ("Chemicals", "water"),
        ("Species", "Lampyris noctiluca"),
    ]
    gene = known["Genes", "LUC1"]
    assert (gene.identifiers, gene.aliases) == (("NCBI Gene 4242",), ("GLOW", "F-LUC"))
    assert review.text[gene.start : gene.end] == "LUC1 (luciferase 1) [NCBI Gene 4242] {aka GLOW, F-LUC}"
    assert known["Chemicals", "1,2-dioxetane"].identifiers == ("MESH:C012345",)
    assert known["Chemicals", "water"].identifiers == ("CHEBI:15377", "PubChem CID 962")
    assert known["Species", "Lampyris noctiluca"].identifiers == ("taxon 7094",)


@pytest.mark.parametrize(
    ("header", "authors", "journal", "doi", "year"),
    [
        ("", (), None, None, None),
        ("PMC · DOI: 10.5555/lamp.9 · 2024-05-01", (), None, "10.5555/lamp.9", 2024),
        ("**Authors:** Ann Wick\n\nPMC · 2024", ("Ann Wick",), None, None, 2024),
        ("**Authors:** Ann Wick, +12 more\n\nbioRxiv · May 2023", ("Ann Wick",), "bioRxiv", None, 2023),
        ("PMC · DOI: 10.5555/LAMP/2021/9", (), None, "10.5555/lamp/2021/9", None),
        ("**Authors:** Ann Wick et al.\n\nPMC · Review · 12 citations", ("Ann Wick",), None, None, None),
    ],
)
def test_what_the_page_leaves_out_stays_out(
    header: str, authors: tuple[str, ...], journal: str | None, doi: str | None, year: int | None
) -> None:
    review = read(page(header, ["TL;DR", "Abstract", "References"]))
    assert (review.authors, review.journal, review.doi, review.year) == (authors, journal, doi, year)
    assert review.id == doi or review.id == "pmcid:PMC1234567"


def test_facts_may_stand_in_sections_of_their_own() -> None:
    details = "## Authors\n\nAnn Wick, Bo Flint\n\n## Publication details\n\n- **Journal:** J Lamp\n- **Year:** 2024"
    cite = "## How to cite\n\nWick A, Flint B. Lamps. J Lamp. 2024;3:1-9. doi: 10.5555/lamp.9"
    review = read(page("", ["TL;DR", "Abstract", "References"]).replace(SOURCE, f"{details}\n\n{cite}\n\n{SOURCE}"))
    assert (review.authors, review.journal, review.year) == (("Ann Wick", "Bo Flint"), "J Lamp", 2024)
    assert review.doi == "10.5555/lamp.9"


def test_a_structured_abstract_keeps_one_section_a_label() -> None:
    text = page(HEADERS[0], ["TL;DR"]).replace(
        SOURCE,
        "## Abstract\n\n### Background\n\nDusk falls.\n\n### Results\n\nMoths come.\n\n## Impact\n\nMuch.\n\n" + SOURCE,
    )
    review = read(text)
    assert [(s.heading, s.kind) for s in review.sections if s.kind in {"abstract", "summary"}] == [
        ("TL;DR", "summary"),
        ("Abstract: Background", "abstract"),
        ("Abstract: Results", "abstract"),
        ("Impact", "summary"),
    ]


def test_full_text_on_the_page_is_the_authors_and_a_link_to_it_is_not() -> None:
    prose = "Lamps have been lit at dusk since people have had both lamps and dusk, " * 3
    whole = read(
        page(HEADERS[0], ["TL;DR", "Abstract"]).replace(
            SOURCE, f"## Introduction\n\n{prose}\n\n## Wicks\n\nA wick burns."
        )
    )
    assert [(s.heading, s.kind, s.provenance) for s in whole.sections[-2:]] == [
        ("Introduction", "body", "authors"),
        ("Wicks", "body", "authors"),
    ]
    link = "## Full text\n\nRead it at https://pages.example/full.md\n\n## Impact\n\nIt changed dusk."
    linked = read(page(HEADERS[0], ["TL;DR", "Abstract"]).replace(SOURCE, link))
    assert [(s.kind, s.provenance) for s in linked.sections[-2:]] == [("boilerplate", "page"), ("summary", "page")]


def test_mesh_terms_of_a_summary_page_are_kept_apart_from_its_entities() -> None:
    mesh = "## MeSH terms\n\n- Moths\n- Light, Artificial*"
    review = read(page(HEADERS[0], ["TL;DR", "Abstract", "Linked entities"]).replace(SOURCE, mesh))
    assert review.mesh == ("Moths", "Light, Artificial")
    assert [entity.name for entity in review.entities] == ["LUC"]


def test_a_paper_in_markdown_is_no_summary_page() -> None:
    head = f"# {TITLE}\n\nAnn Wick, Bo Flint\n\n## Abstract\n\n{ABSTRACT}"
    paper = f"{head}\n\n## Introduction\n\nLamps.\n\n## References\n\n1. X."
    assert not summary.recognises(text_file(paper))
