"""What the page makes of texts, without a page: display wording, highlighted passages, links, copies."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rag.exports.html.answer import answer_html
from rag.exports.html.links import page_url, review_links
from rag.exports.plain import terminal_text, text_with_citations
from rag.exports.references import doi_url, reference
from rag.exports.wording import markup, passage_html, printable, provenance, wording
from rag.pipeline import ask
from rag.shelf.library import Library
from rag.types import (
    Agreement,
    Answer,
    Citation,
    Comparison,
    Coverage,
    Difference,
    Exchange,
    Quote,
    Review,
    Sentence,
    SharedSource,
)
from rag.ui.page.aspects import LONGEST, MOST, tidy
from rag.ui.page.labels import label_text
from tests.engine import closest
from tests.exports.test_tables import compared, comparison_of, review

TEXTS = some.text(alphabet="ab*_-#<>&\"'“ \n\t.1", max_size=80)


def words(html: str) -> str:
    return "".join(unescape(re.sub(r"</?mark[^>]*>", "", html)).split())


@given(TEXTS, some.data())
def test_a_passage_keeps_all_its_words_and_holds_no_tag_but_the_mark(text: str, data: some.DataObject) -> None:
    start = data.draw(some.integers(0, len(text)))
    end = data.draw(some.integers(start, len(text)))
    html = passage_html(text, "abstract", (start, end), "answer0-1")
    assert re.findall(r"<[^>]*>", html) == ['<mark id="answer0-1">', "</mark>"]
    signs = {at for span in markup(text) for at in range(*span)}
    assert words(html) == "".join("".join(c for at, c in enumerate(text) if at not in signs).split())


@given(TEXTS)
def test_only_signs_of_markdown_are_left_out_of_the_wording(text: str) -> None:
    assert all(set(text[start:end]) <= set("*#-+• \t") for start, end in markup(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**Authors:** Mouldy Sioud", "Authors: Mouldy Sioud"),
        ("- CAR-T therapy shows promise.", "CAR-T therapy shows promise."),
        ("## TL;DR", "TL;DR"),
        ("2**3 and 4**5", "2**3 and 4**5"),
        ("p < 0.05* and p < 0.01**", "p < 0.05* and p < 0.01**"),
        ("-5 °C and *in vivo*", "-5 °C and *in vivo*"),
        ("wrapped\nat  seventy", "wrapped at seventy"),
    ],
)
def test_stray_markdown_is_left_out_and_nothing_else(text: str, shown: str) -> None:
    assert wording(text) == shown


def test_a_highlight_may_begin_or_end_inside_a_sign() -> None:
    assert passage_html("**a b** c", "body", (1, 6), "x") == '<mark id="x">a b</mark> c'


def test_entries_stay_on_lines_of_their_own_and_wrapped_prose_flows() -> None:
    assert "\n" in passage_html("one\ntwo", "bibliographic", (0, 3), "x")
    assert "\n" not in passage_html("one\ntwo", "abstract", (0, 3), "x")
    assert "\n\n" in passage_html("one\n\ntwo", "abstract", (0, 3), "x")


@given(some.text())
def test_a_label_says_the_same_words(text: str) -> None:
    shown = re.sub(r"\\([\\`*_{}\[\]()#+\-.!|<>~$:&])", r"\1", label_text(text)).replace("\u2060", "")
    assert shown == re.sub(r"\s+", " ", text).replace("\u2060", "")


def test_control_characters_of_a_visitor_are_left_out_and_all_else_is_kept() -> None:
    assert printable("a\x00\x1b[31m\ud800b\n🧬\u200b") == "a[31mb\n🧬\u200b"


@pytest.mark.parametrize("doi", ["javascript:alert(1)", "10.1/x", "10.1000/", "10.1000/a b", "", None])
def test_what_is_no_doi_gets_no_link(doi: str | None) -> None:
    assert doi_url(doi) is None


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.example",
        "//a.example",
        "http://",
        "https://u@a.example",
        "http://[",
    ],
)
def test_what_is_no_web_address_gets_no_link(url: str) -> None:
    assert page_url(url) is None


def test_addresses_are_encoded() -> None:
    assert page_url('https://a.example/x y"<b>?q=1#s') == "https://a.example/x%20y%22%3Cb%3E?q=1#s"
    assert doi_url('10.1000/a"<b>#?') == "https://doi.org/10.1000/a%22%3Cb%3E%23%3F"


def test_a_link_opens_in_a_tab_of_its_own() -> None:
    links = review_links(Review("10.1000/a", "Title", "text", (), doi="10.1000/a", url="https://a.example/x"))
    assert links == [
        '<a href="https://doi.org/10.1000/a" target="_blank">doi:10.1000/a</a>',
        '<a href="https://a.example/x" target="_blank">Page on a.example</a>',
    ]


def test_a_quote_says_who_says_it() -> None:
    assert provenance(Quote("r", "Abstract", "abstract", "authors", 0, 1, "a", 0, 1)) == "authors’ abstract"
    assert provenance(Quote("r", "TL;DR", "summary", "page", 0, 1, "a", 0, 1)) == "page summary"
    assert provenance(Quote("r", "Authors", "bibliographic", "page", 0, 1, "a", 0, 1)) == "bibliographic line"


OWN_TAGS = {"article", "section", "h3", "p", "a", "b", "span", "div", "details", "summary", "mark", "ul", "li"}
TABLE_TAGS = {"table", "caption", "thead", "tbody", "tr", "th", "td"}


class Tags(HTMLParser):
    """The tags of a text, and where its links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        self.links.update(value or "" for name, value in attrs if name in ("href", "src"))


def said(text: str) -> tuple[Sentence, ...]:
    return (Sentence(text, (), "none"),)


def test_nothing_that_a_paper_says_becomes_html() -> None:
    hostile = (
        "<script>a</script><img src=//evil.example onerror=b> \"' onclick=c [d](javascript:e) & <a href=//evil.example>"
    )
    review = Review(
        "1", hostile, hostile, (), (hostile,), hostile, 2025, hostile, doi=hostile, url=f"javascript:{hostile}"
    )
    quote = Quote("1", hostile, "abstract", "authors", 0, len(hostile), hostile, 0, len(hostile))
    cited = Citation(1, quote)
    coverage = (Coverage("1", "cited"),)
    for answer in (
        Answer(hostile, hostile, "quotes", "partial", hostile, (), (cited,), coverage, (), (hostile,)),
        Answer(hostile, hostile, "quotes", "not_found", "", said(hostile), (), coverage, (cited,), (hostile,)),
        Answer(hostile, hostile, "quotes", "chat", "", said(f"- {hostile}\n{hostile}")),
    ):
        html = answer_html(answer, [review], "answer0")
        found = Tags(html)
        assert found.names <= OWN_TAGS
        assert all(link.startswith("#answer0") for link in found.links)
        assert hostile in unescape(re.sub(r"<[^>]*>", "", html))


def test_a_reference_leaves_out_what_is_not_known() -> None:
    assert reference(Review("sha256:0", "A title?", "text", ())) == "A title?"
    assert reference(Review("1", "T", "x", (), ("A B",), "J", 2025, doi="10.1000/a")) == "A B. T. J, 2025."


def test_a_copied_answer_has_every_quote_and_a_source_for_every_number(library: Library) -> None:
    answer = ask("Why is it hard to use CAR-T cells against solid tumors?", library)
    copied = text_with_citations(Exchange(answer.question, library.reviews, answer, index="abc"), answer)
    for citation in answer.citations:
        assert f"“{wording(citation.quote.text)}” [{citation.number}]" in copied
        assert f"\n[{citation.number}] " in copied


def page_of(answer: Answer, reviews: list[Review]) -> str:
    return answer_html(answer, reviews, "answer0")


def with_parts(answer: Answer, **parts: object) -> Answer:
    return replace(answer, comparison=replace(comparison_of(answer), **parts))


def test_a_comparison_has_a_row_an_aspect_and_a_column_a_review() -> None:
    shelf = [review(0), review(1)]
    html = page_of(compared(shelf, [["quoted", "silent"], ["not_indexed", "quoted"]]), shelf)
    assert re.findall(r'<th scope="col"[^>]*>(?:<span>)?([^<]*)', html) == ["Aspect", "Amann 2020", "Bmann 2021"]
    assert re.findall(r'<th scope="row"[^>]*>([^<]*)', html) == ["risk", "cost"]
    assert re.findall(r'<td class="(\w+)" data-label="([^"]*)"', html) == [
        ("quoted", "Amann 2020"),
        ("silent", "Bmann 2021"),
        ("not_indexed", "Amann 2020"),
        ("quoted", "Bmann 2021"),
    ]
    assert html.count('href="#answer0-1"') == 2
    assert "Abstract <span>·</span> authors’ abstract" in html
    assert html.index("They speak of") < html.index("<table")


def test_the_three_empty_cells_say_what_they_are_and_show_the_nearest_only_where_it_was_searched() -> None:
    shelf = [review(number) for number in range(4)]
    html = page_of(compared(shelf, [["quoted", "silent", "not_indexed", "not_asked"]]), shelf)
    silent, not_indexed, not_asked = re.findall(r'<td class="(?:silent|not_\w+)".*?</td>', html)
    assert "Nothing found on it" in silent and "whole review was searched" in silent
    assert "Not in the indexed text" in not_indexed and "full text may say it" in not_indexed
    assert "Not asked" in not_asked
    for searched in (silent, not_indexed):
        assert "Nearest passage</summary>" in searched and "no answer" in searched
    assert "<details" not in not_asked
    assert not any("marker" in cell for cell in (silent, not_indexed, not_asked))


def test_of_several_quotes_the_best_is_read_at_once_and_so_are_those_that_state_a_difference() -> None:
    shelf = [review(0)]
    answer = compared(shelf)
    cell = comparison_of(answer).cells[0]
    citations = tuple(Citation(number, answer.citations[0].quote) for number in (1, 2, 3, 4))
    answer = replace(with_parts(answer, cells=(replace(cell, citations=(2, 1, 3, 4)),), citations=citations))
    answer = replace(answer, citations=citations)
    before, folded = page_of(answer, shelf).split("<summary>3 more quotes</summary>")
    assert 'href="#answer0-2"' in before.split("<td")[1]
    assert re.findall(r'href="#answer0-(\d)"', folded.split("</td>")[0]) == ["1", "3", "4"]
    differ = Difference("risk", "different numbers", "For risk A gives 2, B 3.", (3, 4))
    html = page_of(with_parts(answer, differences=(differ,)), shelf)
    assert "<summary>1 more quote</summary>" in html


def test_what_is_told_of_an_aspect_stands_in_its_row_with_its_kind_and_markers() -> None:
    shelf = [review(0), review(1)]
    answer = with_parts(
        compared(shelf, [["quoted", "quoted"], ["quoted", "quoted"]]),
        differences=(Difference("risk", "opposite statements", "Amann says “up”, Bmann “down”.", (1, 2)),),
        agreements=tuple(Agreement("risk", f"Both name {name}.", (1, 2)) for name in "xyz"),
        undecided=("cost",),
        shared_sources=(SharedSource("Müller 2024", (shelf[0].id, shelf[1].id), (2,)),),
    )
    risk, cost = re.findall(r"<tbody>.*?</tbody>", page_of(answer, shelf))
    assert re.findall(r"<b>([\w ]+)</b>", risk) == ["opposite statements", "in common", "in common", "in common"]
    assert "<summary>2 more</summary>" in risk
    assert "Amann says “up”, Bmann" in risk
    assert re.findall(r"<b>([\w ]+)</b>", cost) == ["cannot tell"]
    assert "Both cite Müller" in page_of(answer, shelf)


def test_a_comparison_of_many_scrolls_in_a_place_of_its_own_and_names_who_is_silent() -> None:
    shelf = [review(number) for number in range(8)]
    html = page_of(compared(shelf, [["quoted"] * 4 + ["silent", "silent", "not_indexed", "not_asked"]]), shelf)
    assert '<div class="scroll" role="region" aria-label="Comparison, scrolls sideways" tabindex="0"><table' in html
    assert "4 of 7 reviews speak to this; 3 are silent:" in html
    assert re.findall(r"<li><details[^>]*><summary>(\w+) 20\d\d <span>([\w ]+)</span>", html) == [
        ("Emann", "nothing found on it"),
        ("Fmann", "nothing found on it"),
        ("Gmann", "not in the indexed text"),
    ]
    assert "<b>Not asked:</b> Hmann 2027" in html
    assert len(re.findall(r"<td class=\"quoted\"", html)) == 4


def test_very_many_reviews_that_were_not_asked_are_counted() -> None:
    shelf = [review(number) for number in range(20)]
    html = page_of(compared(shelf, [["quoted"] * 2 + ["not_asked"] * 18]), shelf)
    assert "<b>Not asked:</b> 18 reviews" in html


def test_quotes_that_may_not_answer_do_not_look_like_an_answer(library: Library) -> None:
    answer = closest(library, "Why are solid tumors hard to treat?")
    html = answer_html(answer, library.reviews, "a")
    (frame,) = re.findall(r'<div class="closest">.*?</div>', html)
    assert frame.startswith('<div class="closest"><h3 class="verdict">Closest — may not answer</h3>')
    assert f'<p class="caution">{answer.sentences[0].text}</p>' in frame and 'class="note"' not in html
    assert html.count('class="quote"') == frame.count('class="quote"') == len(answer.closest)
    for one in answer.closest:
        assert f'href="#a-{one.number}"' in frame and f'<mark id="a-{one.number}">' in html
    assert "<b>Searched:</b>" in html and "Quoted" not in html


def test_the_closest_are_copied_and_printed_with_the_sentence_that_says_what_they_are(library: Library) -> None:
    answer = closest(library, "Why are solid tumors hard to treat?")
    copied = text_with_citations(Exchange(answer.question, library.reviews, answer), answer)
    assert copied.startswith(f"{answer.question}\n\n{answer.sentences[0].text}\n\n") and "\n[1] " in copied
    printed = terminal_text(answer, library.index.reviews)
    assert printed.startswith(answer.sentences[0].text) and "\nClosest — may not answer\n[1] " in printed
    assert "\nSources" not in printed and printed.endswith("Searched, no model")


def test_a_comparison_that_finds_nothing_says_so_and_keeps_the_nearest_passages() -> None:
    shelf = [review(0), review(1)]
    answer = compared(shelf, [["silent", "silent"]])
    answer = replace(answer, outcome="not_found", sentences=said("Not found in these 2 reviews."))
    html = page_of(answer, shelf)
    assert '<p class="note"><b>Not found in these 2 reviews.</b></p>' in html
    assert html.count("Nearest passage</summary>") == 2
    assert "<mark" not in html and "sources" not in html


def test_a_comparison_without_any_aspect_is_the_sentence_that_says_so() -> None:
    shelf = [review(0), review(1)]
    answer = replace(compared(shelf[:1]), sentences=said("Nothing."), citations=(), comparison=Comparison((), (), ()))
    assert "<table" not in page_of(answer, shelf)
    assert "Nothing." in page_of(answer, shelf)


def test_nothing_in_a_comparison_becomes_html() -> None:
    hostile = "<script>a</script><img src=//evil.example onerror=b> \"' onclick=c [d](javascript:e) & <td>"
    shelf = [replace(review(number, hostile), title=hostile, authors=(hostile,)) for number in range(8)]
    answer = compared(shelf, [["quoted", "quoted", "quoted", *["silent"] * 4, "not_asked"]], aspects=[hostile])
    answer = with_parts(
        replace(answer, question=hostile),
        differences=(Difference(hostile, "differ in emphasis", hostile, (1,)),),
        agreements=(Agreement(hostile, hostile, (1, 2)),),
        undecided=(hostile,),
        shared_sources=(SharedSource(hostile, (shelf[0].id, shelf[1].id), (1,)),),
    )
    html = page_of(answer, shelf)
    found = Tags(html)
    assert found.names <= OWN_TAGS | TABLE_TAGS
    assert all(link.startswith(("#answer0", "https://doi.org/10.1000/")) for link in found.links)


def test_a_copied_comparison_has_every_quote_every_gap_and_a_source_for_every_number() -> None:
    shelf = [review(0), review(1)]
    answer = with_parts(
        compared(shelf, [["quoted", "silent"], ["not_indexed", "quoted"]]),
        differences=(Difference("risk", "differ in emphasis", "Only Amann names it.", (1,)),),
    )
    assert text_with_citations(Exchange("Compare", tuple(shelf), answer, made=0.0, index="abc"), answer) == (
        "Compare\n\nThey speak of it. [1]\n\n"
        "risk\nAmann 2020:\n“Drug A halves the risk.” [1]\nNothing found on it: Bmann 2021\n"
        "Differ in emphasis: Only Amann names it. [1]\n\n"
        "cost\nBmann 2021:\n“Drug A halves the risk.” [2]\nNot in the indexed text: Amann 2020\n\n"
        "[1] A Amann. On Amann. J, 2020. https://doi.org/10.1000/0 (Abstract, authors’ abstract)\n"
        "[2] A Bmann. On Bmann. J, 2021. https://doi.org/10.1000/1 (Abstract, authors’ abstract)\n\n"
        "Quoted, no model. Answered on 1 January 1970, 00:00 UTC from the index abc."
    )


@pytest.mark.parametrize(
    ("typed", "taken", "note"),
    [
        (["", "  ", "\u200b"], (), ""),
        (["cost", "Cost ", "COST"], ("cost",), "already there"),
        ([f"aspect {number}" for number in range(50)], tuple(f"aspect {n}" for n in range(MOST)), "38 left out"),
        (["x" * 500], ("x" * LONGEST,), f"{LONGEST} characters"),
        (["<b>cost</b>\x00"], ("<b>cost</b>",), ""),
    ],
)
def test_the_aspects_a_reader_names_are_made_fit_to_be_compared_on(
    typed: list[str], taken: tuple[str, ...], note: str
) -> None:
    aspects, said = tidy(typed)
    assert aspects == taken
    assert note in said and bool(note) == bool(said)
