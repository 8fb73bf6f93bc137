"""The check of a written sentence against the quotes that it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.encoders import Paragraph, Reader, Reading
from rag.lexicon import Synonyms, defined_names
from rag.writing.checking import (
    Cited,
    Verdict,
    changed_word,
    check_sentences,
    loses_hedge,
    names,
    only_asked,
    other_names,
    repeats,
    strange_frame,
    strange_matter,
    strange_name,
    turns,
)
from tests.checked_rows import ABSTRACTS, DATA, Row, rows, written_rows
from tests.engine import invented
from tests.growth import at_once

QUOTE = "In 412 adults the drug lowered systolic pressure by 2.5 mmHg (95% CI 0.9 to 4.1) over twelve weeks."
HEDGED = "CD19-directed CAR-T cells may induce lasting remission in systemic lupus erythematosus (SLE)."


def cited(sentence: str, quotes: Sequence[str], context: Sequence[str] = (), whole: bool = False) -> Cited:
    return Cited(sentence, quotes, context, whole)


def verdict(sentence: str, *quotes: str, context: tuple[str, ...] = ()) -> Verdict:
    return check_sentences([cited(sentence, quotes, context)], invented().library.reader)[0]


def unread(sentence: str, *quotes: str) -> Verdict:
    """Return the verdict where there is no reader."""
    return check_sentences([cited(sentence, quotes)], None)[0]


class Told:
    """In the place of a reader: what it says of each quote, as (supports, refutes), by words that the quote holds."""

    def __init__(self, **claims: tuple[float, float]) -> None:
        self.claims, self.asked = claims, list[Paragraph]()

    def read(self, question: str, paragraphs: Sequence[Paragraph]) -> list[Reading]:
        self.asked += paragraphs
        return [self._reading(" ".join(paragraph.sentences)) for paragraph in paragraphs]

    def _reading(self, text: str) -> Reading:
        supports, refutes = next(claim for word, claim in self.claims.items() if word in text)
        claim = np.log(np.array([supports, refutes, 1.0 - supports - refutes], np.float32) + 1e-6)
        nothing = np.zeros(1, np.float32)
        return Reading(nothing, np.zeros((1, 4), np.float32), claim[None], 0.0, claim)


def told(*quotes: str, **claims: tuple[float, float]) -> Verdict:
    """Return the verdict on "Moss helps." where a reader says this of quotes with these words."""
    return check_sentences([cited("Moss helps.", quotes)], cast("Reader", Told(**claims)))[0]


LOWER = "After 12 weeks, blood pressure was significantly lower in the candesartan group than with placebo (P = 0.003)."
ALIKE = "Mortality did not differ between the groups (12% versus 13%, P = 0.7)."


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        (QUOTE, QUOTE),
        ("CAR T cells against CD19 may bring lasting remission in lupus.", HEDGED),
        ("CAR-T cells may induce remission in SLE.", HEDGED),
        ("Half of the patients had a relapse within a year.", "Relapse was seen in 50% of the patients in one year."),
        ("There was no difference in mortality between the two groups.", ALIKE),
    ],
)
def test_what_its_quotes_say_is_supported(sentence, quote):
    assert verdict(sentence, quote) == Verdict("supported")


@pytest.mark.parametrize(
    ("sentence", "quote", "words"),
    [
        ("The drug lowered systolic pressure by 3.5 mmHg.", QUOTE, "3.5 mmHg"),
        ("The drug lowered systolic pressure by 2.5%.", QUOTE, "2.5%"),
        ("The drug was tested in 41 adults.", QUOTE, "41"),
        ("Candesartan had no effect on blood pressure.", LOWER, "otherwise"),
        ("BCMA-directed CAR-T cells may induce lasting remission in lupus.", HEDGED, "BCMA-directed"),
        ("Imatinib lowered systolic pressure over twelve weeks.", QUOTE.replace("the drug", "nilotinib"), "Imatinib"),
        ("Light did reduce fatigue in adults.", "Light did not reduce fatigue in adults.", "not"),
        ("The capital of France lies on a river.", QUOTE, "France"),
        ("Exercise programmes are cheaper than drugs.", ALIKE, "something else"),
    ],
)
def test_what_its_quotes_do_not_say_is_struck_with_the_reason(sentence, quote, words):
    found = verdict(sentence, quote)
    assert found.support == "unsupported" and words in found.reason


def test_a_finding_that_is_denied_is_never_supported():
    found = verdict("The drug did not lower systolic pressure in 412 adults.", QUOTE)
    assert found.support != "supported"


def test_a_question_is_no_answer():
    asked = "Does the drug lower systolic pressure in adults?"
    assert unread(asked, asked).reason == "It asks, and states nothing."


def test_a_sentence_that_names_no_quote_is_struck():
    assert verdict("The drug lowered pressure.") == Verdict("unsupported", "It names no quote.")


def test_what_is_firmer_than_its_quote_is_weak_at_most():
    assert verdict("CAR-T cells induce lasting remission in lupus.", HEDGED).support != "supported"
    assert told("Moss may help.", Moss=(0.9, 0.05)) == Verdict("weak", "Its quotes are more careful.")


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


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("Aspirin was inferior to warfarin.", "Warfarin was inferior to aspirin."),
        ("Smoking causes lung cancer.", "Smoking is associated with lung cancer."),
        ("Vaccination prevents measles.", "It is untrue that vaccination prevents measles."),
        ("Men did not respond, but women did respond.", "Men did respond, but women did not respond."),
        ("Metformin causes diabetes.", "Metformin treats diabetes."),
        ("Statins reduce mortality.", "We tested the hypothesis that statins reduce mortality."),
        ("The findings are important and help people.", "Mice died."),
    ],
)
def test_swapped_roles_and_stronger_claims_are_not_supported(sentence, quote):
    assert verdict(sentence, quote).support != "supported"


@pytest.mark.parametrize(
    ("claims", "support", "words"),
    [
        ((0.9, 0.05), "supported", ""),
        ((0.4, 0.2), "weak", "may not carry"),
        ((0.02, 0.2), "unsupported", "something else"),
        ((0.02, 0.95), "unsupported", "otherwise: “Moss it is.”"),
    ],
)
def test_what_the_reader_is_sure_of_decides(claims, support, words):
    found = told("Moss it is.", Moss=claims)
    assert found.support == support and words in found.reason


def test_one_quote_that_carries_it_is_enough_and_one_against_it_is_told():
    assert told("Moss it is.", "Herons wade.", Moss=(0.9, 0.05), Herons=(0.01, 0.01)).support == "supported"
    against = told("Moss it is.", "Herons wade.", Moss=(0.9, 0.05), Herons=(0.01, 0.95))
    assert against == Verdict("weak", "Its quote says otherwise: “Herons wade.”.")


def test_two_quotes_may_carry_a_sentence_together():
    both = {"Moss Herons": (0.9, 0.05), "Moss": (0.3, 0.1), "Herons": (0.3, 0.1)}
    assert told("Moss", "Herons", **both).support == "supported"


def test_a_quote_and_its_neighbours_carry_a_sentence_as_a_whole_or_not_at_all():
    both = {"Moss Herons": (0.9, 0.05), "Moss": (0.3, 0.1), "Herons": (0.0, 0.1)}
    reader = cast("Reader", Told(**both))
    apart, whole = check_sentences([cited("Moss helps.", ["Moss", "Herons"], whole=w) for w in (False, True)], reader)
    assert (apart.support, whole.support, whole.carrying) == ("weak", "supported", (0, 1))


def test_what_only_a_title_says_is_carried_by_no_quote():
    reader = Told(Moss=(0.9, 0.05))
    check_sentences([Cited("Moss helps.", ["Moss it is."], ["On moss"])], cast("Reader", reader))
    assert [one.title for one in reader.asked] == [""]
    quote = "Phages of this kind dissolve the biofilm on infected joint replacements with enzymes."
    assert verdict("Aspirin cures leprosy.", quote, context=("Aspirin cures leprosy",)).support != "supported"


def test_without_a_reader_only_a_quote_itself_is_supported():
    assert unread("Light reduced fatigue.", "Light reduced fatigue.") == Verdict("supported")
    found = unread("Fatigue was reduced by light.", "Light reduced fatigue.")
    assert found.support == "weak" and "reader is missing" in found.reason


def test_a_reader_whose_files_are_gone_is_none(tmp_path):
    gone = Reader(tmp_path / "model", tmp_path / "graph", "gone")
    (found,) = check_sentences([cited("Fatigue was reduced by light.", ["Light reduced fatigue."])], gone)
    assert found.support == "weak" and "reader is missing" in found.reason


def test_a_sentence_that_is_not_read_to_its_end_is_weak():
    found = told("Moss it is.", Moss=(0.9, 0.05))
    long = Cited(f"Moss helps{' again and again' * 20}.", ["Moss it is."])
    assert found.support == "supported"
    assert check_sentences([long], cast("Reader", Told(Moss=(0.9, 0.05))))[0].support == "weak"


@pytest.mark.parametrize(
    ("sentence", "quote", "repeated"),
    [
        ("PT-41 cured mice.", "The cocktail PT-41 cured mice, and none died.", True),
        ("None died.", "The cocktail PT-41 cured mice, and none died.", True),
        ("PT-41 cured mice.", "PT-41 cured mice; rats died.", True),
        ("PT-41 cured mice.", "We tested the hypothesis that PT-41 cured mice.", False),
        ("PT-41 cured mice.", "PT-41 cured mice, but only in winter.", False),
        ("PT-41 cured mice.", "In winter, PT-41 cured mice.", False),
        ("PT-41 cured mice.", "No PT-41 cured mice.", False),
        ("PT-41 cured.", "PT-41 cured mice.", False),
        ("", "", False),
    ],
)
def test_a_statement_of_a_quote_is_it_word_for_word(sentence, quote, repeated):
    assert repeats(sentence, quote) == repeated


@pytest.mark.parametrize(
    ("sentence", "quote", "turned"),
    [
        ("Light did reduce fatigue.", "Light did not reduce fatigue.", True),
        ("Light never reduces fatigue.", "Light reduces fatigue.", True),
        ("Cough was lower with moss.", "Cough was higher with moss.", True),
        ("Cough was lower with moss than with tea.", "Cough was higher with tea than with moss.", False),
        ("PT-41 did not cure mice.", "PT-41 cured mice, and none died.", True),
        ("The drugs work.", "The drug works.", False),
        ("Aspirin reduced pain.", "Aspirin reduced pain but did not reduce fever.", False),
        ("", "", False),
    ],
)
def test_a_quote_with_one_denial_or_opposite_changed_is_turned(sentence, quote, turned):
    assert turns(sentence, quote) == turned


RATES = "The rate among the treated patients was 36%, as opposed to 25% in the others who were seen."


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("The rate among the treated patients was 25%, as opposed to 36% in the others who were seen.", "25"),
        ("The rate among the treated herons was 36%, as opposed to 25% in the others who were seen.", "herons"),
        ("The patients among the treated rate was 36%, as opposed to 25% in the others who were seen.", "patients"),
        ("The rate among the treated patients was 36%, as opposed to 25% in the others.", None),
        ("In the others who were seen it was 25%, while in treated ones 36% was the rate.", None),
        ("The study found that the rate among the treated patients was 36%, as opposed to 25% in the others.", None),
    ],
)
def test_a_word_that_a_copy_exchanges_or_brings_in_is_found(sentence, word):
    assert changed_word(sentence, [RATES]) == word


def test_a_word_of_a_compound_is_neither_exchanged_nor_brought_in():
    quote = "Blinded assessments are made at discharge from rehabilitation and twelve months post-stroke."
    assert (
        changed_word("Blinded assessments are made at discharge and twelve months after the stroke.", [quote]) is None
    )


def test_a_name_may_be_lent_by_a_neighbour_and_a_number_may_not():
    lacking = [
        unread(said, "It fell in 12 adults.") for said in ("It fell in 12 adults of Norwood.", "It fell in 19 adults.")
    ]
    assert [(one.support, one.lacks) for one in lacking] == [("unsupported", "Norwood"), ("unsupported", "")]


@pytest.mark.parametrize("word", ["over", "back", "does", "hepatitis"])
def test_only_what_means_one_thing_is_looked_for_as_a_disease_or_a_drug(word):
    strange = strange_matter(f"It {word} fell.", ["It fell."], [])
    assert strange == ("hepatitis" if word == "hepatitis" else None)


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("It is untrue that the drug lowers pressure.", "untrue"),
        ("It has been a myth that the drug lowers pressure.", "a myth"),
        ("It is clear that the drug lowers pressure.", None),
        ("It is the drug’s effect on pressure that counts.", "the drug’s effect on pressure"),
        ("It is a drug.", None),
    ],
)
def test_what_is_said_of_a_whole_claim_stands_in_its_quotes(sentence, said):
    assert strange_frame(sentence, ["The drug clearly lowers pressure."]) == said


def test_what_is_more_likely_in_one_group_is_sure():
    assert not loses_hedge("The drug helped more of them.", ["The drug was more likely to help."])
    assert loses_hedge("The drug helped them.", ["The drug is likely to help."])


def test_a_copy_with_numbers_exchanged_is_weak_whatever_is_read():
    said = "The rate among the treated patients was 25%, as opposed to 36% in the others who were seen."
    found = check_sentences([cited(said, [RATES])], cast("Reader", Told(rate=(0.99, 0.0))))[0]
    assert found.support == "weak" and "“25”" in found.reason


@pytest.mark.parametrize(
    ("sentence", "quote", "asked"),
    [
        (
            "Completing the course improves practice.",
            "To determine whether completing the course improves practice.",
            1,
        ),
        ("The study determined whether the course helps.", "To determine whether the course helps.", 0),
        ("We explored whether the moss helps.", "We explored whether the moss helps herons.", 0),
        ("The moss helps herons.", "We explored whether the moss helps herons.", 1),
        ("Calls work better than print.", "The question was: do calls work better than print?", 1),
        ("Calls work better than print.", "Calls were found to work better than print.", 0),
    ],
)
def test_what_a_quote_only_asks_is_not_said_by_it(sentence, quote, asked):
    assert only_asked(sentence, [quote]) == bool(asked)


def test_what_denies_by_its_first_syllable_is_turned():
    assert turns("The non-severe hazard was higher.", "The severe hazard was higher.")
    assert not turns("The non-severe hazard was higher.", "The non-severe hazard was higher.")


def test_a_claim_on_two_quotes_is_supported_by_each_alone():
    both = {"Moss Herons": (0.3, 0.05), "Moss": (0.1, 0.1), "Herons": (0.1, 0.1)}
    assert told("Moss", "Herons", **both).support == "weak"
    reader = cast("Reader", Told(Moss=(0.9, 0.0)))
    said = "Mosses help the herons, and herons help all of the mosses."
    assert check_sentences([cited(said, ["Moss", "More Moss"])], reader)[0].support == "supported"


def test_only_quotes_that_carry_a_sentence_are_its_citations():
    found = told("Moss", "Herons", Moss=(0.9, 0.05), Herons=(0.01, 0.01))
    assert (found.support, found.carrying) == ("supported", (0,))
    assert told("Herons", Herons=(0.06, 0.01)).carrying == (0,), "a weak sentence keeps what it names"


def test_a_firm_sentence_is_weak_though_a_quote_beside_the_point_is_firm():
    said, beside = "CAR-T cells have achieved remission.", "Antigens vary between the cells of solid tumors."
    reader = cast("Reader", Told(induce=(0.9, 0.0), Antigens=(0.01, 0.0)))
    found = check_sentences([cited(said, [HEDGED, beside])], reader)[0]
    assert (found.support, found.reason) == ("weak", "Its quotes are more careful.")


def test_names_and_years_of_the_cited_review_may_be_used():
    said, quote = "In 2025 Uslu reported that phages dissolve biofilm.", "Phages dissolve the biofilm with enzymes."
    assert "2025" in verdict(said, quote).reason and "Uslu" in verdict(said.replace("In 2025", "Then"), quote).reason
    assert "none of its quotes" not in verdict(said, quote, context=("Uslu et al. 2025",)).reason


@pytest.mark.parametrize(
    ("sentence", "quote", "strange"),
    [
        ("A Japanese trial found it.", "The trial took place in Japan.", None),
        ("It was seen in Africa.", "It was seen in African adults.", None),
        ("It was HPV.", "Samples were tested for hrHPV.", None),
        ("It took one 30-minute session.", "It took a session of 30 min.", None),
        ("It was seen in Parkinson.", "It was seen in PD.", "Parkinson"),
        ("It was seen in Norwood.", "It was seen in Norfolk.", "Norwood"),
        ("It was IL.", "Samples were tested for SIL.", "IL"),
    ],
)
def test_a_name_may_stand_in_another_form(sentence, quote, strange):
    assert strange_name(sentence, [quote], []) == strange


def test_a_quote_is_read_with_what_its_texts_call_the_same():
    defined = Synonyms(defined_names("In Parkinson disease (PD) and after transurethral resection (TUR)."))
    quotes = ["Of people with PD many slept badly."]
    called = other_names(quotes, defined)
    assert "parkinson" in called and "transurethr" not in called
    assert strange_name("Many with Parkinson disease slept badly.", quotes, []) == "Parkinson"
    assert strange_name("Many with Parkinson disease slept badly.", quotes, [], called) is None
    assert strange_name("Many with Alzheimer disease slept badly.", quotes, [], called) == "Alzheimer"


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
    assert unread(sentence, sentence).support == "supported"


@given(st.integers(5, 99), st.integers(5, 99))
def test_another_number_is_never_supported(one, other):
    text = "Relapse occurred in {}% of the treated patients."
    support = unread(text.format(one), text.format(other)).support
    assert (support == "supported") == (one == other)


def test_long_texts_are_checked_in_linear_time():
    long = "Word 1,2.3-4 A-b- not " * 3000
    with at_once(long, seconds=10):
        unread(long, long)


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason="the judged claims are not here")
def test_planted_falsehoods_of_held_back_rows_are_caught_and_true_quotes_are_not():
    supported = share_supported(rows(held_back=True)[::3])
    planted = [
        share for kind, share in supported.items() if kind.startswith(("another", "changed", "flipped", "swapp"))
    ]
    assert len(planted) == 9 and sum(planted) / len(planted) <= 0.05 and max(planted) <= 0.15
    assert supported["its own quote"] == 1.0 and supported["its own quote, reordered"] >= 0.8


@pytest.mark.slow
@pytest.mark.skipif(not ABSTRACTS.is_dir(), reason="the abstracts are not here")
def test_of_what_a_model_would_write_little_that_is_false_is_supported():
    found = written_rows()
    verdicts = check_sentences([row.cited for row in found], invented().library.reader)
    true, false = (
        [v.support for row, v in zip(found, verdicts, strict=True) if row.planted == p] for p in (False, True)
    )
    assert false.count("supported") / len(false) <= 0.05
    assert true.count("supported") / len(true) >= 0.3 and true.count("unsupported") / len(true) <= 0.13


def share_supported(found: Sequence[Row]) -> dict[str, float]:
    by_kind: dict[str, list[bool]] = {}
    for row, verdict in zip(
        found, check_sentences([row.cited for row in found], invented().library.reader), strict=True
    ):
        by_kind.setdefault(row.kind, []).append(verdict.support == "supported")
    return {kind: sum(own) / len(own) for kind, own in by_kind.items()}


def test_sentences_have_their_verdicts_in_order():
    many = [
        cited(f"The drug was tested in {n} adults.", [f"The drug was tested in {n % 100} adults."]) for n in (412, 41)
    ]
    assert [v.support for v in check_sentences(many, None)] == ["unsupported", "supported"]
