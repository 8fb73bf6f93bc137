"""How much of a question a sentence holds: words in other forms, other names, and what stands only for itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answers.matching import build_matcher
from rag.answers.thresholds import HELD
from rag.questions import content_terms
from rag.shelf.library import Library
from rag.text.terms import stems
from tests.engine import invented, lexical, matcher

# The sentence holds the whole of the question.
SAME = [
    ("edema", "Anaemia and oedema were not recorded."),
    ("oedemas", "There was edema of the leg."),
    ("ANEMIA", "Anaemia and oedema were not recorded."),
    ("biofilms", "a biofilm can then grow"),
    ("masks and splints", "A splint, not a mask."),
    ("MBEC", "the minimum biofilm eradication concentration"),
    ("minimum biofilm eradication concentration", "MBEC is measured anew in every laboratory."),
    ("CPAP", "continuous positive airway pressure"),
    ("continuous positive airway pressure", "Noise put them off CPAP."),
    ("pt-41", "the cocktail PT-41 cleared it"),
    ("PT 41", "the cocktail PT-41 cleared it"),
    ("anti-biofilm", "against the biofilm"),
    ("five", "one in 5"),
    ("renal", "Kidney injury was seen"),
    ("heart attack", "after myocardial infarction"),
    ("icaa", "The gene icaA builds it."),
    ("Staphylococcus epidermidis", "strains of Staphylococcus epidermidis"),
]
# The question turns on something that the sentence does not hold, however much it looks like it.
OTHER = [
    ("icaB", "The gene icaA, which builds the biofilm, decides whether a phage can attach."),
    ("PT-42", "In a case series the phage cocktail PT-41 cleared the infection."),
    ("the POLLUX trial", "In the CASTOR trial vancomycin cement lowered the rate of reinfection."),
    ("the SELENE trial", "In the SERENA trial it lowered blood pressure."),
    ("teicoplanin", "whereas gentamicin cement did not, vancomycin cement did"),
    ("3.5 mmHg", "it lowered systolic blood pressure by 2.5 mmHg"),
    ("after 6 g of vancomycin", "more than 4 g of vancomycin"),
    ("Staphylococcus aureus", "strains of Staphylococcus epidermidis"),
    ("What does cement cost?", "Cement is easy to handle."),
    ("splints in mice", "A mandibular splint moves the lower jaw forward."),
    ("phages in children", "Phages fit few strains, so that each patient needs a match."),
    ("median survival", "none of them relapsed within two years"),
]


@pytest.mark.parametrize(("question", "sentence"), SAME)
def test_the_same_thing_in_another_form_counts_whole(question: str, sentence: str) -> None:
    asked = matcher(question, invented())
    assert asked.coverage(asked.strengths(sentence)) == pytest.approx(1)
    assert asked.holds_keys(asked.strengths(sentence))


@pytest.mark.parametrize(("question", "sentence"), SAME)
def test_without_the_model_forms_spellings_and_names_count_as_well(question: str, sentence: str) -> None:
    asked = matcher(question, lexical())
    assert asked.coverage(asked.strengths(sentence)) == pytest.approx(1)


@pytest.mark.parametrize(("question", "sentence"), OTHER)
def test_a_name_a_number_and_a_notion_stand_only_for_themselves(question: str, sentence: str) -> None:
    asked = matcher(question, invented())
    assert not asked.holds_keys(asked.strengths(sentence))
    assert asked.coverage(asked.strengths(sentence)) < 1


def test_an_ordinary_word_is_held_by_one_that_means_nearly_the_same(library: Library) -> None:
    sentence = "Extending therapy to solid tumors remains challenging."
    for text, held in {"difficult": True, "purple": False}.items():
        asked = build_matcher(content_terms(text), library)
        assert (asked.strengths(sentence)[0] >= HELD) == held


def test_without_the_model_no_sense_is_guessed() -> None:
    asked = matcher("quiet", lexical())
    assert asked.strengths("the evenings became calmer").tolist() == [0]
    assert matcher("quiet", invented()).strengths("the evenings became calmer")[0] > 0


@given(st.text(min_size=1, max_size=80), st.text(max_size=120))
def test_strengths_and_coverage_are_shares_for_any_text(question: str, sentence: str) -> None:
    asked = matcher(question, invented())
    strengths = asked.strengths(sentence)
    assert strengths.shape == (len(asked.terms),)
    assert np.all((strengths >= 0) & (strengths <= 1))
    assert 0 <= asked.coverage(strengths) <= 1


shares = st.lists(st.floats(0, 1), min_size=4, max_size=4)


@given(shares, shares)
def test_coverage_grows_with_what_is_held(some: list[float], more: list[float]) -> None:
    asked = matcher("Does vancomycin cement prevent reinfection?", invented())
    assert len(asked.terms) == 4
    low, high = np.array(some), np.maximum(some, more)
    assert asked.coverage(low) <= asked.coverage(high) + 1e-9
    assert asked.coverage(np.zeros(4)) == 0
    assert asked.coverage(np.ones(4)) == pytest.approx(1)


def test_a_question_without_terms_covers_nothing_and_turns_on_nothing() -> None:
    asked = matcher("What is it about?", invented())
    assert asked.terms == ()
    assert asked.coverage(asked.strengths("anything")) == 0
    assert asked.holds_keys(asked.strengths("anything"))
    assert asked.is_specific(asked.strengths("anything"))


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    weight = {term.term.text: term.weight for term in matcher("biofilm depolymerases unheard-of", invented()).terms}
    assert weight["biofilm"] < weight["depolymerases"] <= weight["unheard-of"]


def test_what_leads_up_to_the_question_decides_nothing() -> None:
    told = matcher("My uncle was given Kymriah. Does a biofilm grow on cement?", invented())
    sentence = "a biofilm can then grow on the cement itself"
    assert told.holds_keys(told.strengths(sentence))
    asked = matcher("Was Kymriah given where a biofilm grows on cement?", invented())
    assert not asked.holds_keys(asked.strengths(sentence))


def test_discounted_terms_weigh_less_and_the_others_as_before() -> None:
    asked = matcher("vancomycin cement", invented())
    less = asked.discounted([True, False], 0.1)
    assert [term.weight for term in less.terms] == [pytest.approx(asked.terms[0].weight / 10), asked.terms[1].weight]
    holds_second = less.strengths("Cement is easy to handle.")
    assert less.coverage(holds_second) > asked.coverage(holds_second)


def test_the_subject_of_the_whole_library_is_no_sign_of_an_answer(library: Library) -> None:
    asked = build_matcher(content_terms("Are CAR-T cells used against malaria?"), library)
    common = {term.term.text for term in asked.terms if term.common}
    assert "CAR-T" in common
    assert not any(term.key for term in asked.terms if term.common)
    assert not asked.is_specific(asked.strengths("CAR-T cells are used."))
    assert asked.is_specific(asked.strengths("They are used against malaria."))


def test_a_short_form_is_defined_where_it_stands_with_its_long_form() -> None:
    (term,) = matcher("MBEC", invented()).terms
    both = "The minimum biofilm eradication concentration (MBEC) is measured."
    assert term.defined(frozenset(stems(both)))
    assert not term.defined(frozenset(stems("The MBEC is measured.")))


def test_the_same_terms_give_the_same_matcher() -> None:
    text = "How do phages and vancomycin cement act on a biofilm?"
    one, other = matcher(text, invented()), matcher(text, invented())
    assert one == other
