"""Typing errors are mended with words of the library; what may be meant as it stands is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.encoders.embedding import load_embedder
from rag.index.columns import Passages
from rag.index.stem_sets import sentence_stems
from rag.questions.parsing import MAX_QUESTION_CHARS
from rag.questions.spelling import SHORTHAND, correct_spelling
from rag.text.chunking import chunk_review
from rag.text.language import Language
from rag.text.terms import words
from rag.text.vocabulary import Vocabulary, build_vocabulary
from rag.types import Review, Section
from tests.growth import at_once

LIBRARY = (
    "Tumor antigens vary. Leukemia relapsed after remission. Cytokine release syndrome is a toxicity of the therapy. "
    "Heterogeneity and an immunosuppressive microenvironment limit autoimmune treatment. Lymphodepletion precedes it. "
    "Fibroblasts of the CD19 lineage and the PD-1 axis in mice. Persistence, trafficking and exhaustion matter."
)
CODE = r"[A-Z]{2,4}[0-9]{1,3}|[a-z]{1,3}[0-9]{1,4}|[A-Z]{2,5}|[A-Z][a-z]+[A-Z][a-z]*|[0-9]{1,4}(\.[0-9]{1,3})?"


@pytest.fixture(scope="module")
def english(data: Path) -> Language:
    return Language(load_embedder(data / "models").word_pieces())


def vocabulary_of(text: str) -> Vocabulary:
    review = Review("10.1000/lamp", "On lamps", text, (Section("Body", "body", "authors", 0, len(text)),))
    columns = Passages.of([review], chunk_review(review))
    stems = sentence_stems(columns)
    return build_vocabulary(columns.sentence_texts(), len(stems), stems.frequency(), None)


VOCABULARY = vocabulary_of(LIBRARY)
# Words that stand for the language where a property needs no real one: only these are English.
FEW = Language({"what": 1, "does": 2, "about": 3, "heart": 4, "station": 5})


def bug(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(reason=reason)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param(
            "What is a tumer?",
            "What is a tumor?",
            marks=bug("it has the stem of “tumeric”, which WordNet has; issue 14"),
        ),
        ("Leukema or lukemia?", "leukemia or leukemia?"),
        ("antigen hetrogeneity", "antigen heterogeneity"),
        ("imunosuppressive microenviroment", "immunosuppressive microenvironment"),
        ("cytokyne relaese sindrome", "cytokine release syndrome"),
        ("lymphodpeletion", "lymphodepletion"),
        ("leukema-bearing, leukema!", "leukema-bearing, leukemia!"),
        ("Whose jounral and auhtors?", "Whose journal and authors?"),
        ("autoimune treatmnt", "autoimmune treatment"),
        ("It helps. Leukema?", "It helps. leukemia?"),
    ],
)
def test_errors_are_mended_where_they_stand(english, typed, meant):
    assert correct_spelling(typed, VOCABULARY, english) == meant


@pytest.mark.parametrize("typed", ["2 yrs hx abt tx", "w 3 pts r there"])
def test_shorthand_is_written_out(english, typed):
    assert correct_spelling(typed, VOCABULARY, english) in (
        "2 years history about treatment",
        "with 3 patients are there",
    )


def test_a_stump_is_completed_only_when_one_word_of_the_library_begins_with_it():
    vocabulary = vocabulary_of("Lymphodepletion helps lymphocytes. Remission lasts; remissions end. Relapse.")
    assert correct_spelling("remis", vocabulary, FEW) == "remission"
    assert correct_spelling("lymp, re, rel", vocabulary, FEW) == "lymp, re, relapse"


@given(st.lists(st.sampled_from(sorted({word.text for word in words(LIBRARY)})), max_size=12))
def test_words_of_the_library_are_never_touched(said):
    assert correct_spelling(" ".join(said), VOCABULARY, FEW) == " ".join(said)


@given(st.lists(st.from_regex(CODE, fullmatch=True), max_size=8))
def test_numbers_and_codes_are_never_touched(codes):
    text = ", ".join(codes)
    assert correct_spelling(text, VOCABULARY, FEW) == text


@pytest.mark.parametrize(
    "text", ["WT mice", "PT and INR", "Is it done in R?", "Pt nanoparticles", "position W", "vitamin U"]
)
def test_capitals_are_no_shorthand(text):
    assert correct_spelling(text, VOCABULARY, FEW) == text


@pytest.mark.parametrize("code", ["TUmer", "leuKema", "lEukema", "CYTOKYNE", "tumer1"])
def test_a_word_with_inner_capitals_or_digits_is_a_code(code):
    assert correct_spelling(code, VOCABULARY, FEW) == code


@given(st.text(max_size=60))
@example("E\u0301tumer\x00 tumer😀tumer שלום tumer İtumer")
def test_only_words_change_and_what_stands_between_them_does_not(text):
    mended = correct_spelling(text, VOCABULARY, FEW)
    assert between(mended) == between(text) or any(word.text in SHORTHAND for word in words(text))


def between(text: str) -> list[str]:
    ends = [0, *(word.end for word in words(text))]
    starts = [*(word.start for word in words(text)), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


@given(st.sampled_from(LIBRARY.lower().replace(".", "").replace(",", "").split()), st.data())
def test_mending_twice_changes_no_more_than_mending_once(word, data):
    at = data.draw(st.integers(1, len(word)))
    once = correct_spelling(word[:at] + word[at + 1 :], VOCABULARY, FEW)
    assert correct_spelling(once, VOCABULARY, FEW) == once


@pytest.mark.parametrize("text", ["heart stations", "What does it say about the heart?", "unhelpful"])
def test_words_of_the_language_are_never_touched(english, text):
    assert correct_spelling(text, vocabulary_of("A heat statistic was hurt, helpful"), english) == text


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("hypotension", "hypertension"),
        ("hyperglycemia", "hypoglycemia"),
        ("hyperthyroidism", "hypothyroidism"),
        ("intracellular", "intercellular"),
        ("hypotonicity", "hypertonicity"),
        ("intrapatient", "interpatient"),
        ("antepartum", "antipartum"),
        ("protumorous", "pretumorous"),
        pytest.param("microvascular", "macrovascular", marks=bug("micro- and macro-")),
        ("endocytosis", "exocytosis"),
        ("exogenous", "endogenous"),
        ("perioperative", "preoperative"),
        ("autograft", "allograft"),
        ("upregulated", "unregulated"),
    ],
)
def test_opposites_are_never_mended_into_each_other(english, typed, held):
    vocabulary = vocabulary_of(f"We saw {held} there.")
    assert correct_spelling(typed, vocabulary, english) != held


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("prednisone", "prednisolone"),
        ("sitagliptin", "saxagliptin"),
        ("cefazolin", "cefalotin"),
        ("hypocalcemia", "hypokalemia"),
        ("nephropathy", "neuropathy"),
        ("hemostasis", "homeostasis"),
        ("dysphagia", "dysphasia"),
        ("hematoma", "hepatoma"),
        ("miosis", "mitosis"),
        ("lobectomy", "lobotomy"),
        ("colostomy", "colectomy"),
    ],
)
def test_one_drug_disease_or_operation_is_never_mended_into_another(english, typed, held):
    assert correct_spelling(typed, vocabulary_of(f"We saw {held} there."), english) == typed


@pytest.mark.parametrize(
    "term", ["statins", "aspirin", "polio", "prion", "renin", "actin", "claudin", "Moderna", "Crohns", "Sioud"]
)
def test_terms_and_names_that_the_library_lacks_are_not_made_everyday_words(english, term):
    question = f"What does {term} do?"
    assert correct_spelling(question, VOCABULARY, english) == question


def test_a_name_is_not_mended_into_a_word_of_the_library(english):
    question = "What did Kanter and Tumar find?"
    assert correct_spelling(question, vocabulary_of("The tumor grew."), english) == question


def test_without_a_word_list_nothing_is_guessed():
    assert correct_spelling("What is a tumer?", VOCABULARY, Language(None)) == "What is a tumer?"


@pytest.mark.parametrize("text", ["", " ", "?!", "\x00", "😀", "1,2", "İ", "ß", "e\u0301", "שלום", "''"], ids=ascii)
def test_odd_text_stays_as_it_is(english, text):
    assert correct_spelling(text, VOCABULARY, english) == text


def test_a_long_question_of_nothing_but_errors_is_read_at_once(english):
    question = ("tumerx leukemix antigxn remisssion hetrogeneityy sindrome cytokinne " * 40)[:MAX_QUESTION_CHARS]
    with at_once(question):
        correct_spelling(question, VOCABULARY, english)
