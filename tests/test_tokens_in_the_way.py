"""One token that is written otherwise, or says nothing, does not hide an answer; one that says something else does."""

from __future__ import annotations

import pytest

from rag.pipeline import ask
from rag.shelf import Library
from tests.engine import open_shelf, quotes, settings_for

DOSES = """# Low-dose melatonin after night shifts
Authors: Ada J. K. Lindgren, Otto Marsh

## Abstract

Night workers took melatonin at 2.5 mg before they went to bed. At 2.5 mg sleep lasted 40 minutes longer.
A dose of 25 mg caused headache in 9 of 31 workers. Vitamin D had no effect on the sleep of nurses.
In melanoma, sleep was worst where metastases had reached the brain.
Acute lymphoblastic leukemia (ALL) was found in none of all nurses examined.
Light at night killed the rhythm of cortisol. Grade 3 insomnia was seen twice.
IL-2 caused fever in 12 nurses. PD-L1 was found in 1 of 9 moles. Digoxin was begun at 5 mg in horses.
Ivabradine slowed the pulse at 2-4 mg. Grade 3/4 neutropenia was seen in a third of the women.
Naloxone at 0.5 mg woke the sleepers. Warfarin thinned the
blood at 1–2.5 mg. Two RCTs tried yoga before the shift. Wounds were healed by an MSC.
"""


def wrong(reason: str, *values: str) -> object:
    return pytest.param(*values, marks=pytest.mark.xfail(strict=False, reason=f"{reason}; issue 14"))


@pytest.fixture(scope="module")
def shelf() -> Library:
    return open_shelf(settings_for("tokens", {"doses.md": DOSES})).library


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Does 2.5mg melatonin lengthen sleep?", "At 2.5 mg sleep lasted"),
        wrong("keywords without a verb are not sure enough", "melatonin 2,5 mg night workers sleep", "2.5 mg"),
        wrong("a finding on another thing comes first", "melatonin 4 sleep in night workers", "melatonin"),
        ("Does vit D help nurses sleep?", "Vitamin D had no effect"),
        ("sleep and brain metastasis in melanoma", "metastases had reached the brain"),
        ("killing the cortisol rhythm by light", "Light at night killed"),
        ("What does A.J.K. Lindgren say about headache?", "headache in 9 of 31"),
        ("Had the nurses ALL?", "Acute lymphoblastic leukemia"),
        ("tldr melatonin for night workers", "melatonin"),
        ("Was IL-2 followed by fever?", "IL-2 caused fever"),
        ("Did anti-PD-L1 find moles?", "PD-L1 was found"),
        ("Did naloxone .5 mg wake the sleepers?", "Naloxone at 0.5 mg"),
        ("Did ivabradine slow the pulse at 2 to 4 mg?", "2-4 mg"),
        ("Did ivabradine slow the pulse at 4 mg?", "2-4 mg"),
        ("Did warfarin thin the blood at 2.5 mg?", "1–2.5 mg"),
        ("Was grade 3 neutropenia seen?", "Grade 3/4"),
        ("Was grade 4 neutropenia seen?", "Grade 3/4"),
        ("Was grade 3–4 neutropenia seen?", "Grade 3/4"),
        ("Did an RCT try yoga?", "Two RCTs"),
        ("Did mscs heal wounds?", "an MSC"),
    ],
)
def test_it_does_not_stand_in_the_way(question: str, answer: str, shelf: Library) -> None:
    assert any(answer in quote for quote in quotes(ask(question, shelf)))


@pytest.mark.parametrize(
    "question",
    [
        wrong(
            "another number, grade or dose counts as the one asked for",
            "Does 25mg melatonin lengthen sleep by 40 minutes?",
        ),
        wrong("another number, grade or dose counts as the one asked for", "Was grade 4 insomnia seen?"),
        wrong("another number, grade or dose counts as the one asked for", "Did 3mg of melatonin cause headache?"),
    ],
)
def test_it_decides_where_it_says_something_else(question: str, shelf: Library) -> None:
    said = quotes(ask(question, shelf))
    assert not any("2.5 mg" in quote or "Grade 3" in quote for quote in said)
    assert not any("25 mg" in quote for quote in said) or "25mg" in question


@pytest.mark.parametrize(
    ("question", "other"),
    [
        wrong("another number, grade or dose counts as the one asked for", "Did IL-12 cause fever?", "IL-2"),
        wrong("another name counts as the one asked for", "Was PD-1 found in moles?", "PD-L1"),
        wrong("another number, grade or dose counts as the one asked for", "Was digoxin begun at .5 mg?", "Digoxin"),
        wrong(
            "another number, grade or dose counts as the one asked for",
            "Did ivabradine slow the pulse at 24 mg?",
            "Ivabradine",
        ),
        wrong(
            "another number, grade or dose counts as the one asked for",
            "Did warfarin thin the blood at 12.5 mg?",
            "Warfarin",
        ),
        wrong(
            "another number, grade or dose counts as the one asked for", "Was grade 34 neutropenia seen?", "Grade 3/4"
        ),
    ],
)
def test_a_number_is_that_of_its_own_name_and_dose(question: str, other: str, shelf: Library) -> None:
    assert not any(other in quote for quote in quotes(ask(question, shelf)))
