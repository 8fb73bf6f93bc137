"""The questions from which it is learned what a comparison asks of each paper."""

from __future__ import annotations

from itertools import pairwise

from rag.training.marked import read_marked, read_questions


def test_the_marks_of_a_question_say_what_its_words_are_there_for():
    marked = read_marked("(Pain) [at rest] and [on moving] in {the trials}?")
    assert marked.text == "Pain at rest and on moving in the trials?"
    tags = ["shared", "begins", "goes on", "plain", "begins", "goes on", "plain", "papers", "papers", "plain"]
    assert list(marked.tags) == tags


def test_every_question_is_marked_whole():
    for marked in read_questions():
        assert marked.tags and not set(marked.text) & set("[]{}()")
        assert all(before in ("begins", "goes on") for before, tag in pairwise(marked.tags) if tag == "goes on")
