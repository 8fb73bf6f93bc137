"""What readers ask for by one name and papers say by many: notions in their words, drugs of a class in theirs."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.lexicon.concepts import spoken_of
from rag.lexicon.drug_classes import _CLASSES, members
from rag.text.terms import stem
from rag.text.vocabulary import Vocabulary

NOTIONS = "side cost kidneys heart liver blindness breathlessness sugar clots babies surgery death women".split()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("side", "bleeding"),
        ("safety", "toxicity"),
        ("cost", "affordable"),
        ("kidneys", "dialysis"),
        ("heart", "myocardial"),
        ("liver", "hepatic"),
        ("stomach", "gastric"),
        ("blindness", "retinopathy"),
        ("deafness", "ototoxicity"),
        ("breathlessness", "dyspnoea"),
        ("sugar", "HbA1c"),
        ("clots", "thrombosis"),
        ("surgery", "resection"),
        ("elderly", "geriatric"),
        ("death", "mortality"),
        ("addiction", "dependence"),
        ("babies", "preterm"),
    ],
)
def test_a_notion_is_spoken_of_in_many_words(asked, said):
    assert stem(said) in spoken_of([stem(asked)])


@pytest.mark.parametrize("said", "dialysis nausea myocardial dyspnoea retinopathy rash glioblastoma qaly".split())
def test_what_is_spoken_of_is_no_notion_itself(said):
    assert not spoken_of([stem(said)])


@pytest.mark.parametrize(
    ("asked", "other"),
    [("kidneys", "hepatic"), ("liver", "renal"), ("heart", "glomerular"), ("blindness", "tinnitus"), ("cost", "dose")],
)
def test_a_notion_is_not_spoken_of_in_the_words_of_another(asked, other):
    assert stem(other) not in spoken_of([stem(asked)])


@pytest.mark.parametrize(("asked", "other"), [("kidneys", "renal"), ("children", "pediatric"), ("heart", "cardiac")])
def test_two_names_of_one_notion_stand_for_each_other(asked, other):
    assert stem(other) in spoken_of([stem(asked)]) and stem(asked) in spoken_of([stem(other)])


@given(st.lists(st.sampled_from(NOTIONS), max_size=4))
def test_several_notions_are_spoken_of_in_the_words_of_each_in_turn(asked):
    forms = [stem(word) for word in asked]
    each = [spoken_of([form]) for form in forms]
    assert all(each) and spoken_of(forms) == tuple(word for words in each for word in words)


@pytest.mark.parametrize("word", ["", " ", "\x00", "glioblastoma", "Kidneys"])
def test_what_is_no_notion_is_spoken_of_in_no_other_words(word):
    assert spoken_of([word, stem("kidneys"), word]) == spoken_of([stem("kidneys")]) != ()


@pytest.mark.parametrize(("asked", "said"), [("men", "women"), ("women", "male"), ("men", "female")])
def test_a_notion_is_not_spoken_of_as_its_opposite(asked, said):
    assert stem(said) not in spoken_of([stem(asked)])


@pytest.mark.parametrize(
    ("asked", "said"), [("itch", "pruritus"), ("tired", "fatigue"), ("teeth", "dental"), ("swelling", "oedema")]
)
@pytest.mark.xfail(reason="the table has no line for it; issue 13")
def test_a_spoken_word_for_a_complaint_is_spoken_of_as_papers_do(asked, said):
    assert stem(said) in spoken_of([stem(asked)])


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
    found = members(stem(drug_class), counted(stem(word) for word in f"{drugs} {others}".split()))
    assert sorted(found) == sorted(stem(word) for word in drugs.split())


def test_a_word_that_is_no_class_has_no_members():
    assert members(stem("glioblastoma"), counted(["amoxicillin"])) == []


def counted(stems):
    return Vocabulary(9, dict.fromkeys(stems, 1), {}, (), np.empty((0, 0), np.float16))


def members_by_walking(form, stems):
    """Return the members of a class by trying a pattern made of all that is listed for it on every stem."""
    listed = {}
    for line in re.sub(r"\n +", " ", _CLASSES).strip().splitlines():
        names, drugs = line.split(" : ")
        parts = [(r"\w\w+" if drug[0] == "-" else "") + re.escape(stem(drug.strip("-"))) for drug in drugs.split()]
        listed |= dict.fromkeys(map(stem, names.split()), "|".join(parts))
    return {one for one in stems if form in listed and re.fullmatch(listed[form], one)}


CLASS_NAMES = [name for line in re.findall(r"^(\S.*) :", _CLASSES, re.M) for name in line.split()]
DRUGS = [drug.strip("-") for drug in _CLASSES.split() if drug != ":"]


@given(
    st.sampled_from([*CLASS_NAMES, "glioblastoma"]),
    st.lists(st.tuples(st.text(max_size=3) | st.sampled_from(["", "a", "ox", "pre"]), st.sampled_from(DRUGS))),
)
def test_the_members_of_a_class_are_those_that_a_walk_over_all_stems_finds(name, words):
    stems = [*(stem(beginning + drug) for beginning, drug in words), *(stem(drug) for drug in DRUGS[::5])]
    found = members(stem(name), counted(stems))
    assert len(set(found)) == len(found) and set(found) == members_by_walking(stem(name), stems)


def test_all_stems_are_gone_through_once_for_all_classes():
    walks = []

    class Frequency(dict):
        def __iter__(self):
            walks.append(1)
            return super().__iter__()

    vocabulary = replace(counted([]), frequency=Frequency.fromkeys(["amoxicillin", "infliximab", "zolpidem"], 1))
    found = [one for name in CLASS_NAMES for one in members(stem(name), vocabulary)]
    assert {"amoxicillin", "infliximab", "zolpidem"} == set(found) and len(walks) == 1
