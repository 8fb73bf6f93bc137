"""A saved PubMed page reads the same whatever its frame, the order of its sections and the form of its lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sources import pubmed, read_review
from rag.types import Review
from tests.sources.files import only_review, text_file

PAGES = Path(__file__).parent / "pages"

TITLE = "Tidal rhythms in harbour clocks: a review of brass and barnacles"
AUTHORS = ("Odalys van der Meer", "Tomoko O'Rourke-Sato", "J B Quill")
NUMBERED = "Odalys van der Meer 1 2, Tomoko O'Rourke-Sato 3, J B Quill 1"
SHORT = "Odalys van der Meer et al. J Harb Chronol. 2021 Jul."
DOI = "10.5555/jhc.2021(7)0042"
PAPER = "Brass clocks near the sea lose four minutes a month. We ask why, and what barnacles have to do with it."

BANNER = """Skip to main page content
U.S. flag

An official website of the United States government

Dot gov

The .gov means it’s official.
Federal government websites often end in .gov or .mil. Before sharing sensitive information, make sure you’re on a \
federal government site.

Access keys NCBI Homepage MyNCBI Homepage Main Content Main Navigation
"""
COPIED = """Tidal rhythms in harbour clocks: a review of brass and barnacles - PubMed
Skip to main page content
U.S. flagAn official website of the United States government Here's how you know
NIH NLM LogoLog in
Access keysNCBI HomepageMyNCBI HomepageMain ContentMain Navigation
pubmed logo
Search:
Display options
Format
Abstract
PubMed
PMID
Add to Collections
Unable to load your collection due to an error
Please try again
Unable to load your collection due to an error
Full text links
Quayside Press full text link
Actions
Cite
Permalink
Page navigation
Title & authors
Abstract
Conflict of interest statement
Similar articles
References
MeSH terms
LinkOut - more resources
"""
SECTIONS = {
    "coi": "Conflict of interest statement\n\nJBQ owns a chandlery. The others declare nothing.",
    "similar": (
        "Similar articles\n\n    Lighthouse lamps at dusk.\n    Wick A, Flint B.\n    Lamp Sci. 2019 Jan;2(1):3-9. "
        "doi: 10.5555/lamp.9. PMID: 11111111\nSee all similar articles"
    ),
    "cited": "Cited by\n\n    Clocks after rain.\n    Drip C.\n    Rain Res. 2022;1:1. doi: 10.5555/rain.1. PMID: 2222",
    "references": "References\n\n    1. Gear H. On cogs. Cog Rev. 2001;3:1-2. doi: 10.5555/cog.3. - PubMed - DOI\n"
    "    1. Pinion K. On teeth. Cog Rev. 2002;4:5-6. PMID: 33333333",
    "mesh": "MeSH terms\n\n    Animals\n    Brass / chemistry*\n    Thoracica, Sessile* / growth & development",
    "substances": "Substances\n\n    Copper\n    Alloys, Marine, Yellow",
    "grants": "Grants and funding\n\n    HC-7731/Harbour Trust",
    "figures": "Figures\n\nFigure 1\nFigure 1. A clock with barnacles.",
    "comment": "Comment in\n\n    Time and tide. Nobody N. J Harb Chronol. 2022;1:2. doi: 10.5555/tide.1. PMID: 44444",
    "linkout": "LinkOut - more resources\n\n    Full Text Sources\n        Quayside Press",
}
AUTHOR_FORMS = {
    "numbered": NUMBERED,
    "tight": "Odalys van der Meer1,Tomoko O'Rourke-Sato3,J B Quill1",
    "plain": "Odalys van der Meer, Tomoko O'Rourke-Sato, J B Quill",
    "superscript": "Odalys van der Meer¹ ²*, Tomoko O'Rourke-Sato³ and J B Quill¹†",
    "one a line": "Odalys van der Meer 1 2,\nTomoko O'Rourke-Sato 3,\nJ B Quill 1",
    "numbers apart": "Odalys van der Meer\n1\n2\n,\nTomoko O'Rourke-Sato\n3\n,\nJ B Quill\n1",
    "labelled": "Authors: Odalys van der Meer, Tomoko O'Rourke-Sato, J B Quill",
    "no-break": NUMBERED.replace(" 1", "\u00a01").replace(" 3", "\u00a03"),
}
ABSTRACT_FORMS = {
    "plain": f"Abstract\n\n{PAPER}",
    "inline": f"Abstract\n\nBackground: {PAPER}\n\nConclusions: Paint them.",
    "labelled": f"Abstract\n\nBackground\n\n{PAPER}\n\nConclusions:\n\nPaint them.",
    "capitals": f"ABSTRACT:\n{PAPER}",
    "same line": f"Abstract: {PAPER}",
}


@dataclass(frozen=True)
class Page:
    """The choices that make one page of the same paper differ from another."""

    frame: str = BANNER
    publication_type: str = "Review\n"
    journal: str = "J Harb Chronol\n"
    citation: str = f". 2021 Jul;12(7):42-58.\ndoi: {DOI}. Epub 2021 May 3.\n"
    authors: str = NUMBERED
    affiliations: str = (
        "Affiliations\n\n    1 Institute of Tides, Port Ellery.\n    2 Clock Unit, Quay.\n    3 Sato College."
    )
    identifiers: str = f"PMID: 34123456 PMCID: PMC8123456 DOI: {DOI}"
    short: str = f"Review\n\n{TITLE}\n\n{SHORT}"
    abstract: str = ABSTRACT_FORMS["plain"]
    keywords: str = "Keywords: barnacles; brass; tides.\n\n© 2021 The Authors."
    order: tuple[str, ...] = tuple(SECTIONS)

    def text(self) -> str:
        """Return the page as it would be saved."""
        head = f"{self.publication_type}{self.journal}{self.citation}\n{TITLE}\n\n{self.authors}\n{self.affiliations}\n"
        below = [self.identifiers, self.short, self.abstract, self.keywords, "PubMed Disclaimer"]
        return "\n\n".join([self.frame + head, *below, *(SECTIONS[name] for name in self.order)]) + "\n"


pages = st.builds(
    Page,
    frame=st.sampled_from([BANNER, COPIED, ""]),
    publication_type=st.sampled_from(
        ["Review\n", "Randomized Controlled Trial\nMulticenter Study\n", "Meta-Analysis\n", ""]
    ),
    journal=st.sampled_from(["J Harb Chronol\n", "J Harb Chronol\nActions\n\nSearch in PubMed\nAdd to Search\n\n", ""]),
    citation=st.sampled_from(
        [
            f". 2021 Jul;12(7):42-58.\ndoi: {DOI}. Epub 2021 May 3.\n",
            f". 2021 Jul;12(7):42-58. doi: {DOI}. Online ahead of print.\n",
            f".\u00a02021\u00a0Jul;12(7):42-58.\n\ndoi:\u00a0{DOI}.\n",
        ]
    ),
    authors=st.sampled_from(sorted(AUTHOR_FORMS.values())),
    affiliations=st.sampled_from(
        [Page.affiliations, Page.affiliations.replace("Affiliations", "Affiliations Expand"), "Affiliations"]
    ),
    identifiers=st.sampled_from(
        [
            Page.identifiers,
            f"PMID: 34123456\nPMCID: PMC8123456\nDOI: {DOI}",
            f"PMID:\n34123456\nPMCID:\nPMC8123456\nDOI:\n{DOI}",
        ]
    ),
    short=st.sampled_from(
        [
            Page.short,
            f"{TITLE}\n\nOdalys van der Meer\u00a0et al. J Harb Chronol. 2021 Jul.\nShow details",
            f"Item in Clipboard\n{TITLE}\nOdalys van der Meer et al.\nJ Harb Chronol. 2021 Jul.",
        ]
    ),
    abstract=st.sampled_from(sorted(ABSTRACT_FORMS.values())),
    keywords=st.sampled_from([Page.keywords, "", "Keywords: barnacles; brass; tides."]),
    order=st.permutations(list(SECTIONS)).map(tuple),
)


def read(text: str) -> Review:
    return only_review(text, pubmed)


def quotable(review: Review, *kinds: str) -> str:
    return "\n".join(review.text[s.start : s.end] for s in review.sections if s.kind in kinds)


@given(pages, st.sampled_from(["\n", "\r\n"]))
def test_any_form_of_the_page_gives_the_same_facts(page: Page, line_end: str) -> None:
    review = read(page.text().replace("\n", line_end))
    assert review.title == TITLE
    assert review.authors == AUTHORS
    assert review.journal == "J Harb Chronol"
    assert (review.year, review.date and review.date.replace("\u00a0", " ")) == (2021, "2021 Jul")
    assert (review.doi, review.pmid, review.pmcid) == (DOI, "34123456", "PMC8123456")
    assert review.mesh == ("Animals", "Brass / chemistry", "Thoracica, Sessile / growth & development")
    assert [entity.name for entity in review.entities] == ["Copper", "Alloys, Marine, Yellow"]


@given(pages)
def test_any_form_of_the_page_keeps_the_abstract_and_never_the_frame(page: Page) -> None:
    review = read(page.text())
    assert PAPER in quotable(review, "abstract")
    assert quotable(review, "competing interests") == SECTIONS["coi"].split("\n\n")[1]
    kept = quotable(review, "bibliographic", "abstract", "body", "summary", "competing interests", "entities")
    for foreign in (
        "Lighthouse",
        "Clocks after rain",
        "On cogs",
        "Time and tide",
        "with barnacles",
        "Quayside",
        "Dot gov",
        "Search",
    ):
        assert foreign not in kept
    for fact in (TITLE, "van der Meer", "2021", "34123456", "HC-7731"):
        assert fact in quotable(review, "bibliographic")


ISSUE = f". 2021 Jul;12(7):42-58.\ndoi: {DOI}."
HEADS = {
    "no journal, no short citation": f"Review\n{ISSUE}\n\n{TITLE}\n\n{NUMBERED}\nAffiliations",
    "no publication type": f". 2021 Jul;12(7):42-58.\n\n{TITLE}\n\nAffiliations\n\n{TITLE}\n\n{SHORT}",
    "short block only": f"Review\n\n{TITLE}\n\n{SHORT}",
    "title first": f"{TITLE}\n\n{NUMBERED}\n\nJ Harb Chronol. 2021 Jul;12(7):42-58. doi: {DOI}.",
    "one author": f"{TITLE}\nJ B Quill\nJ Harb Chronol. 2021 Jul;12(7):42-58. doi: {DOI}.",
    "pubmed before 2020": (
        f"Format: Abstract\nSend to\nJ Harb Chronol. 2021 Jul;12(7):42-58. doi: {DOI}. Epub 2021 May 3.\n{TITLE}\n"
        "van der Meer O1,2, O'Rourke-Sato T3.\nAuthor information\n1\nInstitute of Tides."
    ),
    "title above the type": f"{TITLE}\nReview\nJ Harb Chronol\n{ISSUE}\n{NUMBERED}\nAffiliations\n1 Tide House.",
    "unknown button above the title": (
        f"Review\nJ Harb Chronol\n{ISSUE}\nSome new button of the site\n{TITLE}\nReview\n{TITLE}\n{SHORT}"
    ),
    "preprint": f"bioRxiv\n[Preprint]. 2021 Jul 3:2021.07.03.433.\ndoi: {DOI}.\n\n{TITLE}\n\n{NUMBERED}\nAffiliations",
    "group of authors": f"{ISSUE}\n\n{TITLE}\n\nTide Study Group; J B Quill 1\nCollaborators, Affiliations",
    "title only": TITLE,
    "markdown": f"# {TITLE}\n\nReview\nJ Harb Chronol\n{ISSUE}\n\n{NUMBERED}\n\n## Affiliations\n\n- 1 Tide House.",
}
BELOW = f"\n\nAbstract\n\n{PAPER}\n\nPubMed Disclaimer\n\n{SECTIONS['similar']}\n"


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
@pytest.mark.parametrize("frame", [BANNER, ""], ids=["banner", "no banner"])
def test_the_title_is_right_in_heads_with_missing_and_misplaced_lines(head: str, frame: str) -> None:
    review = read(frame + head + BELOW)
    assert review.title == TITLE
    assert [review.text[s.start : s.end] for s in review.sections if s.heading == "Title"] == [TITLE]
    assert review.doi in (DOI, None)


def test_authors_of_a_short_citation_are_those_it_names() -> None:
    two = "J B Quill and Tom Oar. J Harb Chronol. 2021 Jul."
    assert read(f"{BANNER}{ISSUE}\n\n{TITLE}\n\nAffiliations\n\n{TITLE}\n\n{two}{BELOW}").authors == (
        "J B Quill",
        "Tom Oar",
    )
    one = f"Review\n\n{TITLE}\n\n{SHORT}"
    assert read(BANNER + one + BELOW).authors == ("Odalys van der Meer",)


def test_without_an_id_of_its_own_a_page_never_takes_one_of_another_paper() -> None:
    review = read(
        f"{BANNER}Review\n. 2021 Jul;12(7):42-58.\n\n{TITLE}\n\nAffiliations{BELOW}\n\n{SECTIONS['references']}"
    )
    assert (review.doi, review.pmid) == (None, None)
    assert review.id.startswith("sha256:")


def test_an_abstract_needs_no_heading() -> None:
    paragraph = f"{PAPER} We went to nine harbours, and in each of them we asked the keeper of the clock about it."
    head = f"Review\nJ Harb Chronol\n{ISSUE}\n\n{TITLE}\n\n{NUMBERED}\nAffiliations\n\n1 Tide House.\n\nPMID: 34123456"
    review = read(f"{BANNER}{head}\n\n{paragraph}\n\nCopyright © 2021 Quay. All rights reserved.\n\nPubMed Disclaimer")
    assert quotable(review, "abstract") == paragraph
    assert "rights reserved" not in quotable(review, "bibliographic")


def test_a_record_without_abstract_is_still_a_review(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text(f"{BANNER}. 2021 Jul;1(1):1-2.\n\n{TITLE}\n\n{NUMBERED}\nPMID: 34123456\nNo abstract available\n")
    assert read_review(path).id == "pmid:34123456"


def test_labels_on_their_own_lines_divide_the_abstract() -> None:
    review = read(Page(abstract=ABSTRACT_FORMS["labelled"]).text())
    assert [s.heading for s in review.sections if s.kind == "abstract"] == [
        "Abstract: Background",
        "Abstract: Conclusions",
    ]


def test_a_page_copied_from_the_browser_keeps_nothing_of_its_frame() -> None:
    review = read_review(PAGES / "pubmed_copied.txt")
    assert review.title == "Sleepiness after a second pot of tea in night librarians"
    assert review.authors == ("Abimelech D Mumble", "Ann B Massey", "Mei-Chen Wong", "Dora L Segal")
    assert (review.journal, review.date, review.pmid, review.pmcid) == (
        "Ann Teatime Med",
        "2014 Feb 12",
        "24000001",
        "PMC4000001",
    )
    assert review.mesh == ("Adult", "Sleep Stages / drug effects", "Tea / adverse effects")
    assert [(s.heading, s.kind) for s in review.sections if s.kind != "boilerplate"] == [
        ("Journal", "bibliographic"),
        ("Citation", "bibliographic"),
        ("Title", "bibliographic"),
        ("Authors", "bibliographic"),
        ("Identifiers", "bibliographic"),
        ("Abstract", "abstract"),
        ("Conflict of interest statement", "competing interests"),
        ("References", "references"),
        ("Publication type", "bibliographic"),
        ("MeSH terms", "entities"),
        ("Funding", "bibliographic"),
    ]


def test_a_clipped_page_with_buttons_in_its_lists_gives_each_fact_once() -> None:
    review = read_review(PAGES / "pubmed_clipped.txt")
    assert review.title == "Nettle soup is absorbed by hungry ramblers"
    assert review.authors == ("M R Oldthorpe", "P C Hillman", "M B Catton")
    assert (review.journal, review.date, review.doi, review.pmid) == (
        "J Rambl Nutr",
        "2001 Jan",
        "10.5555/jrn/131.1.66",
        "11000005",
    )
    assert review.mesh == ("Adult", "Urtica dioica / pharmacokinetics")
    assert [(e.kind, e.name, review.text[e.start : e.end]) for e in review.entities] == [
        ("Substances", "Formic Acids", "Formic Acids")
    ]
    assert quotable(review, "bibliographic").count(". 2001 Jan;131(1):66-71.") == 1
    assert [s.heading for s in review.sections].count("Title") == 1


def test_pages_copied_one_below_the_other_are_papers_of_their_own() -> None:
    page = (
        "Full text links\nActions\nCite\nJ Harb\n. 202{n} Jul;{n}(2):1-9.\ndoi: 10.5555/{n}.\n"
        "Clocks of harbour {n}: a review\nAda Wick 1, Bo Flint 1\nAffiliation\n1 Quay {n}.\n"
        "PMID: 1000000{n} DOI: 10.5555/{n}\nAbstract\n{said} {n}.\n"
        "Similar articles\nBells of other towns.\nRoe M.\nJ Bell. 2011;3:4.\nPMID: 20000000 Review.\n"
    )
    text = "".join(page.format(n=n, said=PAPER) for n in (1, 2))
    one, two = pubmed.read(text_file(text)).reviews
    for n, review in ((1, one), (2, two)):
        assert (review.title, review.pmid, review.doi) == (
            f"Clocks of harbour {n}: a review",
            f"1000000{n}",
            f"10.5555/{n}",
        )
        assert review.year == 2020 + n and f"{PAPER} {n}" in review.text and f"{PAPER} {3 - n}" not in review.text
