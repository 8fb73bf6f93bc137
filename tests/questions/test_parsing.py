"""A question is cleaned without loss of words, and taken apart into what it is about and what it asks for."""

from __future__ import annotations

import unicodedata
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.questions import content_terms
from rag.questions.parsing import MAX_QUESTION_CHARS, clean, parse
from rag.types import Review
from tests.growth import at_once, grows_as_the_text

GUT = Review(
    "10.1000/gut", "Gut microbes and sleep: a short history", "", (), ("Ann Wick", "Bo Flint"), "Nat Med", 2021
)
STROKE = Review(
    "10.1000/stroke", "Statins after stroke in older adults", "", (), ("Caro Ember",), "Lancet Neurol", 2024
)
SHELF = [GUT, STROKE]

FRAGMENTS = [
    "What",
    "is",
    "the",
    "CAR-T",
    "TME",
    "side effects",
    "Wick",
    "2021",
    "1,2",
    "p < 0.05",
    "e\u0301",
    "İ",
    "ß",
    "αβ",
]
ODD = [
    "\x00",
    "\u200b",
    "\u202e",
    "\ufeff",
    "\u00ad",
    "\u2028",
    "\t",
    "\n",
    "\ud800",
    "😀",
    "👩\u200d🔬",
    "<script>",
    "$x$",
]
MORE = ["שלום", "مرحبا", "中文", "?", ".", "'s", "’", '"', "(", "]", "![](http://x)", "i.e.", "U.S.A.", "Fig. 2A.", " "]
texts = st.lists(st.sampled_from(FRAGMENTS + ODD + MORE) | st.text(max_size=6), max_size=14).map("".join)
spaced = st.lists(st.sampled_from(FRAGMENTS + ODD + MORE) | st.text(max_size=6), max_size=14).map(" ".join)


def about(question: str) -> list[str]:
    return [term.text for term in content_terms(question)]


# Cleaning.


@given(texts | spaced)
def test_a_clean_question_is_one_line_without_invisible_characters(text):
    cleaned = clean(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp") for c in cleaned)
    assert cleaned == " ".join(cleaned.split())
    assert unicodedata.is_normalized("NFC", cleaned)
    assert clean(cleaned) == cleaned


@given(texts | spaced)
def test_cleaning_loses_no_visible_character(text):
    def visible(string: str) -> str:
        return "".join(unicodedata.normalize("NFD", c) for c in string if c.isprintable() and not c.isspace())

    assert sorted(unicodedata.normalize("NFD", visible(clean(text)))) == sorted(
        unicodedata.normalize("NFD", visible(text))
    )


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  What \t is\r\n\r\nit?\u2028", "What is it?"),
        ("tu\u00admo\u200br \u202ecells\u202c", "tumor cells"),
        ("a\x00b", "ab"),
        ("cafe\u0301", "café"),
        ("\ufeff\x00\u200b", ""),
        ("<script>$x$</script>", "<script>$x$</script>"),
        ("", ""),
    ],
    ids=ascii,
)
def test_what_was_typed_is_cleaned(typed, cleaned):
    assert clean(typed) == cleaned


# Terms.


@given(texts | spaced)
def test_terms_are_exact_ordered_and_each_once(text):
    question = clean(text)
    terms = content_terms(question) if question else ()
    assert all(question[term.start : term.end] == term.text for term in terms)
    assert all(one.end <= other.start for one, other in pairwise(terms))
    assert len({term.forms[0] for term in terms}) == len(terms)


@given(texts | spaced)
def test_any_clean_text_can_be_taken_apart(text):
    question = clean(text)
    if question:
        parsed = parse(question, SHELF)
        assert parsed.text == question
        assert {*parsed.rest} <= {*parsed.terms} <= {*content_terms(question)}
        assert {*parsed.named} <= {GUT.id, STROKE.id}


def test_an_empty_question_has_no_terms():
    assert content_terms("") == parse("", SHELF).terms == ()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Why is it hard to use CAR-T cells against solid tumors?", ["hard", "CAR-T", "cells", "solid", "tumors"]),
        ("What do the reviews say about antigen escape?", ["antigen", "escape"]),
        ("Could you please tell me what the authors think of lupus?", ["lupus"]),
        ("Are there any side effects?", ["side", "effects"]),
        ("What is the effect of ageing?", ["ageing"]),
        ("Is vitamin D good?", ["vitamin", "D"]),
        ("Does 5 mg of IL-2 help?", ["5", "mg", "IL-2"]),
        ("What is it?", []),
        ("isn’t it, doesn't it?", []),
        ("?!", []),
    ],
)
def test_terms_are_the_words_that_a_question_is_about(question, expected):
    assert about(question) == expected


def test_a_word_counts_once_in_whatever_spelling_and_number():
    assert len(about("Tumour, tumors, TUMOR?")) == 1


def test_all_in_capitals_is_a_disease():
    assert about("Does it work in ALL?") == ["ALL"]


def test_words_that_name_a_review_are_left_out():
    assert content_terms("What does Wick say of naps?", [(10, 14)]) == content_terms("What does      say of naps?")
    assert [term.text for term in parse("What does Wick say of naps?", SHELF).terms] == ["naps"]


@pytest.mark.parametrize("word", ["CD19", "mTOR", "IL-2", "ZUMA-1", "2020", "0.05", "Kymriah", "GvHD"])
def test_names_are_told_by_how_they_are_written(word):
    (term,) = [term for term in content_terms(f"what did {word} do in the treated mice?") if term.text == word]
    assert term.name


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Cytokines rise in whom?", "Cytokines"),
        ("He has lupus. Cytokines rise in whom?", "Cytokines"),
        ("What Is The Role Of Cytokines In Lupus?", "Cytokines"),
        ("WHAT ARE CYTOKINES FOR?", "CYTOKINES"),
        ("which cytokines rise?", "cytokines"),
    ],
)
def test_ordinary_words_are_no_names_at_the_head_in_titles_and_when_shouted(question, word):
    (term,) = [term for term in content_terms(question) if term.text == word]
    assert not term.name


@pytest.mark.parametrize(
    ("question", "name"),
    [("Does Kymriah help?", "Kymriah"), ("Is Germany mentioned?", "Germany"), ("Kymriah or Yescarta?", "Yescarta")],
)
def test_a_name_in_a_short_question_is_a_name(question, name):
    assert name in {term.text for term in content_terms(question) if term.name}


def test_a_sentence_that_leads_up_to_the_question_is_aside():
    terms = content_terms("My uncle takes warfarin. He fell. Does warfarin cause falls?")
    aside = {term.text: term.aside for term in terms}
    assert aside == {"uncle": True, "warfarin": False, "fell": True, "falls": False}


@pytest.mark.parametrize("question", ["Do statins help? Do they harm muscles?", "Statins help. They harm muscles."])
def test_nothing_is_aside_when_all_or_none_of_the_sentences_ask(question):
    assert not any(term.aside for term in content_terms(question))


# What is asked for.


@pytest.mark.parametrize(
    "question",
    [
        "Compare the two reviews",
        "How do the papers differ?",
        "What do both reviews say about naps?",
        "Do the authors agree?",
        "Which review mentions naps?",
        "What is in common?",
        "Gut versus stroke?",
        "Does Wick contradict Ember?",
        "What do Wick and Ember say?",
    ],
)
def test_a_comparison_is_asked_for(question):
    assert parse(question, SHELF).compares


@pytest.mark.parametrize(
    "question",
    [
        "What are naps?",
        "What does Wick say?",
        "Who wrote it?",
        "Do statins help?",
        "What drives T cell differentiation?",
        "Which compartments do macrophages fill?",
    ],
)
def test_no_comparison_is_asked_for(question):
    assert not parse(question, SHELF).compares


def test_the_words_of_comparing_are_no_terms():
    assert [term.text for term in parse("Compare how both reviews differ on naps", SHELF).terms] == ["naps"]


@pytest.mark.parametrize(
    "question",
    ["What is the review about?", "Summarise the paper", "What are the key findings?", "Give me the gist"],
)
def test_an_overview_is_asked_for(question):
    parsed = parse(question, SHELF)
    assert parsed.intent == "overview"


@pytest.mark.parametrize(
    ("question", "wants"),
    [
        ("How many patients relapse?", "number"),
        ("What dose was given?", "number"),
        ("How high is it?", "number"),
        ("What percentage relapsed?", "share"),
        ("What proportion of patients relapsed?", "share"),
        ("How many per cent relapsed?", "share"),
        ("Which patients relapse?", None),
        ("How does it help?", None),
    ],
)
def test_a_quantity_is_asked_for(question, wants):
    assert parse(question, SHELF).wants == wants


@pytest.mark.parametrize(
    ("question", "field", "rest"),
    [
        ("Who wrote the review on naps?", "authors", ["naps"]),
        ("What is the DOI?", "doi", []),
        ("Which journal was it published in?", "journal", []),
        ("Are there competing interests with Novartis?", "competing interests", ["Novartis"]),
    ],
)
def test_the_rest_of_a_question_about_a_fact_is_what_else_it_names(question, field, rest):
    parsed = parse(question, [GUT])
    assert field in parsed.fields
    assert [term.text for term in parsed.rest] == rest


def test_the_reviews_that_a_question_names_are_kept_in_shelf_order():
    assert parse("What do Ember and Wick say?", SHELF).named == (GUT.id, STROKE.id)
    assert parse("What are naps?", SHELF).named == ()


# Long questions.

ATTACKS = [
    "what is ",
    "about ",
    "about!",
    "which of the ",
    "share ",
    "both ",
    "across the a reviews ",
    "in ",
    "tl",
    "summary ",
]
ATTACKS += [
    "side effects ",
    "A. ",
    "a'",
    "the ",
    "1,",
    "1 ",
    "key ",
    "is",
    "e\u0301",
    "😀",
    "(",
    "“a",
    "CAR T ",
]


def test_a_long_question_is_taken_apart_at_once():
    for unit, tail in product((*ATTACKS, "x.y"), ("?", "!x")):
        with at_once((unit, tail)):
            parse(clean((unit * MAX_QUESTION_CHARS)[: MAX_QUESTION_CHARS - len(tail)] + tail), SHELF)


def test_time_grows_no_faster_than_a_question_of_capitals():
    assert grows_as_the_text(content_terms, "X ", 500)


def test_a_long_question_of_distinct_words_is_taken_apart_at_once():
    question = " ".join(f"lamp{number}x dusk{number}" for number in range(200))[:MAX_QUESTION_CHARS]
    with at_once(question):
        parse(question, SHELF)


def test_a_megabyte_is_cleaned_in_seconds():
    for unit in ("x", " ", "\x00", "\u200b", "e\u0301", "a \n", "\u0301"):
        with at_once(unit):
            clean(unit * (1_000_000 // len(unit)))


@pytest.mark.parametrize(
    ("text", "across"),
    [
        ("Why was the glargine and detemir comparison not blinded?", False),
        ("Why did stimulation not make a difference to walking?", False),
        ("Why do the reviews differ on relapse?", True),
        ("Why do they disagree?", True),
    ],
)
def test_a_reason_is_asked_of_a_paper_unless_reviews_differ(text: str, across: bool) -> None:
    assert parse(text, SHELF).compares is across
