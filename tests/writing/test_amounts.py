"""The numbers of a sentence, in digits and in words, are looked for in its quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.writing.amounts import amounts, half_a_span, wrong_number
from tests.growth import at_once


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1,200 patients", 1200, ""),
        ("3.4 million cells", 3.4e6, ""),
        ("2.5 mm Hg", 2.5, "mmhg"),
        ("12 %", 12, "%"),
        ("twelve weeks", 84, "day"),
        ("a 10-fold rise", 10, ""),
        ("twice a week", 2, ""),
        ("three quarters of them", 75, "%"),
        ("one in five", 20, "%"),
        ("aged 50 to 60", [18262.5, 21915.0], "day"),
        ("5.06±2.39 hrs", [5.06 / 24, 2.39 / 24], "day"),
        ("half of them", 50, "%"),
        ("fifty-six patients", 56, ""),
        ("one hundred and fifty patients", 150, ""),
        ("two hundred", 200, ""),
        ("at day-14", 14, "day"),
        ("in month 6", 182.64, "day"),
        ("forty-two percent", 42, "%"),
        ("five times a week", 5, ""),
        ("five times more", 5, ""),
    ],
)
def test_numbers_are_read_with_their_units(text, value, unit):
    values = value if isinstance(value, list) else [value]
    assert [(one.value, one.unit) for one in amounts(text)] == [(pytest.approx(one), unit) for one in values]


@pytest.mark.parametrize("text", ["CD19", "CD-19", "GLP-1 agonists", "p53", "IL-6"])
def test_digits_of_names_are_no_numbers(text):
    assert amounts(text) == []


def test_the_ends_of_a_range_and_the_items_of_a_list_share_their_unit():
    assert [(one.value, one.unit) for one in amounts("3 to 5 weeks")] == [(21, "day"), (35, "day")]
    assert [(one.value, one.unit) for one in amounts("0, 8, or 36 mg")] == [(0, "mg"), (8, "mg"), (36, "mg")]
    assert [(one.value, one.unit) for one in amounts("on days 4 and 7")] == [(4, "day"), (7, "day")]


@pytest.mark.parametrize("text", ["half a year", "two-hour sessions' half-life"])
def test_half_of_a_time_is_no_share(text):
    assert all(one.unit != "%" for one in amounts(text))


@pytest.mark.parametrize(
    ("sentence", "quote", "wrong"),
    [
        ("It took two weeks.", "It took three weeks.", "two weeks"),
        ("It took 14 days.", "It took two weeks.", None),
        ("The two groups did not differ.", "The groups did not differ.", None),
        ("Fifty-six patients took part.", "56 patients took part.", None),
        ("It fell by 0.72.", "It changed by −0.72.", None),
        ("More than 70% recovered.", "> 70% recovered.", None),
        ("P < 0.05", "P > 0.05", "0.05"),
        ("About a quarter relapsed.", "23% relapsed.", None),
        ("A quarter relapsed.", "23% relapsed.", "A quarter"),
        ("Nearly 72,000 people took part.", "71,874 people took part.", None),
        ("Nearly 92,000 people took part.", "71,874 people took part.", "92,000"),
        ("Two of the reviews say so.", "It is so.", None),
        ("Half of the six relapsed.", "Three of six relapsed.", None),
        ("Half of the eight relapsed.", "Three of eight relapsed.", "Half"),
        ("It used half the dose.", "The dose was lower (24 g vs. 48 g).", None),
        ("Nine in ten agreed.", "90 % agreed.", None),
        ("Three quarters reached it.", "50 of the 119 participants (42.0%) reached it.", "Three quarters"),
        ("It was 5.1 hours instead of 6.6.", "It was 5.06±2.39 hours versus 6.55±3.58 hours.", None),
        ("It was 81 minutes.", "It was 81.3 minutes.", None),
        ("It was 81.3 minutes.", "It was 81 minutes.", "81.3 minutes"),
        ("It was 24%.", "It was 26%.", "24%"),
        ("It doubled.", "The ratio was 2.0.", None),
        ("It fell by day seven.", "It fell on days 4 and 7.", None),
        ("Patients aged two to six took part.", "Patients between two and six years took part.", None),
    ],
)
def test_a_number_that_no_quote_gives_is_told(sentence, quote, wrong):
    assert wrong_number(sentence, [quote], []) == wrong


@given(st.integers(0, 999), st.integers(0, 999))
def test_only_the_same_number_is_found(one, other):
    found = wrong_number(f"It was seen {one} times.", [f"It was seen {other} times."], [])
    assert (found is None) == (one == other)


def test_long_texts_are_read_in_linear_time():
    long = "twenty-one hundred and 1,2.3-4, or 5 days " * 3000
    with at_once(long, seconds=10):
        amounts(long)


@pytest.mark.parametrize(
    ("sentence", "half"),
    [
        ("In 2000, 344 patients were seen.", "2000"),
        ("From 2000 to 2007, 344 patients were seen.", None),
        ("Between 2000 and 2007, 344 patients were seen.", None),
        ("They were followed for 2 years.", "2 years"),
        ("They were followed for at least 2 years.", None),
        ("344 patients were seen.", None),
    ],
)
def test_one_end_of_a_span_of_time_is_not_the_whole(sentence, half):
    quote = "From 2000 to 2007, 344 patients were seen and followed for 2-7 years; pain fell from 15% to 51%."
    assert half_a_span(sentence, [quote]) == half
    assert half_a_span("Pain fell to 51% in the end.", [quote]) is None


def test_a_time_that_also_stands_alone_is_no_end_of_a_span():
    assert half_a_span("In 2000 it began.", ["From 2000 to 2007 it was seen.", "It began in 2000."]) is None
