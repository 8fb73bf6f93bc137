"""What things are, what else they are called and what they are kinds of, as MeSH, a list of drugs and WordNet say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.lexicon.synonyms import MAX_NAME
from rag.lexicon.thesaurus import MAX_KINDS, open_thesaurus
from rag.text.terms import words


def name(text):
    return tuple(word.forms[0] for word in words(text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("aspirin", "drug"),
        ("Humira", "drug"),
        ("NSAIDs", "drug class"),
        ("strokes", "disease"),
        ("breast cancer", "disease"),
        ("kidney", "body"),
        ("ginger", "plant"),
        ("dogs", "animal"),
        ("France", "location"),
        ("children", "person"),
        ("yoga", "procedure"),
        ("music", "communication"),
        ("school", "group"),
        ("treated", "verb"),
    ],
)
def test_a_name_tells_what_kind_of_thing_it_means(text, kind):
    assert open_thesaurus().entry(name(text)).kind == kind


@pytest.mark.parametrize("text", ["xyzzyx", "the the the", "breast cancer breast cancer"])
def test_what_is_no_name_has_no_entry_no_other_name_and_no_kinds(text):
    known = open_thesaurus()
    assert known.entry(name(text)) is None
    assert known.same(name(text)) == known.narrower(name(text), lambda _: True) == ()
    assert not known.is_kind_of(name(text), name("disease")) and not known.is_kind_of(name("stroke"), name(text))


@pytest.mark.parametrize(
    ("general", "specific"), [("disease", "stroke"), ("protein", "insulin"), ("animal", "cat"), ("drug", "aspirin")]
)
def test_the_more_general_has_more_kinds(general, specific):
    known = open_thesaurus()
    assert known.entry(name(general)).kinds_below > 10 * known.entry(name(specific)).kinds_below


def test_a_noun_that_is_also_a_verb_or_an_adjective_says_so():
    exercise, cold, aspirin = (open_thesaurus().entry(name(text)) for text in ("exercise", "cold", "aspirin"))
    assert exercise.also_verb and not exercise.also_adjective
    assert cold.also_adjective
    assert not aspirin.also_verb and not aspirin.also_adjective


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("heart attack", "myocardial infarction"),
        ("pembrolizumab", "Keytruda"),
        ("paracetamol", "acetaminophen"),
        ("hypertension", "high blood pressure"),
        ("kidney", "renal"),
        ("children", "child"),
        ("pregnancy", "pregnant"),
    ],
)
def test_names_of_one_thing_stand_for_each_other(one, other):
    assert name(other) in open_thesaurus().same(name(one)) and name(one) in open_thesaurus().same(name(other))


@pytest.mark.parametrize(
    ("narrow", "broad"),
    [
        ("celecoxib", "NSAIDs"),
        ("atorvastatin", "statins"),
        ("sertraline", "antidepressants"),
        ("leukemia", "cancer"),
        ("acute stroke", "stroke"),
        ("jogging", "exercise"),
        ("dogs", "animals"),
    ],
)
def test_a_kind_stands_for_its_class_and_not_the_reverse(narrow, broad):
    known = open_thesaurus()
    assert known.is_kind_of(name(narrow), name(broad)) and not known.is_kind_of(name(broad), name(narrow))
    assert name(narrow) not in known.same(name(broad))


def test_kinds_are_told_whose_words_a_library_knows():
    stems = {*name("celecoxib"), *name("ibuprofen"), *name("insulin")}
    assert {*open_thesaurus().narrower(name("NSAIDs"), stems.__contains__)} == {name("celecoxib"), name("ibuprofen")}


@pytest.mark.parametrize("broad", ["disease", "protein", "cancer", "fish", "exercise"])
def test_what_is_told_as_narrower_is_a_kind_and_no_other_name(broad):
    known = open_thesaurus()
    found = known.narrower(name(broad), lambda _: True)
    assert found and len(found) == len({*found})
    assert all(known.is_kind_of(one, name(broad)) for one in found)
    assert not {*found} & {*known.same(name(broad)), name(broad)}


def test_of_a_very_general_thing_only_the_nearest_kinds_are_looked_at():
    known = open_thesaurus()
    assert known.entry(name("protein")).kinds_below > MAX_KINDS
    assert known.narrower(name("insulin"), lambda _: True)
    assert name("insulin") not in known.narrower(name("protein"), lambda _: True)
    assert known.is_kind_of(name("insulin"), name("protein"))


@pytest.mark.parametrize("word", ["all", "ad", "root", "fish", "ice", "was", "or", "speed", "patch"])
def test_an_everyday_word_is_not_taken_for_the_brand_or_the_short_form_that_it_may_be(word):
    entry = open_thesaurus().entry(name(word))
    assert entry is None or entry.kind not in ("drug", "drug class", "disease")


def test_the_longest_names_of_a_text_are_found():
    forms = name("Does low molecular weight heparin prevent deep vein thrombosis in breast cancer or xyzzyx?")
    found = [" ".join(forms[one]) for one in open_thesaurus().longest(forms)]
    assert [one for one in found if " " in one] == [
        " ".join(name(one)) for one in ("low molecular weight heparin", "deep vein thrombosis", "breast cancer")
    ]
    assert "xyzzyx" not in found


@given(st.lists(st.sampled_from("breast cancer deep vein thrombosis in the heart attack vitamin d xyzzyx".split())))
def test_names_in_a_text_are_known_follow_each_other_and_leave_out_only_what_is_unknown(forms):
    known = open_thesaurus()
    found = known.longest(forms)
    covered = [at for one in found for at in range(one.start, one.stop)]
    assert covered == sorted({*covered})
    assert all(known.entry(tuple(forms[one])) and one.stop - one.start <= MAX_NAME for one in found)
    assert all(known.entry((forms[at],)) is None for at in range(len(forms)) if at not in covered)
