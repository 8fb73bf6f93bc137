"""Sentences are exact, trimmed, ordered spans that lose nothing, and end where a reader would end them."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.text.sentences import line_spans, sentence_spans, word_count
from rag.types import Span
from tests.growth import at_once, grows_as_the_text

FRAGMENTS = [
    "The cells grew.",
    "It was so (see Fig. 2A).",
    "a line that is long enough to be the wrapped part of a paragraph,",
    "A short line",
    "| 1 | 2 |",
    "**Genes:** ",
    "**bold** ",
    "- ",
    "* ",
    "1. ",
    "(2) ",
    "12) ",
    "e.g. ",
    "p < 0.05.",
    "U.S.",
    "...",
    "?!",
    "…",
    "”",
    "(",
    ")",
    " ",
    "\t",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\x00",
    "\x1c",
    "\x85",
    "\u2028",
    "\u00a0",
    "e\u0301",
    "😀",
    "שלום.",
    "İ",
    "ß",
]
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=25).map("".join)
# What may stand between two sentences: white space, the mark of a list item, its label in bold.
BETWEEN = re.compile(r"\s*(?:(?:[-*•‣▪●+]|\(?\d{1,3}[.)])\s+)?(?:\*\*[^*\n]{1,60}\*\*:?)?\s*")


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, 0, len(text))]


@given(texts, st.data())
def test_sentences_are_trimmed_ordered_and_inside_the_section(text, data):
    start, end = section_of(text, data)
    at = start
    for first, last in sentence_spans(text, start, end):
        assert at <= first < last <= end
        assert text[first:last] == text[first:last].strip()
        at = last


@given(texts, st.data())
def test_nothing_is_left_out_but_blanks_marks_and_labels(text, data):
    start, end = section_of(text, data)
    at = start
    for first, last in [*sentence_spans(text, start, end), (end, end)]:
        assert BETWEEN.fullmatch(text[at:first]), text[at:first]
        at = last


@given(texts, st.data())
def test_a_section_is_cut_as_if_it_stood_alone(text, data):
    start, end = section_of(text, data)
    alone = text[start:end]
    assert sentence_spans(text, start, end) == [(start + a, start + b) for a, b in sentence_spans(alone, 0, len(alone))]


@given(texts, st.data())
def test_no_sentence_reaches_over_a_blank_line(text, data):
    start, end = section_of(text, data)
    assert not any(re.search(r"\n[^\S\n]*\n", text[a:b]) for a, b in sentence_spans(text, start, end))


@given(texts, st.data())
def test_sentences_stay_inside_one_line_span(text, data):
    start, end = section_of(text, data)
    lines = line_spans(text, start, end)
    assert all(any(a <= first and last <= b for a, b in lines) for first, last in sentence_spans(text, start, end))


def section_of(text: str, data: st.DataObject) -> Span:
    assume(text)
    start = data.draw(st.integers(0, len(text) - 1))
    return start, data.draw(st.integers(start + 1, len(text)))


@pytest.mark.parametrize(
    "expected",
    [
        ["Smith et al. saw it.", "But p53 rose by 0.5 mg (e.g. in mice)."],
        ["It was rare (p < 0.05).", "However, p < 0.001 was rarer.", "Was it?", "Yes!"],
        ["See Fig. 2A.", "The next one, i.e. Fig. 3, cf. Eq. 4, is ref. 12."],
        ["E. coli is a bacterium.", "We saw S. aureus and E. coli in mice."],
        ["They lack vitamin D.", "It helps against hepatitis B.", "This is phase I.", "Then came type II."],
        ["The U.S.A. vs. U.K. debate went on.", "It ended."],
        ["J. N. Smith and A.B. Jones wrote it.", "C. D. Wick did not."],
        ["“Quoted it is.”", "«Oui.»", "(All of it.)", "[As such.]", "'So be it.'", "Indeed."],
        ["Really?!", "Yes…", "Perhaps...", "Then we go on."],
        ["We gave 3 mg.", "p53 rose.", "mRNA fell.", "α-Synuclein fell.", "iPS cells died.", "CD19 stayed."],
        ["In 2020 it was 5.", "10 patients died in 2021."],
        ["Étude one ended.", "İzmir took part.", "Ärzte wrote it.", "“Ωmega” rose."],
        ["Visit www.lamp.example for more.", "See doi:10.1000/lamp.1 as well."],
        ["It grew at 37 °C.", "Then it was washed at 4 °C."],
        ["Dr. Wick met Prof. Flint, Ember Jr. and others.", "They left."],
        ["It has no stop"],
        ["1,2"],
        ["i.e."],
        ["Fig. 2A."],
        ["..."],
        ["\x00"],
        ["?!"],
        ["😀"],
    ],
    ids=lambda sentences: sentences[0],
)
def test_sentences_end_where_a_reader_would_end_them(expected):
    assert sentences(" ".join(expected)) == expected
    assert sentences("  \n" + "\u00a0 ".join(expected) + "\n\n") == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["We thank J. Smith for help.", "He left."],
        ["None were declared by C. H. June.", "End."],
        ["It is given i.v. 2 days later.", "Then i.p. CAR-T cells."],
        ["On Jan. 5, 2020, it was seen.", "It left in Oct. 2021."],
        ["It came on Mar. 5.", "It left on Sep. 6.", "It rained as in May.", "It may."],
        ["Novartis Inc. (Basel) paid.", "Kite Ltd. (Delhi) did not."],
        ["They had MS.", "The eye was seen by OCT.", "It healed."],
        ["Then came CAR T.", "It helps."],
        ["The answer is no.", "It never was.", "Nos. 4 and No. 5 said no."],
    ],
    ids=lambda sentences: sentences[0],
)
def test_abbreviations_and_initials_do_not_mislead(expected):
    assert sentences(" ".join(expected)) == expected


def test_hard_wrapped_lines_are_one_sentence_as_they_stand():
    text = (
        "This is a line that goes on and on to fill the width of the\n"
        "page until it is wrapped, and it ends here. Then another\r\n"
        "begins."
    )
    assert sentences(text) == [text[: text.index(" Then")], "Then another\r\nbegins."]


def test_paragraphs_headings_and_fields_stand_alone():
    text = "A heading\nThe text below it is a sentence\n\nAnother paragraph\nJournal: Lamps\nYear: 2020"
    assert sentences(text) == text.replace("\n\n", "\n").split("\n")


@pytest.mark.parametrize("mark", ["- ", "* ", "• ", "1. ", "2) ", "(3) ", "  - "])
def test_marks_and_labels_of_list_items_are_left_out(mark):
    assert sentences(f"{mark}First one. Second one.\n{mark}**Genes:** A, B\n{mark}Third") == [
        "First one.",
        "Second one.",
        "A, B",
        "Third",
    ]


def test_lines_of_a_table_are_never_cut_inside_a_cell():
    rows = ["| Arm | Dose (mg) | p |", "|---|---|---|", "| A | 0.5 vs. 1.5 | .03 |"]
    assert all(any(row in sentence for sentence in sentences("\n".join(rows))) for row in rows)


def test_lines_keep_references_whole():
    text = "1. Wick, A. & Flint, B. On lamps. Nat. Rev. Lamp. 20, 359 (2020).\n2. Ember C. Lamps. J. Lamp. 1, 2 (2021)."
    assert [text[a:b] for a, b in line_spans(text, 0, len(text))] == [line[3:] for line in text.split("\n")]


def test_a_blank_line_is_no_line():
    assert line_spans("a\n\nb\n", 0, 5) == [(0, 1), (3, 4)]


def test_an_empty_section_has_no_sentences():
    assert sentence_spans("", 0, 0) == sentence_spans("One. Two.", 4, 4) == []


@pytest.mark.parametrize("text", [" ", "\n\n\n", "\t \r\n\u2028\x1c"], ids=ascii)
def test_a_blank_section_has_no_sentences(text):
    assert sentences(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "1. First came rain. 2. Second came snow.",
        pytest.param(
            "1. First rain 2. Second snow", marks=pytest.mark.xfail(reason="'2.' ends the sentence before it; issue 15")
        ),
    ],
)
def test_numbers_of_a_list_inside_a_line_are_no_sentences(text):
    assert not any(re.search(r"(?:^|\s)2\.$", sentence) for sentence in sentences(text))


def test_a_bold_subject_is_part_of_its_sentence():
    assert sentences("**Lamp oil** is used at dusk.") == ["**Lamp oil** is used at dusk."]
    assert sentences("**Lamp oil.** It is used at dusk.") == ["It is used at dusk."]


def test_a_bold_heading_is_not_cut_down_to_its_colon():
    assert sentences("**Results**:\n\nIt grew.") != [":", "It grew."]


def test_list_items_may_end_with_a_carriage_return():
    assert sentences("- First item\r- Second item\r") == ["First item", "Second item"]


def test_words_are_counted_between_white_space():
    assert [word_count(text) for text in ("", " \n", "CAR-T cells", "a\u00a0b\tc\n")] == [0, 0, 2, 3]


SHAPES = {
    "one word": "x",
    "prose": "The cells of it grew by 5 mg (see Fig. 2A) in mice. ",
    "initials": "A. ",
    "numbers": "1,",
    "brackets": "(",
    "bold": "**a\n",
    "items": "1. a\n",
    "short lines": "Ab\n",
    "blank lines": "\n",
    "blanks": " ",
    "quotes": '."',
    "emoji": "😀",
    "stops": ".",
    "stops without blanks": "!?",
}


def test_time_grows_no_faster_than_the_text():
    for shape, unit in SHAPES.items():
        assert grows_as_the_text(sentences, unit, 500), shape


def test_a_line_of_a_million_characters_takes_no_longer_than_a_file_of_it():
    for unit in ("x", "x ", "x y. ", "(", "a-"):
        with at_once(unit):
            sentences(unit * (1_000_000 // len(unit)))
