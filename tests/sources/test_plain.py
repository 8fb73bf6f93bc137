"""Plain text and Markdown: the title, what headings announce, and whose words they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.sources import plain, read_review
from rag.types import Review
from tests.sources.files import only_review, text_file

PAGES = Path(__file__).parent / "pages"


def read(text: str) -> Review:
    return only_review(text, plain)


def outline(review: Review) -> list[tuple[str, str]]:
    return [(section.heading, section.kind) for section in review.sections]


def test_a_markdown_paper_with_front_matter_reads_as_the_authors() -> None:
    review = read_review(PAGES / "paper.md")
    assert (review.title, review.authors) == ("Moss on north walls", ("Jill Wallace", "Glen Hanlon"))
    assert (review.doi, review.year, review.date) == ("10.5555/moss.1", 2023, "2023-01-09")
    assert outline(review) == [
        ("Page", "boilerplate"),
        ("Title", "bibliographic"),
        ("Authors", "bibliographic"),
        ("Citation", "bibliographic"),
        ("Identifiers", "bibliographic"),
        ("Page", "boilerplate"),
        ("Text", "body"),
        ("Page", "boilerplate"),
        ("Abstract", "abstract"),
        ("Walls", "body"),
        ("Page", "boilerplate"),
        ("Walls", "body"),
        ("Conclusion", "body"),
        ("Declaration of Competing Interest", "competing interests"),
        ("References", "references"),
    ]
    assert {s.provenance for s in review.sections if s.kind != "boilerplate"} == {"authors"}


def test_a_letter_without_headings_is_cited_by_its_own_last_line() -> None:
    review = read_review(PAGES / "letter.txt")
    assert review.title == "What bees can and cannot tell us about queues"
    assert review.authors == ("Henrietta Van der Stone", "Luis Azevedo Pint")
    assert (review.journal, review.year, review.doi) == ("Waiting Perspect", 2023, "10.5555/000599321")
    assert outline(review) == [
        ("Title", "bibliographic"),
        ("Authors", "bibliographic"),
        ("Affiliations", "bibliographic"),
        ("Text", "body"),
        ("Conflicts of interest", "competing interests"),
        ("Citation", "bibliographic"),
    ]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Moss\n\nIt grows.", "Moss"),
        ("# *Bryum* on walls #\n\nIt grows.", "Bryum on walls"),
        ("Moss on walls\n=============\n\nIt grows.", "Moss on walls"),
        ("Title: Moss on walls\n\nIt grows.", "Moss on walls"),
        ("---\ntitle: Moss\n---\n\n# Introduction\n\nIt grows.", "Moss"),
        ("Intro line\n\n# Moss\n\nIt grows.", "Moss"),
        ("\ufeff".strip("\ufeff") + "\n\n  Moss\r\n\r\nIt grows.", "Moss"),
    ],
)
def test_the_title_is_the_first_thing_that_can_be_one(text: str, title: str) -> None:
    assert read(text).title == title


def test_a_first_paragraph_is_text_and_the_file_lends_its_name_as_title() -> None:
    paragraph = "Moss grows on walls that face the north, and nobody minds. " * 10
    review = read(paragraph)
    assert outline(review) == [("Text", "body")]
    assert review.title == "page"


@pytest.mark.parametrize(
    "heading", ["Abstract", "ABSTRACT", "## Abstract", "**ABSTRACT**"[2:-2], "1. Abstract", "Abstract:"]
)
def test_headings_are_known_in_any_dress(heading: str) -> None:
    review = read(f"Moss\n\n{heading}\n\nIt grows.\n\nREFERENCES\n\n1. Stone A. Walls.")
    assert [s.kind for s in review.sections] == ["bibliographic", "abstract", "references"]


def test_capitals_and_numbers_make_headings_only_when_they_stand_alone() -> None:
    last = "They are damp.\nNOT A HEADING\nbut text.\n\n3 mice ran.\n\nEnd."
    text = f"Moss\n\nWALLS AND ROOFS\n\nThey are old.\n\n2.1 North walls\n\n{last}"
    review = read(text)
    assert [s.heading for s in review.sections] == ["Title", "WALLS AND ROOFS", "2.1 North walls"]
    assert text[review.sections[-1].start :] == last


def test_a_structured_abstract_ends_where_the_paper_begins() -> None:
    abstract = "Abstract\n\nBackground\n\nWalls.\n\nMethods\n\nWe looked."
    text = f"Moss\n\n{abstract}\n\nIntroduction\n\nOnce.\n\nMethods\n\nWe looked long."
    assert outline(read(text))[1:] == [
        ("Abstract: Background", "abstract"),
        ("Abstract: Methods", "abstract"),
        ("Introduction", "body"),
        ("Methods", "body"),
    ]


def test_a_doi_of_the_reference_list_is_not_the_papers_own() -> None:
    review = read("Moss\n\nIt grows.\n\n## References\n\n1. doi: 10.5555/other.1\n2. https://doi.org/10.5555/other.2")
    assert review.doi is None
    assert review.id.startswith("sha256:")


@pytest.mark.parametrize(
    "notice",
    [
        "404 Not Found\n\nThe page you requested could not be found. Try again later.",
        "We use cookies to improve your visit.\n\nAccept all\n\nManage preferences\n\nPrivacy policy",
        "Just a moment...\nEnable JavaScript and cookies to continue",
        "404\n\nPage not found",
        "Access denied\n\nSign in or purchase a subscription to read this article.",
    ],
)
def test_a_notice_holds_nothing_to_quote(notice: str) -> None:
    assert {section.kind for section in read(notice).sections} == {"boilerplate"}


def test_a_short_abstract_that_mentions_cookies_is_no_notice() -> None:
    abstract = (
        "Cookies were baked for patients who gave consent. " + "The dough rose well in every oven that we used. " * 6
    )
    assert "body" in {section.kind for section in read(f"Dough and its risings\n\n{abstract}").sections}


CLIPPED = """---
title: "Moths at street lamps"
source: "https://pmc.ncbi.nlm.nih.gov/articles/PMC7654321/"
author:
  - "[[Ann Wick]]"
  - "[[Bo Flint|Flint, Bo]]"
published: 2021-03-09
created: 2026-08-09
description: "My digest: amber is better."
tags:
  - clippings
---
"""


def test_front_matter_of_any_length_states_the_paper_and_not_when_it_was_clipped() -> None:
    long = CLIPPED.replace("tags:\n", "tags:\n" + "  - lamps\n" * 60)
    review = read(long + "\n## Abstract\n\nMoths like lamps.\n\n## Introduction\n\nLamps are lit.\n")
    assert (review.title, review.authors) == ("Moths at street lamps", ("Ann Wick", "Flint", "Bo"))
    assert (review.date, review.pmcid) == ("2021-03-09", "PMC7654321")
    assert {s.provenance for s in review.sections if s.kind in {"abstract", "body"}} == {"authors"}


def test_the_date_of_a_note_is_not_that_of_the_paper() -> None:
    matter = "---\ntitle: Moths\ndate: 2026-08-09\ntags: [lamps]\n---\n"
    assert read(matter + "\n## Summary\n\nAmber is better than white.\n").date is None
    assert read(matter.replace("tags: [lamps]\n", "") + "\n## Introduction\n\nLamps.\n").date == "2026-08-09"


def test_a_name_in_the_front_matter_can_be_quoted() -> None:
    text = '---\nauthor:\n  - "[[Ada Moss]]"\npublished: 2020-09\ncreated: 2026-01-01\n---\n# Bees\n\nBees can tell.\n'
    review = read(text)
    stated = [(s.heading, text[s.start : s.end]) for s in review.sections if s.kind == "bibliographic"]
    assert stated[:2] == [("Authors", 'author:\n  - "[[Ada Moss]]"'), ("Citation", "published: 2020-09")]


def test_front_matter_that_is_no_yaml_gives_what_stands_before_the_fault() -> None:
    review = read("---\ntitle: Moths\ndoi: 10.5555/m.1\nnote: {broken\n---\n\nMoths like lamps, and we say why here.\n")
    assert (review.title, review.doi) == ("Moths", "10.5555/m.1")


def test_what_a_reader_or_a_model_wrote_is_a_note() -> None:
    review = read(
        "# Moths at lamps\n\nDOI: 10.5555/m.1\n\n## My notes\n\n- Amber.\n\n## Abstract\n\nMoths like lamps.\n"
    )
    assert {s.heading: s.provenance for s in review.sections if s.kind in {"abstract", "summary"}} == {
        "My notes": "note",
        "Abstract": "authors",
    }
    clipped = read(CLIPPED + "\nAmber is better, it seems to me, and the authors say so too.\n")
    assert {s.provenance for s in clipped.sections if s.kind == "body"} == {"note"}


SHORT = (
    ("Ginger tea for motion sickness on ferries", "Lindahl P, Moe T", "Some drank tea.\n\nNausea fell by a third."),
    ("Vinyl floors and falls on hospital wards", "Okello J", "We fitted two wards.\n\nFalls were as many."),
    ("Dogs in the waiting rooms of dentists", "Barros A, Kim S", "A dog lay in the room.\n\nChildren cried less."),
)  # fmt: skip
MENU = """Skip to main content
Lampland
Trusted light. Better nights.
Our lamps
About us
News and jobs
Log in
Search
Advanced search
Browse by topic
Help
Subscribe
"""


def test_a_menu_gives_no_title_and_questions_above_paragraphs_are_headings() -> None:
    review = read(
        MENU + "\nDo amber lamps help moths to survive in the towns of the north?\n\nWhat are moths?\n\n"
        "Moths are insects of the night.\n\nWhat did we find?\n\nWe found 31 studies of lamps.\n"
    )
    assert review.title == "Do amber lamps help moths to survive in the towns of the north?"
    assert [s.heading for s in review.sections if s.kind == "body"] == ["What are moths?", "What did we find?"]
    assert "About us" not in "".join(review.text[s.start : s.end] for s in review.sections if s.kind == "body")


def test_the_question_that_a_summary_answers_is_its_title_though_it_stands_among_the_links_of_its_page() -> None:
    asked = "".join(
        f"\n{word} {'did we look at?'}\n\nWe looked at 31 lamps of nine towns.\n" for word in ("What", "How", "Where")
    )
    review = read(
        f"{MENU}\nDo amber lamps help moths?\nAlso available in\nDeutsch\n\nKey messages\n\n- Some do.\n{asked}"
    )
    assert review.title == "Do amber lamps help moths?"


@pytest.mark.parametrize("between", ["", "Export\nAdd to list\n"])
def test_what_leads_to_a_title_is_no_part_of_it(between: str) -> None:
    title = "Effects of amber lamps on the feeding of moths: a randomised trial"
    names = "By Wick, AM (Wick, Ada M.) [1] ; Flint, B (Flint, Bo) [2]"
    page = (
        f"Web of Science\nSearch > Results > {title}\n{between}{title}\n{names}\nSource\nJ LAMPS\nVolume 12 Issue 3\n"
    )
    said = "We counted moths at 31 lamps of the town, and few of them fed in the light of the white ones."
    review = read(f"{page}DOI 10.5555/lamp.3\nPublished MAR 2021\nAbstract\n{said} {said}\nKeywords\nmoths; lamps\n")
    assert (review.title, review.authors, review.doi) == (title, ("Ada M. Wick", "Bo Flint"), "10.5555/lamp.3")


def test_a_line_that_is_only_a_link_or_an_image_is_no_text() -> None:
    review = read(
        "# Moths\n\n## Introduction\n\nLamps are lit.\n\n![](https://a.example/1.jpg)\n\n[Open](https://a.example)\n"
    )
    assert "".join(review.text[s.start : s.end] for s in review.sections if s.kind == "body") == "Lamps are lit."


def test_a_callout_in_a_clipping_is_the_readers_note() -> None:
    callout = "> [!note] My take\n> Small but clean.\n"
    text = f"# Moths\n\n## Abstract\n\nMoths like lamps.\n\n## Results\n\n{callout}\nWhite drew most.\n"
    sections = {(s.provenance, read(text).text[s.start : s.end]) for s in read(text).sections}
    assert ("note", "> [!note] My take\n> Small but clean.") in sections
    assert ("authors", "White drew most.") in sections


def test_an_abstract_in_the_front_matter_is_the_authors() -> None:
    matter = "---\ntitle: Moths\nabstract: |\n  Moths like lamps.\n  We say why.\ndoi: 10.5555/m.1\n---\n"
    review = read(matter + "\n# Introduction\n\nLamps.\n")
    assert [review.text[s.start : s.end] for s in review.sections if s.kind == "abstract"] == [
        "Moths like lamps.\n  We say why."
    ]
    assert review.doi == "10.5555/m.1"


def test_other_papers_below_their_heading_are_no_text_of_this_one() -> None:
    review = read("# Moths\n\n## Abstract\n\nMoths like lamps.\n\n## Similar articles\n\n- Bats at bridges. PMID: 99\n")
    assert review.pmid is None
    assert [s.kind for s in review.sections] == ["bibliographic", "abstract", "boilerplate"]


def test_the_frame_of_a_converted_page_gives_its_facts_and_no_quotes() -> None:
    text = (
        "<!-- image -->\n\nRESEARCH ARTICLE\n\n## Moths at amber lamps\n\nAnn Wick 1 , Bo Flint 2 *\n\n"
        "- 1 Institute of Lamps\n\n## OPEN ACCESS\n\nPublished: May 5, 2023\n\n## Abstract\n\nMoths like lamps.\n\n"
        "## Results\n\nWhite drew most.\n\nLAMP ONE | https://doi.org/10.5555/lampone.7 May 5, 2023\n"
    )
    review = read(text)
    assert (review.title, review.authors) == ("Moths at amber lamps", ("Ann Wick", "Bo Flint"))
    assert (review.doi, review.year) == ("10.5555/lampone.7", 2023)
    searched = [review.text[s.start : s.end] for s in review.sections if s.kind in {"abstract", "body"}]
    assert searched == ["Moths like lamps.", "White drew most."]


def test_two_dois_around_a_paper_are_none_of_its_own() -> None:
    foot = "\n\nhttps://doi.org/10.5555/a.1\n\nhttps://doi.org/10.5555/b.2\n"
    assert read("# Moths\n\n## Abstract\n\nMoths like lamps, we say." + foot).doi is None


def test_the_whole_title_of_a_clipping_is_its_title() -> None:
    clipped = "# Why moths leave\n\n## Metadata\n- Author: [[Ann Wick]]\n"
    clipped += "- Full Title: Why moths leave: a count of lamps\n\n"
    clipped += "## Highlights\n- Of nine lamps eight were left by all moths before the morning came.\n"
    assert read(clipped).title == "Why moths leave: a count of lamps"


def test_a_rule_is_no_title() -> None:
    talk = "You said:\nWhat does it say?\n\nChatBot said:\nMoths leave lamps.\n\n---\n\n"
    talk += "### TL;DR\nMoths leave lamps early.\n"
    assert read(talk).title == "page"


def test_each_abstract_of_a_list_is_a_review_with_facts_of_its_own() -> None:
    said = "BACKGROUND: Moths come to lamps at night, and nobody knows what they want there. METHODS: We randomised 31 "
    said += (
        "lamps to white or amber light for nine weeks and counted moths. RESULTS: At white lamps we counted 80 moths a "
    )
    said += "night and at amber lamps 14 (p < 0.001). CONCLUSIONS: Amber lamps draw fewer moths than white lamps do."
    heads = (
        "Effects of amber light on moths at street lamps: a randomised trial\nWick A, Flint B, Moor P\n"
        "J Lamp 2019; 33: 45\nhttps://doi.org/10.5555/lamps.1\n",
        "Counting bats at bridges in winter: an observational study of nine towns\nHedge Q, Stone R\n"
        "J Dusk 2007; 3: 12\nhttps://doi.org/10.5555/bats.9\n",
    )
    file = text_file("\n\n---\n\n".join(f"{head}{said}" for head in heads))
    first, second = plain.read(file).reviews
    assert (first.authors, first.year, first.doi) == (("Wick A", "Flint B", "Moor P"), 2019, "10.5555/lamps.1")
    assert (second.authors, second.year, second.doi) == (("Hedge Q", "Stone R"), 2007, "10.5555/bats.9")
    for review in (first, second):
        assert said in "".join(review.text[s.start : s.end] for s in review.sections if s.kind in {"abstract", "body"})


def test_what_stands_above_the_first_of_several_papers_is_said_not_to_be_read() -> None:
    papers = "\n\n\n".join(f"{title}\n\n{names}\n\n{said}" for title, names, said in SHORT)
    reading = plain.read(text_file(f"Here is what came in this week for all of us.\n\n\n{papers}"))
    assert [review.title for review in reading.reviews] == [title for title, _, _ in SHORT]
    assert reading.refused == ("“Here is what came in this week for all of us.” above the first paper is not read",)
    assert [review.authors[0] for review in reading.reviews] == ["Lindahl P", "Okello J", "Barros A"]
    assert plain.read(text_file(papers)).refused == ()


def test_a_numbered_heading_is_not_the_title_of_all_that_follow() -> None:
    text = "1. Sour cherries after runs\n\nRunners drank juice.\n\n2. Desks in call centres\n\nDesks were raised."
    (review,) = plain.read(text_file(text)).reviews
    assert review.title == "page"


def test_front_matter_alone_is_no_text() -> None:
    assert not any(section.kind == "body" for section in read("---\ntitle: Moths\n---\n").sections)
