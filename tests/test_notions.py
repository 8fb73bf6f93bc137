"""What readers ask for by one name and papers say by many."""

from __future__ import annotations

import pytest

from rag.drug_classes import members
from rag.notions import spoken_of
from rag.terms import stem


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("side", "bleeding"),
        ("cost", "affordable"),
        ("kidneys", "dialysis"),
        ("addiction", "dependence"),
        ("babies", "preterm"),
    ],
)
def test_a_notion_is_spoken_of_in_many_words(asked, said):
    assert stem(said) in spoken_of([stem(asked)])


def test_what_is_spoken_of_is_no_notion_itself():
    assert not spoken_of([stem("dialysis")]) and not spoken_of([stem("glioblastoma")])


@pytest.mark.parametrize(
    ("drug_class", "drugs", "others"),
    [
        ("antibiotics", "amoxicillin doxycycline vancomycin", "cyclin rapamycin"),
        ("antibody", "rituximab etanercept", "imatinib"),
        ("statins", "atorvastatin", "somatostatin"),
        ("antihypertensives", "lisinopril losartan metoprolol", "april cholesterol"),
        ("steroids", "prednisolone dexamethasone", "estradiol"),
    ],
)
def test_drugs_of_a_class_are_known_by_their_endings(drug_class, drugs, others):
    stems = [stem(word) for word in f"{drugs} {others}".split()]
    assert members(stem(drug_class), stems) == [stem(word) for word in drugs.split()]


def test_a_word_that_is_no_class_has_no_members():
    assert members(stem("glioblastoma"), ["amoxicillin"]) == []
