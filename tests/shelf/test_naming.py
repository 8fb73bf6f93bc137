"""A question names a review by author, title, journal, year or place, and by nothing else."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.questions.parsing import MAX_QUESTION_CHARS, clean
from rag.shelf.catalogue import surname
from rag.shelf.naming import label, named_reviews, told_apart
from rag.types import Review
from tests.growth import at_once


def review(name: str, title: str, authors: str = "", journal: str | None = None, year: int | None = None) -> Review:
    listed = tuple(author for author in authors.split(", ") if author)
    return Review(f"10.1000/{name}", title, f"{title}\n{authors}\n", (), listed, journal, year)


GUT = review("gut", "Gut microbes and sleep: a short history of a long idea", "Ann Wick, Bo Flint", "Nat Med", 2021)
STROKE = review("stroke", "Statins after stroke in older adults", "Caro Ember", "Lancet Neurol", 2024)
IRON = review("iron", "Iron in pregnancy", "Dana van der Berg, Eli Müller, Fay O'Neill", "Blood", 2023)
SHELF = [GUT, STROKE, IRON]


def bug(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(reason=reason)


IN_SMALL_LETTERS = bug("where all is in small letters an everyday word counts as the surname that it also is; issue 16")


def named(question: str, *shelf: Review) -> list[str]:
    return [review_id.removeprefix("10.1000/") for review_id in named_reviews(question, shelf or SHELF).review_ids]


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Nicholas Paul Casey", "Casey"),
        ("Smith JA", "Smith"),
        ("Smith J.-P.", "Smith"),
        ("van der Berg K", "van der Berg"),
        ("van der Berg, K.", "van der Berg"),
        ("J. A. Smith", "Smith"),
        ("JA Smith", "Smith"),
        ("Max Müller Jr.", "Müller"),
        ("Max Müller III", "Müller"),
        ("Fay O'Neill PhD", "O'Neill"),
        ("Madonna", "Madonna"),
        ("李 明", "明"),
        ("", ""),
        (" ", ""),
    ],
)
def test_a_surname_is_found_however_the_name_is_printed(author, expected):
    assert surname(author) == expected


@pytest.mark.parametrize(
    ("shelved", "expected"),
    [
        (GUT, "Wick & Flint 2021"),
        (STROKE, "Ember 2024"),
        (review("a", "T", "A Wick, B Flint, C Ember", None, 2020), "Wick et al. 2020"),
        (review("a", "T", "A Wick"), "Wick"),
        (review("a", "A short title", "", None, 2020), "A short title 2020"),
        (Review("a", "T", "Caro Ember et  al. Lancet. 2024", (), ("Caro Ember",), year=2024), "Ember et al. 2024"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_label_is_short_and_made_of_authors_and_year_or_of_the_title(shelved, expected):
    assert label(shelved) == expected


def test_a_long_title_is_shortened_between_words():
    shown = label(review("a", "The keeping of lamps at dusk in the older houses of the northern coast", "", None, 2020))
    assert len(shown) <= 54 and shown.endswith("… 2020")
    assert "The keeping of lamps at dusk in the older houses".startswith(shown.removesuffix("… 2020"))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What do Wick and Flint say?", ["gut"]),
        ("What does Ann Wick et al. say?", ["gut"]),
        ("Wick's view, please", ["gut"]),
        ("what did ember find", ["stroke"]),
        ("EMBER?", ["stroke"]),
        ("Is van der Berg right?", ["iron"]),
        ("Is Müller right?", ["iron"]),
        ("Is Muller right?", ["iron"]),
        ("Does O'Neill agree with Ember?", ["stroke", "iron"]),
        ("Who wrote Gut microbes and sleep?", ["gut"]),
        ("Who wrote “Iron in pregnancy”?", ["iron"]),
        ("Who wrote statins after stroke in older adults?", ["stroke"]),
        ("What is a short history of a long idea about?", ["gut"]),
        ("What does the Nature Medicine review say?", ["gut"]),
        ("What does the Nat Med review say?", ["gut"]),
        ("What is in the Lancet Neurology paper?", ["stroke"]),
        ("What is in the Blood paper?", ["iron"]),
        ("What was published in Blood?", ["iron"]),
        ("What does the 2021 review say?", ["gut"]),
        ("What does the review from 2024 say?", ["stroke"]),
        ("What does the newest review say?", ["stroke"]),
        ("What does the oldest one say?", ["gut"]),
        ("What does the second paper say?", ["stroke"]),
        ("What does the last review say?", ["iron"]),
        ("What does the stroke review say?", ["stroke"]),
        ("What does the review on iron say?", ["iron"]),
        ("Compare the stroke and the iron reviews.", ["stroke", "iron"]),
    ],
)
def test_a_review_is_named(question, expected):
    assert named(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What is known about sleep?",
        "Do statins help in older adults?",
        "Is iron safe in pregnancy?",
        "does iron in pregnancy help?",
        "How is blood tested?",
        "Is an ember hot?",
        "What happened in 2021?",
        "Which is the newer one?",
        "Which review is the latest one?",
        "What does the first study to show it say?",
        "What does the fifth review say?",
        "What does the 1999 review say?",
        "the",
        "",
        "?!",
        "😀",
    ],
)
def test_no_review_is_named(question):
    assert named(question) == []


def test_a_topic_of_two_titles_names_neither():
    assert named("What does the stroke review say?", STROKE, review("a", "Stroke and lamps")) == []


@pytest.mark.parametrize(
    ("question", "journal"),
    [
        ("How do cancer cells escape?", "Cancer Cell"),
        ("Is bone marrow transplantation effective?", "Bone Marrow Transplant"),
        ("Does gene therapy help?", "Gene Ther"),
        ("Which natural medicine helps?", "Nat Med"),
        ("What causes heart failure?", "Heart Fail"),
    ],
)
def test_words_of_a_journal_in_small_letters_name_no_review(question, journal):
    assert named(question, review("a", "On lamps", "", journal), STROKE) == []


@pytest.mark.parametrize(
    ("question", "journal"),
    [
        ("What does the British Journal of Haematology paper say?", "Br J Haematol"),
        ("What does the Haematologica paper say?", "Haematologica"),
        ("What was published in Leukaemia?", "Leukaemia"),
    ],
)
def test_a_journal_is_found_in_british_spelling(question, journal):
    assert named(question, review("a", "On lamps", "", journal), STROKE) == ["a"]


@pytest.mark.parametrize(
    ("question", "author"),
    [
        ("how long does remission last?", "S. Long"),
        ("what helps young patients?", "P. Young"),
        ("Do patients relapse?", "Y. Do"),
        ("Can it be cured?", "B. Can"),
        ("May I ask about statins?", "C. May"),
        ("He was ill. So what?", "K. He"),
    ],
)
def test_an_everyday_word_is_a_surname_only_with_a_capital_of_its_own(question, author):
    assert named(question, review("a", "On lamps", author), STROKE) == []


@pytest.mark.parametrize(
    "question",
    [
        "What was the first study in lupus?",
        pytest.param(
            "When was the first report of statins?", marks=bug("'report of statins' is the topic of a title; issue 16")
        ),
    ],
)
def test_the_first_of_something_else_is_no_review(question):
    assert named(question) == []


def test_accents_may_be_asked_where_the_page_has_none():
    assert named("What does Müller say?", review("a", "On lamps", "A Muller"), STROKE) == ["a"]


def test_an_empty_shelf_has_no_last_review():
    assert named_reviews("What does the last review say?", ()).review_ids == ()


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from("Wick Ann's the 2021 second review Nat Med and".split())).map(" ".join)
)
def test_reviews_come_in_shelf_order_and_the_spans_are_words_of_the_question(text):
    question = clean(text)
    found = named_reviews(question, SHELF)
    order = [shelved.id for shelved in SHELF]
    assert [review_id for review_id in order if review_id in found.review_ids] == list(found.review_ids)
    assert all(0 <= start < end <= len(question) for start, end in found.spans)
    assert bool(found.spans) == bool(found.review_ids or found.absent)
    assert found.spans == tuple(sorted(set(found.spans)))


def test_the_spans_are_the_words_that_name():
    question = "What does Wick et al. say, and the 2024 review?"
    spans = named_reviews(question, SHELF).spans
    assert {question[start:end] for start, end in spans} == {"Wick et al.", "2024"}


def test_with_a_likeness_a_topic_beside_another_needs_no_word_of_the_title():
    def alike(phrase, others):
        return [0.9 if "stroke" in other and "brain" in phrase else 0.1 for other in others]

    question = "Compare the iron and the brain papers."
    assert named_reviews(question, SHELF, alike).review_ids == (STROKE.id, IRON.id)
    assert named_reviews(question, SHELF).review_ids == (IRON.id,)


ATTACKS = [
    "a ",
    "the ",
    "review ",
    "the a b c d ",
    "review on a b c d ",
    "2021 ",
    "2021 a b ",
    "Nat ",
    "NatMed",
    "'a ",
    '"a',
]
ATTACKS += [
    "Wick ",
    "Ann ",
    "Ann-",
    "van der ",
    "gut microbes and ",
    "first ",
    "newer of the two ",
    "a/",
    ".",
    "A.",
    "X ",
]


def test_a_long_question_is_read_at_once():
    for unit, tail in product(ATTACKS, ("", "!x")):
        question = clean((unit * MAX_QUESTION_CHARS)[: MAX_QUESTION_CHARS - len(tail)] + tail)
        with at_once((unit, tail)):
            named_reviews(question, SHELF)


def test_given_names_that_repeat_do_not_slow_it():
    for author, unit in (("J. J. Smith", "J. "), ("A B Smith", "A B "), ("Wei Wei Zhang", "Wei ")):
        shelf = [review("a", "On lamps", author)]
        # Only where the surname stands somewhere is the author looked for.
        with at_once(unit):
            found = named_reviews(f"{unit * 22}x or {surname(author)}", shelf)
        assert found.review_ids == (shelf[0].id,)


LONG_TITLE = "Loss of the gene in a mouse model of colitis changes how macrophages see the flora of the gut"


def test_a_few_words_that_a_title_shares_with_a_question_do_not_name_it():
    shelf = review("a", LONG_TITLE, "A. Wick"), review("b", "On lamps", "B. Ann")
    assert named("What is known in a mouse model of diabetes?", *shelf) == []
    assert named('What does "in a mouse model of colitis" find?', *shelf) == ["a"]
    assert named("Is loss of the gene in a mouse model of colitis enough?", *shelf) == ["a"]


def test_papers_with_one_label_are_told_apart_by_letters() -> None:
    early = review("early", "Wicks", "Bo Inui, Cy Reed, Di Quill", None, 2012)
    late = review("late", "Lamps", "Bo Inui, Ed Rook, Fay Lee", None, 2012)
    shelf = told_apart({one.id: one for one in (late, IRON, early)})
    assert [label(one) for one in shelf.values()] == [
        "Inui et al. 2012b",
        "Berg et al. 2023",
        "Inui et al. 2012a",
    ]
    assert named("What does Inui et al. 2012b say about lamps?", *shelf.values()) == ["late"]
    assert named("And Inui 2012a?", *shelf.values()) == ["early"]
    assert named("What do Inui et al. 2012 say?", *shelf.values()) == ["late", "early"]
    assert told_apart(shelf) == shelf


def test_a_year_beside_an_author_names_no_other_paper_of_that_year():
    gulls = review("gulls", "Gulls at the pier", "Gus Hale", None, 2024)
    assert named("How do the Wick 2021 and Ember 2024 papers differ?", *SHELF, gulls) == ["gut", "stroke"]


@pytest.mark.parametrize(
    ("question", "mentions"),
    [
        ("What does Wick 2019 say about sleep?", (("Wick 2019", (GUT.id,)),)),
        ("What does Wick 2021 say about sleep?", ()),
        ("What does Wick say about sleep in 2019?", ()),
    ],
)
def test_a_year_that_is_not_the_paper_s_is_told(
    question: str, mentions: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    found = named_reviews(question, SHELF)
    assert found.review_ids == (GUT.id,) and found.of_other_years == mentions


def test_of_several_papers_only_the_one_of_another_year_is_told():
    gulls = review("gulls", "Gulls at the pier", "Gus Hale", None, 2024)
    found = named_reviews("How do Wick 2019 and Hale 2024 differ?", [*SHELF, gulls])
    assert set(found.review_ids) == {GUT.id, gulls.id} and found.of_other_years == (("Wick 2019", (GUT.id,)),)


def test_a_double_surname_is_named_by_its_first_part_beside_a_year() -> None:
    shelf = [review("eye", "Two implants for glaucoma", "Mendoza-Mendieta ME, López A", "Eye", 2016), *SHELF]
    assert named_reviews("Mendoza 2016: which implant?", shelf).review_ids == (shelf[0].id,)
    assert named_reviews("Which implant did Mendoza use?", shelf).review_ids == ()


def test_a_surname_in_capitals_is_no_row_of_initials() -> None:
    assert surname("SINGAL R") == "SINGAL" and surname("LI X") == "LI"
