"""Noun phrases: stretches of a sentence that name something, and nothing that every paper says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.comparison.phrases import MAX_WORDS, phrases
from tests.growth import grows_as_the_text

SENTENCE = "The minimum biofilm eradication concentration is still measured differently in every laboratory."


def named(text: str) -> list[str]:
    return [phrase.text for phrase in phrases(text, 0, len(text))]


def test_a_phrase_is_a_stretch_of_the_text_that_names_something():
    found = [(phrase.text, SENTENCE[phrase.start : phrase.end]) for phrase in phrases(SENTENCE, 0, len(SENTENCE))]
    assert found and all(text == stretch for text, stretch in found)
    assert "biofilm eradication concentration" in [text for text, _ in found]


@given(st.text(max_size=300), st.integers(0, 300), st.integers(0, 300))
def test_phrases_of_any_stretch_of_any_text_lie_in_it_in_order(text, one, other):
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    found = list(phrases(text, start, end))
    spans = [(phrase.start, phrase.end) for phrase in found]
    assert spans == sorted(spans)
    assert all(start <= a < b <= end for a, b in spans)
    assert all(phrase.text == text[phrase.start : phrase.end] and phrase.key for phrase in found)


@given(st.lists(st.sampled_from("kidney injury T cell oral rituximab biofilm D tablets splint".split()), max_size=12))
def test_a_phrase_has_few_words_and_a_stem_for_each(chosen):
    text = " ".join(chosen)
    for phrase in phrases(text, 0, len(text)):
        assert len(phrase.key) == len(phrase.text.split())
        assert sum(len(word) > 1 for word in phrase.text.split()) <= MAX_WORDS


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("BRCA1 is mutated in breast cancer.", "breast cancer"),
        ("TNF-α inhibitors (infliximab) prevent flares.", "TNF-α inhibitors"),
        ("Vitamin D tablets were given to schoolchildren.", "Vitamin D tablets"),
        ("This was seen in systemic lupus erythematosus.", "systemic lupus erythematosus"),
        ("Patients received oral prednisolone, intravenous rituximab or both.", "intravenous rituximab"),
        ("Loss of β-cell mass was slower.", "β-cell mass"),
        ("Kidney\u00a0injury was seen in infants.", "Kidney\u00a0injury"),
    ],
)
def test_a_name_is_found_as_it_is_worded(text, name):
    assert name in named(text)


@pytest.mark.parametrize(
    "text",
    [
        "The results of this review show that most studies were small.",
        "Further research is needed.",
        "In conclusion, this article summarises recent findings.",
        "Figure 2 and Table 1 list the trials.",
        "This paper, the present article, our findings and these conclusions.",
        "In 2019, 12% of them (34 of 283) improved significantly (p < 0.05).",
    ],
)
def test_what_every_paper_says_names_nothing(text):
    assert not named(text)


@pytest.mark.parametrize("mark", [", ", "; ", ". ", ": ", " (", ") ", "/ ", "\n", " – "])
def test_a_phrase_ends_where_punctuation_or_a_line_does(mark):
    assert not any("kidney" in text and "injury" in text for text in named(f"Acute kidney{mark}injury of the tubules"))


@pytest.mark.xfail(reason="headings inside an abstract are phrases: ['BACKGROUND', 'OBJECTIVE']; issue 15")
def test_a_heading_inside_an_abstract_names_nothing():
    assert not {"BACKGROUND", "OBJECTIVE"} & set(named("BACKGROUND: Bleeding is common. OBJECTIVE: To review it."))


def test_an_address_names_nothing():
    assert not named("See https://example.org/x.")


def test_the_author_of_a_cited_work_is_no_subject():
    assert named("Smith et al. 2019 found high mortality.") == ["mortality"]


@pytest.mark.parametrize(
    ("text", "name", "verb"),
    [
        ("Imported manuka jars drove the cost of care.", "manuka jars", "drove"),
        ("Calcium left mood unchanged.", "mood", "left"),
        ("Honey has been proven to ease pain.", "pain", "proven"),
        ("Gut bacteria ferment fibre.", "fibre", "ferment"),
    ],
)
@pytest.mark.xfail(reason="without an auxiliary or an ending a verb is not told from a noun")
def test_a_verb_is_no_part_of_a_name(text, name, verb):
    assert any(name.casefold() in found.casefold() for found in named(text))
    assert not any(verb in found for found in named(text))


def test_a_gene_in_small_letters_is_a_name():
    assert "p53" in named("Loss of p53 was frequent.")


def test_a_long_row_of_nouns_is_read_in_linear_time():
    assert grows_as_the_text(named, "kidney ", 4_000)
