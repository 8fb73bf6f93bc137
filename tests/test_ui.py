"""What the page makes of texts, without a page: display wording, highlighted passages, links, copies."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rag.library import Library
from rag.pipeline import ask
from rag.types import Answer, Citation, Coverage, Quote, Review
from rag.ui.answer import answer_html
from rag.ui.copying import reference, text_with_citations
from rag.ui.links import doi_url, page_url, review_links
from rag.ui.wording import label_text, markup, passage_html, printable, provenance, wording

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
        Answer(hostile, hostile, "quotes", "not_found", hostile, (), (), coverage, (cited,), (hostile,)),
        Answer(hostile, hostile, "quotes", "chat", f"- {hostile}\n{hostile}"),
    ):
        html = answer_html(answer, [review], "answer0")
        found = Tags(html)
        assert found.names <= OWN_TAGS
        assert all(link.startswith("#answer0") for link in found.links)
        assert hostile in unescape(re.sub(r"<[^>]*>", "", html))


def test_a_reference_leaves_out_what_is_not_known() -> None:
    assert reference(Review("sha256:0", "A title?", "text", ())) == "A title?"
    assert reference(Review("1", "T", "x", (), ("A B",), "J", 2025, doi="10.1000/a")) == (
        "A B. T. J, 2025. https://doi.org/10.1000/a"
    )


def test_a_copied_answer_has_every_quote_and_a_source_for_every_number(library: Library) -> None:
    answer = ask("Why is it hard to use CAR-T cells against solid tumors?", library)
    copied = text_with_citations(answer, library.reviews)
    for citation in answer.citations:
        assert f"“{wording(citation.quote.text)}” [{citation.number}]" in copied
        assert f"\n[{citation.number}] " in copied
