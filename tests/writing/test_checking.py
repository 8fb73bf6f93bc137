"""The check of a written sentence against the quotes that it names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.writing.checking import Embed, Verdict, amounts, check_sentences, names
from tests.checked_rows import DATA, rows, table
from tests.engine import invented
from tests.growth import at_once

QUOTE = "In 412 adults the drug lowered systolic pressure by 2.5 mmHg (95% CI 0.9 to 4.1) over twelve weeks."
HEDGED = "CD19-directed CAR-T cells may induce lasting remission in systemic lupus erythematosus (SLE)."


def check_sentence(sentence: str, quotes: Sequence[str], embed: Embed, context: Sequence[str] = ()) -> Verdict:
    return check_sentences([(sentence, quotes, context)], embed)[0]


def verdict(sentence: str, *quotes: str, context: tuple[str, ...] = ()) -> Verdict:
    return check_sentence(sentence, quotes, invented().library.embed, context)


@pytest.mark.parametrize(
    ("sentence", "quotes"),
    [
        ("The drug lowered systolic pressure by 2.5 mmHg in 412 adults.", [QUOTE]),
        ("Systolic pressure fell by 2.5 mmHg with the drug over 12 weeks.", [QUOTE]),
        ("CAR T cells against CD19 may bring lasting remission in lupus.", [HEDGED]),
        ("CAR-T cells may induce remission in SLE.", [HEDGED]),
        ("Half of the patients relapsed.", ["Relapse was seen in 50% of the patients."]),
        ("TNF-alpha rose in treated mice.", ["In treated mice TNF-α rose."]),
        ("Relapse occurred in 3 to 5% of patients.", ["Relapse occurred in 3–5% of patients."]),
        ("Two reviews report that phages dissolve biofilm.", ["Phages dissolve the biofilm with enzymes."]),
    ],
)
def test_what_its_quotes_say_is_supported(sentence, quotes):
    assert verdict(sentence, *quotes) == Verdict("supported")


@pytest.mark.parametrize(
    ("sentence", "quote", "words"),
    [
        ("The drug lowered systolic pressure by 3.5 mmHg.", QUOTE, "3.5 mmHg"),
        ("The drug lowered systolic pressure by 2.5%.", QUOTE, "2.5%"),
        ("The drug was tested in 41 adults.", QUOTE, "41"),
        ("The drug raised systolic pressure by 2.5 mmHg.", QUOTE, "lowered"),
        ("The drug did not lower systolic pressure in 412 adults.", QUOTE, "otherwise"),
        ("BCMA-directed CAR-T cells may induce lasting remission in lupus.", HEDGED, "BCMA-directed"),
        ("Imatinib lowered systolic pressure over twelve weeks.", QUOTE.replace("the drug", "nilotinib"), "Imatinib"),
        ("Light did reduce fatigue in adults.", "Light did not reduce fatigue in adults.", "not"),
        ("The capital of France lies on a river.", QUOTE, "France"),
        ("Bread is baked from flour.", QUOTE, "something else"),
    ],
)
def test_what_its_quotes_do_not_say_is_struck_with_the_reason(sentence, quote, words):
    found = verdict(sentence, quote)
    assert found.support == "unsupported" and words in found.reason


def test_a_sentence_that_names_no_quote_is_struck():
    assert verdict("The drug lowered pressure.") == Verdict("unsupported", "It names no quote.")


def test_what_is_firmer_than_its_quote_is_weak():
    found = verdict("CAR-T cells induce lasting remission in systemic lupus erythematosus.", HEDGED)
    assert found == Verdict("weak", "Its quotes are more careful.")


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Liver function improved after surgery.", "Kidney function improved after surgery."),
        ("Streptococcus caused sepsis.", "Staphylococcus caused sepsis."),
        ("Exercise causes depression.", "Exercise prevents depression."),
        ("Most patients recovered.", "Few patients recovered."),
        ("Statins reduced mortality in children.", "Statins reduced mortality in adults."),
        ("412 mg of the drug were given.", "In 412 adults the drug was given."),
        ("Thirteen patients died.", "Fourteen patients died."),
        ("Doses of 5 g reduced pain.", "Doses of 5–10 mg reduced pain."),
        ("Zinc shortened colds.", "Zinc prolonged colds."),
    ],
)
def test_one_other_word_is_enough_not_to_be_supported(sentence, quote):
    assert verdict(sentence, quote).support != "supported"


@pytest.mark.xfail(reason="who does it to whom, and how sure it is, are not read; issue 17")
@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Aspirin was inferior to warfarin.", "Warfarin was inferior to aspirin."),
        ("Smoking causes lung cancer.", "Smoking is associated with lung cancer."),
        ("Vaccination prevents measles.", "It is untrue that vaccination prevents measles."),
    ],
)
def test_swapped_roles_and_stronger_claims_are_not_supported(sentence, quote):
    assert verdict(sentence, quote).support != "supported"


def test_names_and_years_of_the_cited_review_may_be_used():
    said = "Uslu et al. 2025 report that phages dissolve biofilm."
    assert verdict(said, "Phages dissolve the biofilm with enzymes.").support == "unsupported"
    assert (
        verdict(said, "Phages dissolve the biofilm with enzymes.", context=("Uslu et al. 2025",)).support == "supported"
    )


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1,200 patients", 1200, ""),
        ("3.4 million cells", 3.4e6, ""),
        ("2.5 mm Hg", 2.5, "mmhg"),
        ("12 %", 12, "%"),
        ("twelve weeks", 84, "day"),
        ("a 10-fold rise", 10, "fold"),
        ("half of them", 50, "%"),
    ],
)
def test_numbers_are_read_with_their_units(text, value, unit):
    assert [(one.value, one.unit) for one in amounts(text)] == [(value, unit)]


@pytest.mark.parametrize("text", ["CD19", "CD-19", "GLP-1 agonists", "p53", "IL-6"])
def test_digits_of_names_are_no_numbers(text):
    assert amounts(text) == []


def test_names_are_known_by_how_they_are_written():
    found = list(names("Both imatinib and PD-1 blockade, in ZUMA-1, spared neurons that Lynch had seen with TNF-α."))
    assert found == ["imatinib", "PD-1", "ZUMA-1", "Lynch", "TNF-α"]


@given(
    st.lists(
        st.sampled_from("The drug CAR-T lowered not 12 2.5% mmHg pressure, in adults IL-6 may".split()), min_size=3
    )
)
def test_a_sentence_that_is_its_own_quote_is_never_struck(pieces):
    sentence = " ".join(pieces) + "."
    assert check_sentence(sentence, [sentence], lambda texts: None).support == "supported"


@given(st.integers(5, 99), st.integers(5, 99))
def test_another_number_is_never_supported(one, other):
    text = "Relapse occurred in {}% of the treated patients."
    support = check_sentence(text.format(one), [text.format(other)], lambda texts: None).support
    assert (support == "supported") == (one == other)


def test_long_texts_are_checked_in_linear_time():
    long = "Word 1,2.3-4 A-b-" * 3000
    with at_once(long, seconds=10):
        check_sentence(long, [long], lambda texts: None)


@pytest.mark.skipif(not DATA.is_dir(), reason="the judged claims are not here")
def test_planted_falsehoods_of_held_back_rows_are_caught_and_true_quotes_are_not():
    found = table(rows(held_back=True), invented().library.embed)
    supported = {
        kind: sum(v.support == "supported" for v in verdicts) / len(verdicts) for kind, verdicts in found.items()
    }
    planted = [
        v
        for kind, verdicts in found.items()
        if kind.startswith(("another", "changed", "flipped neg", "swapped"))
        for v in verdicts
    ]
    assert sum(v.support != "supported" for v in planted) / len(planted) >= 0.95
    assert supported["its own quote"] == 1.0 and supported["its own quote, reordered"] >= 0.9
    assert supported["flipped direction, quote"] <= 0.1


def test_many_sentences_are_checked_as_one():
    many = [("The drug was tested in 41 adults.", [QUOTE], []), ("The drug was tested in 412 adults.", [QUOTE], [])]
    assert [v.support for v in check_sentences(many, invented().library.embed)] == ["unsupported", "supported"]
