"""Documents of answers: complete, true to the byte, and dead in every reader's hands."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser

import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as some

from rag.exports.html.document import html_document
from rag.exports.markdown import SAVED, escaped, markdown_document, notes
from rag.exports.references import bibtex, cited_reviews, csl_json, ris
from rag.exports.view import basis
from rag.pipeline import ask
from rag.settings import Settings
from rag.shelf.library import Library
from rag.shelf.naming import label
from rag.types import Answer, Citation, Coverage, Exchange, Quote, Review, Sentence, Written
from rag.writing.models import connect
from tests.engine import closest, invented
from tests.exports.test_tables import ANY, HOSTILE, compared, review
from tests.model_server import KEY, faithful, model_server

MADE = datetime(2026, 1, 2, 3, 4, tzinfo=UTC).timestamp()
HOW = "Answered on 2 January 2026, 03:04 UTC from the index bf1df3d27178098b."
QUESTIONS = (
    "What have CAR-T cells achieved in lupus?",
    "Compare the reviews",
    "What is the price of tea?",
)
WHITE = some.sampled_from([" ", "\n", "\r\n", "\t", "\u2028", "\u00a0", "- ", "**", "- **Genes:** CD19\n"])
LETTERS = some.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
TEXT = some.lists(some.one_of(WHITE, LETTERS), min_size=1, max_size=12).map("".join)


@pytest.fixture(scope="module")
def answers(library: Library) -> list[Answer]:
    """An answer with quotes, a comparison, an abstention."""
    return [ask(question, library) for question in QUESTIONS]


def shelf(*reviews: Review) -> dict[str, Review]:
    return {one.id: one for one in reviews}


def asked(answers: Sequence[Answer], reviews: Mapping[str, Review]) -> list[Exchange]:
    return [
        Exchange(one.question, tuple(reviews.values()), one, made=MADE, index="bf1df3d27178098b") for one in answers
    ]


def quoting(of: Review, question: str = "Q", start: int = 0, end: int | None = None) -> Answer:
    end = len(of.text) if end is None else end
    quote = Quote(of.id, "Abstract", "abstract", "authors", start, end, of.text[start:end], 0, len(of.text))
    return Answer(
        question,
        question,
        "quotes",
        "answered",
        "text",
        (Sentence(quote.text, (1,), "quoted"),),
        (Citation(1, quote),),
        (Coverage(of.id, "cited"),),
    )


def unescaped(text: str) -> str:
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


class Read(HTMLParser):
    """What a browser makes of a document: its elements with their attributes, the text of its marks."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.marks: dict[str, str] = {}
        self._mark: str | None = None
        self.feed(re.sub(r"\r\n?", "\n", written))  # as browsers do

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "mark":
            self._mark = dict(attrs)["id"] or ""
            self.marks[self._mark] = ""

    def handle_endtag(self, tag: str) -> None:
        self._mark = None if tag == "mark" else self._mark

    def handle_data(self, data: str) -> None:
        if self._mark is not None:
            self.marks[self._mark] += data

    def values(self, attribute: str) -> list[str]:
        return [held[attribute] or "" for _, held in self.elements if attribute in held]


def assert_told(written: str, answer: Answer, reviews: dict[str, Review]) -> None:
    """Assert that a document in plain characters tells all that an answer rests on."""
    for citation in (*answer.citations, *answer.nearest):
        of = reviews[citation.quote.review_id]
        for part in (citation.quote.text, citation.quote.heading, of.title, of.date, of.doi):
            assert str(part) in written, part
    for citation in answer.citations:
        assert ", ".join(reviews[citation.quote.review_id].authors) in written
    for coverage in answer.coverage:
        assert label(reviews[coverage.review_id]) in written
    assert basis(answer) in written
    assert HOW in written
    assert SAVED in written


def test_both_documents_keep_quote_section_review_doi_date_and_index(library: Library, answers: list[Answer]) -> None:
    reviews = dict(library.index.reviews)
    for answer in answers:
        assert_told(unescaped(markdown_document(asked([answer], reviews))), answer, reviews)
        assert_told(unescape(html_document(asked([answer], reviews))), answer, reviews)


def test_the_quotes_stand_below_their_reviews_with_the_numbers_of_their_sources(
    library: Library, answers: list[Answer]
) -> None:
    answered = answers[0]
    written = unescaped(markdown_document(asked([answered], library.index.reviews)))
    said, sources = written.split("**Sources**")
    assert said.startswith(
        f"# {answered.question}\n\n**{label(library.index.reviews[answered.coverage[0].review_id])}**"
    )
    for citation in answered.citations:
        assert f"- “{citation.quote.text}” [{citation.number}]\n" in said
        assert f"- [{citation.number}] “{citation.quote.text}” ({citation.quote.heading}, " in sources


def test_a_comparison_is_a_table_once_with_its_sources_once(library: Library, answers: list[Answer]) -> None:
    comparison = answers[1].comparison
    written = markdown_document(asked([answers[1]], library.index.reviews))
    assert comparison
    assert len(re.findall(r"^\| --- ", written, re.MULTILINE)) == 1
    assert [written.count(f"\n| **{escaped(aspect)}** |") for aspect in comparison.aspects] == [1] * len(
        comparison.aspects
    )
    assert [written.count(f"\n- [{one.number}] “") for one in answers[1].citations] == [1] * len(answers[1].citations)
    assert written.count("Compare the reviews") == 1


def test_a_comparison_has_the_aspects_down_and_the_reviews_across_and_every_source() -> None:
    reviews = shelf(review(0), review(1))
    answer = compared(list(reviews.values()), [["quoted", "silent"], ["not_indexed", "quoted"]])
    written = markdown_document(asked([answer], reviews))
    assert "|  | Amann 2020 | Bmann 2021 |\n| --- | --- | --- |\n" in written
    assert "| **risk** | “Drug A halves the risk.” [1] | *Nothing found on it* |" in written
    assert "| **cost** | *Not in the indexed text* | “Drug A halves the risk.” [2] |" in written
    assert "(Abstract, authors’ abstract) A Bmann. On Bmann. J, 2021. <https://doi.org/10.1000/1>" in written
    assert written.startswith("# Compare\n\nThey speak of it. [1]\n")


@given(ANY)
def test_no_text_changes_the_shape_of_the_table(text: str) -> None:
    reviews = shelf(review(0, text), review(1, text))
    answer = compared(list(reviews.values()), [["quoted", "quoted"]], aspects=[text])
    table = [line for line in markdown_document(asked([answer], reviews)).split("\n") if line.startswith("|")]
    assert len(table) == 3
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in table} == {4}


def test_an_abstention_says_so_and_calls_the_nearest_passages_no_answer(
    library: Library, answers: list[Answer]
) -> None:
    written = markdown_document(asked([answers[2]], library.index.reviews))
    assert answers[2].text in written
    assert "**Nearest passages.** Close, but no answer:\n\n- [1] “" in written
    assert "**Sources**" not in written
    assert "- Searched: Sioud \\& Casey 2026 and Uslu et al. 2025\n- Searched, no model\n\nAnswered on" in written


def test_quotes_that_may_not_answer_stand_under_a_head_that_says_so(library: Library) -> None:
    reviews = library.index.reviews
    answer = closest(library, QUESTIONS[0])
    written = markdown_document(asked([answer], reviews))
    assert f"**{answer.sentences[0].text}**" in written and "**Closest — may not answer**\n\n- [1] “" in written
    assert "**Sources**" not in written and "Quoted, no model" not in written
    read = Read(html_document(asked([answer], reviews)))
    assert read.marks == {f"answer1-{one.number}": one.quote.text for one in answer.closest}
    assert {"closest", "verdict", "caution"} <= {*read.values("class")}


def test_the_closest_go_to_a_reference_manager_marked_as_such(library: Library) -> None:
    exchanges = asked([closest(library, QUESTIONS[0]), ask(QUESTIONS[0], library)], library.index.reviews)
    assert cited_reviews(exchanges[:1]) == cited_reviews(exchanges[1:])
    close, answered = (notes([one]) for one in exchanges)
    assert all(said.startswith(f"{QUESTIONS[0]} (Closest — may not answer): [") for said in close.values())
    assert close.keys() == answered.keys() and not any("may not answer" in said for said in answered.values())


def test_a_conversation_has_a_heading_a_question_and_one_line_on_how_it_was_made(
    library: Library, answers: list[Answer]
) -> None:
    greeting = ask("Hello!", library)
    reviews = library.index.reviews
    written = markdown_document(asked([*answers, greeting], reviews))
    assert re.findall(r"^#+ .*", written, re.MULTILINE) == [
        "# Ask the reviews",
        *(f"## {question}" for question in (*QUESTIONS, "Hello!")),
    ]
    assert written.count(SAVED) == 1
    assert written.count(HOW) == 3
    assert escaped(greeting.text) in written
    read = Read(html_document(asked([*answers, greeting], reviews)))
    ids = read.values("id")
    assert len(ids) == len(set(ids))
    assert [one for one, _ in read.elements if one in ("h1", "h2")] == ["h1", *["h2"] * 5]


def test_a_written_answer_keeps_its_prose_its_markers_and_the_name_of_its_model() -> None:
    library = invented().library
    with model_server(faithful) as server:
        settings = Settings(openai_api_key=KEY, openai_base_url=server.url)  # type: ignore[arg-type]
        answer = ask("What are phages?", library, model=connect(settings, "openai:writer"))
    assert answer.mode == "writer"
    written = markdown_document(asked([answer], library.index.reviews))
    prose = " ".join(one.text + "".join(f" [{number}]" for number in one.citations) for one in answer.sentences)
    assert f"\n\n{prose}\n\n**Sources**\n\n- [1] “" in unescaped(written)
    drawn = html_document(asked([answer], library.index.reviews))
    assert f"{basis(answer)}." in drawn
    assert KEY not in written + drawn


def test_a_weak_sentence_is_marked_and_names_why() -> None:
    of = review(0)
    held = quoting(of)
    answer = Answer(
        "Q",
        "Q",
        "openai:writer",
        "answered",
        "text",
        (Sentence("1. A *may* help.", (1,), "weak", "more certain than [1]"),),
        held.citations,
        held.coverage,
        written=Written("openai:writer", "complete"),
    )
    written = markdown_document(asked([answer], shelf(of)))
    assert "\n\n1\\. A \\*may\\* help. [1] *(weak: more certain than \\[1\\])*\n\n" in written
    assert "- Written by openai\\:writer from the quotes, each sentence checked against them\n" in written
    assert "weak: more certain than [1]" in html_document(asked([answer], shelf(of)))


@given(ANY.filter(str.strip))
def test_a_quote_in_markdown_without_its_escapes_is_the_sources_on_one_line(text: str) -> None:
    of = review(0, text)
    written = markdown_document(asked([quoting(of, text)], shelf(of)))
    (line,) = re.findall(r"^- \[1\] “(.*)” \(Abstract, authors’ abstract\)", written, re.MULTILINE)
    assert unescaped(line) == folded(text)
    assert written.split("\n", 1)[0] == f"# {escaped(text)}"


@given(TEXT, TEXT, TEXT)
def test_a_mark_in_html_holds_the_quote_to_the_byte(before: str, text: str, after: str) -> None:
    of = review(0, before + text + after)
    written = html_document(asked([quoting(of, text, len(before), len(before + text))], shelf(of)))
    assert Read(written).marks["answer1-1"] == text


def test_every_mark_of_the_seeds_is_its_quote_and_every_marker_leads_to_one(
    library: Library, answers: list[Answer]
) -> None:
    read = Read(html_document(asked(answers, library.index.reviews)))
    held = {f"answer{at}-{one.number}": one.quote.text for at, a in enumerate(answers, 1) for one in a.citations}
    held |= {f"answer3-near-{one.number}": one.quote.text for one in answers[2].nearest}
    assert read.marks == held
    inside = [href[1:] for href in read.values("href") if href.startswith("#")]
    assert set(inside) <= set(read.values("id"))
    assert set(held) <= set(inside)


def hostile(*texts: str) -> list[Answer]:
    reviews = [review(number, text) for number, text in enumerate(texts)]
    return [*(quoting(of, of.text) for of in reviews), compared(reviews, [["quoted"] * len(reviews)], [texts[0]])]


def rendered(written: str) -> str:
    reader = pytest.importorskip("markdown_it", reason="no reader of Markdown is installed")
    text: str = reader.MarkdownIt("gfm-like", {"linkify": False}).render(written)
    return text


def test_no_text_acts_in_the_markdown_document() -> None:
    texts = (HOSTILE, f"- {HOSTILE}")
    reviews = shelf(*(review(number, text) for number, text in enumerate(texts)))
    written = markdown_document(asked(hostile(*texts), reviews))
    for acting in (r"https?:(?!//doi)", r"www\.", r"\w@", r"(?<!\\):\w+:", r"(?<!\\)\$"):
        assert not re.search(acting, written), acting
    made = rendered(written)
    known = "h1 h2 p ul li strong em a table thead tbody tr th td hr".split()
    assert set(re.findall(r"<(\w+)", made)) <= set(known)
    assert set(re.findall(r'href="([^"]*)"', made)) == {"https://doi.org/10.1000/0", "https://doi.org/10.1000/1"}
    assert unescape(made).count(HOSTILE) >= 8


@given(
    some.sampled_from(["- ", "+ ", "1. ", "2) ", "===", "---", "> ", "# ", "```", "    ", "* "]), some.text(max_size=5)
)
def test_a_reply_starts_no_list_and_no_heading_in_markdown(start: str, rest: str) -> None:
    answer = Answer("Q", "Q", "quotes", "chat", start + rest)
    assert set(re.findall(r"<(\w+)", rendered(markdown_document(asked([answer], {}))))) <= {"h1", "p", "hr"}


@given(ANY)
def test_no_text_acts_in_the_html_document(text: str) -> None:
    plain, drawn = (Read(html_document(asked(hostile(one), shelf(review(0, one))))) for one in ("x", text))
    # Signs of Markdown in a quote are there and hidden.
    assert [tag for tag, held in drawn.elements if "hidden" not in held] == [tag for tag, _ in plain.elements]
    assert_still(drawn)


def assert_still(read: Read) -> None:
    """Assert that a document runs nothing and asks for nothing."""
    tags = {tag for tag, _ in read.elements}
    assert not tags & {"script", "img", "iframe", "link", "object", "form", "base", "svg", "video", "audio", "button"}
    assert not {name for _, held in read.elements for name in held if name.startswith("on") or name in ("src", "style")}
    assert all(href.startswith(("#", "https://doi.org/")) for href in read.values("href"))


def test_the_html_document_is_one_file_that_asks_for_nothing(library: Library, answers: Sequence[Answer]) -> None:
    written = html_document(asked(answers, library.index.reviews))
    assert not re.search(r"url\(|@import|<script|\bsrc=", written)
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'" in unescape(written)
    outside = {href for href in Read(written).values("href") if not href.startswith("#")}
    assert {re.sub(r"/.*", "", href.removeprefix("https://")) for href in outside} == {"doi.org", "tomesphere.com"}


def test_a_reference_manager_gets_the_quotes_as_notes(library: Library, answers: list[Answer]) -> None:
    exchanges = asked(answers, library.index.reviews)
    told, cited = notes(exchanges), cited_reviews(exchanges)
    assert set(told) == {review.id for review in cited}
    for answer in answers:
        for citation in answer.citations:
            assert (
                f"[{citation.number}] “{citation.quote.text}” ({citation.quote.heading}"
                in told[citation.quote.review_id]
            )
    assert all(HOW in text and "Quoted, no model." in text for text in told.values())
    items = {item["DOI"]: item["note"] for item in json.loads(csl_json(cited, told))}
    assert items == {review.doi: folded(told[review.id]) for review in cited}
    assert [record["notes"] for record in rispy.loads(ris(cited, told))] == [[folded(told[r.id])] for r in cited]
    assert bibtex(cited, told).count("annote = {") == len(cited)
