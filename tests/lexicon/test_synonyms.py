"""Short forms are found where a text defines them, and every name of a thing leads to its others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.lexicon.synonyms import Synonyms, defined_names, definitions, initials, words_with_initials
from rag.questions import content_terms
from rag.questions.parsing import MAX_QUESTION_CHARS
from rag.text.terms import stem, words
from tests.growth import at_once, grows_as_the_text

FRAGMENTS = [
    "tumor microenvironment ",
    "(TME)",
    "(see Fig. 2)",
    "[",
    "]",
    "(",
    ")",
    "(AB;",
    ". ",
    " ",
    "\n",
    "(n = 12)",
]
ODD = ["(\x00A)", "(ẞS)", "(İİ)", "😀", "e\u0301", "(A-)", "(2020)", "IFN-γ "]
texts = st.lists(st.sampled_from(FRAGMENTS + ODD) | st.text(max_size=10), max_size=20).map("".join)


def bug(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(reason=reason)


def knowing(*texts: str) -> Synonyms:
    return Synonyms(names for text in texts for names in defined_names(text))


def others(question: str, synonyms: Synonyms) -> dict[str, set[frozenset[str]]]:
    terms = content_terms(question)
    return {term.text: {*names} for term, names in zip(terms, synonyms.others(terms), strict=True)}


def name(text: str) -> frozenset[str]:
    return frozenset(word.forms[0] for word in words(text))


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("Any chimeric antigen receptor (CAR) is", "CAR", "chimeric antigen receptor"),
        ("the B cell maturation antigen (BCMA)", "BCMA", "B cell maturation antigen"),
        ("with immune effector cell syndrome (IECS; grade 3)", "IECS", "immune effector cell syndrome"),
        ("some tumor-infiltrating lymphocytes [TILs]", "TILs", "tumor-infiltrating lymphocytes"),
        ("and interferon-γ (IFN-γ) rose", "IFN-γ", "interferon-γ"),
        ("and interleukin 2 ( IL-2 )", "IL-2", "interleukin 2"),
        ("had overall survival (OS, 12 months)", "OS", "overall survival"),
        ("the von Willebrand factor (vWF)", "vWF", "von Willebrand factor"),
        ("the Food and Drug Administration (FDA)", "FDA", "Food and Drug Administration"),
        ("a wrapped tumor\nmicroenvironment (TME)", "TME", "tumor\nmicroenvironment"),
    ],
)
def test_a_short_form_in_brackets_is_defined_by_the_words_before_it(text, short, long):
    assert list(definitions(text)) == [(short, long)]


@pytest.mark.parametrize(
    "text",
    [
        "in patients (see Fig. 2A)",
        "many trials (2020) and (n = 12) and (p<0.05)",
        "It was sold (Sigma) as shown (Figure)",
        "the mice (C57BL/6) in trial one (NCT01234567)",
        "(TME) at the start",
        "the AB (AB) again",
        "a lamp and quite a few old bulbs (LB)",
        "TME (tumor microenvironment)",
        "It worked. Many others did (WMOX)",
        "the lower-case one (ab)",
        "",
        "(",
        "()",
        "(AB",
        "\x00(A\x00)",
    ],
)
def test_other_brackets_define_nothing(text):
    assert list(definitions(text)) == []


def test_a_definition_does_not_reach_into_the_sentence_before():
    assert list(definitions("They measured the tumor. Macrophages ended (TME)")) == []


@given(texts)
def test_a_definition_stands_in_the_text_as_it_is(text):
    for short, long in definitions(text):
        assert text.index(long) < text.rindex(short)
        assert any(c.isupper() for c in short)
        assert len(long) > len(short) and long == long.strip()
        assert long[0].casefold() == short[0].casefold()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("B cell maturation antigens", "bcma"), ("blood-brain barrier", "bbb"), ("", ""), ("1.5 αβ", "1α"), ("😀 (", "")],
)
def test_initials_are_the_first_letters_of_words_and_of_their_parts(text, expected):
    assert initials(text) == expected


@given(texts)
def test_a_text_has_at_least_one_initial_a_word(text):
    assert len(initials(text)) >= len(words(text))


def test_a_name_that_a_text_defines_leads_to_its_other_both_ways():
    synonyms = knowing("The dusk lamp keepers (DLK) left.", "No definition here.")
    assert name("dusk lamp keepers") in others("What is DLK?", synonyms)["DLK"]
    found = others("Where do dusk lamp keepers live?", synonyms)
    assert all(frozenset({"dlk"}) in found[word] for word in ("dusk", "lamp", "keepers"))
    assert frozenset({"dlk"}) not in others("Where do lamp keepers live?", synonyms)["lamp"]


def test_texts_that_define_a_short_form_differently_are_both_heard():
    synonyms = knowing("a blue lamp (BL)", "a big ladder (BL)")
    assert others("What is BL?", synonyms)["BL"] >= {name("blue lamp"), name("big ladder")}


SHORT_FORMS = [
    ("CRS", "cytokine release syndrome"),
    ("GVHD", "graft-versus-host disease"),
    ("ALL", "acute lymphoblastic leukemia"),
]
NUMBERED = ("T2D", "type 2 diabetes")


@pytest.mark.parametrize(("short", "long"), [*SHORT_FORMS, NUMBERED])
def test_a_short_form_leads_to_what_a_text_says_it_stands_for(short, long):
    assert name(long) in others(f"What of {short}?", knowing(f"any {long} ({short}) is"))[short]


@pytest.mark.parametrize(
    ("short", "long"),
    [*SHORT_FORMS, pytest.param(*NUMBERED, marks=bug("a name with a number in it is not found"))],
)
def test_what_it_stands_for_leads_back_to_it(short, long):
    found = others(f"What of {long}?", knowing(f"any {long} ({short}) is"))
    assert frozenset({stem(short)}) in found[long.split()[-1]]


def test_a_name_is_not_its_own_synonym():
    synonyms = knowing("side effects (SE)")
    for question in ("What side effect?", "What is SE?"):
        terms = content_terms(question)
        assert all(
            frozenset({term.forms[0]}) not in names for term, names in zip(terms, synonyms.others(terms), strict=True)
        )


def test_names_are_found_in_plural_and_in_other_spellings():
    synonyms = knowing("a rare tumour cell cluster (TCC)")
    assert frozenset({stem("TCC")}) in others("Which tumor cell clusters?", synonyms)["clusters"]


def test_what_is_found_does_not_depend_on_the_order_of_the_texts():
    texts = ["a blue lamp (BL)", "a big ladder (BL)", "a bold lion (BL)"]
    terms = content_terms("What is BL?")
    assert knowing(*texts).others(terms) == knowing(*texts[::-1]).others(terms)
    (names,) = knowing(*texts).others(terms)
    assert len(names) == 3 and list(names) == sorted(names, key=sorted)


def test_no_terms_have_no_others():
    assert Synonyms().others(()) == []


def test_time_grows_no_faster_than_the_text():
    for unit in ("(", "( ", "(AB", "(AB;", "(AB)", "a b (AB) ", "[AB, ", "x", " ", "()", "(A", "a(AB)\n", "😀"):
        assert grows_as_the_text(lambda text: list(definitions(text)), unit, 4_000), unit


def test_a_megabyte_of_brackets_is_read_in_seconds():
    with at_once("a megabyte of brackets"):
        list(definitions("(" + " " * 500_000 + "(AB;" + "x" * 500_000))


def test_a_long_question_is_looked_up_at_once():
    synonyms = knowing("side effects (SE)", "a heart attack (HA)", "systemic lupus erythematosus (SLE)")
    for unit in ("side effects ", "heart attack blood ", "SLE "):
        terms = content_terms(" ".join(f"{unit}{number}" for number in range(300))[:MAX_QUESTION_CHARS])
        with at_once(unit):
            synonyms.others(terms)


@given(
    st.lists(
        st.sampled_from(["B", "cell-maturation", "antigens", "of", "it's", "10.5", "anti–CD19", "(x),"]), max_size=12
    )
)
def test_words_with_some_initials_are_found_where_the_initials_stand_in_a_row(said):
    text = " ".join(said)
    for letters in ("bcma", "cma", "ao", "iac", "xb"):
        assert bool(words_with_initials(letters).search(text)) == (letters in initials(text))


def test_initials_are_looked_for_at_once_in_any_text():
    for unit in ("a.", "a. ", "a'", "a-", "a", "a ", ".", "_"):
        with at_once(unit):
            words_with_initials("aaaaab").search(unit * 4000)
