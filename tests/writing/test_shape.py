"""The form of an answer: no unknown id fits into it, and what has come of it can be read at any character."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.writing.prompts import NOT_ANSWERED
from rag.writing.shape import MOST_IDS, answer_schema, as_prose

WHOLE = {"sentences": [{"text": "It fell.", "ids": ["k7q3", "x2mf"]}, {"text": "Is it so?", "ids": []}]}
PROSE = "It fell [k7q3] [x2mf]. Is it so?"


def test_the_schema_takes_the_given_ids_alone_and_comes_to_an_end():
    schema = answer_schema(["k7q3", "x2mf"], most=5)
    sentences = schema["properties"]["sentences"]
    ids = sentences["items"]["properties"]["ids"]
    assert sentences["maxItems"] == 5 and ids["items"]["enum"] == ["k7q3", "x2mf"] and ids["maxItems"] == MOST_IDS
    assert [*sentences["items"]["properties"]] == ["text", "ids"], "the sentence is written before its ids"
    for one in (schema, sentences["items"]):
        assert one["additionalProperties"] is False and one["required"] == [*one["properties"]]


@pytest.mark.parametrize("wrapped", ["{}", "\n {}\n", "```json\n{}\n```"])
@pytest.mark.parametrize("indent", [None, 2])
def test_sentences_end_with_their_ids(wrapped, indent):
    assert as_prose(wrapped.replace("{}", json.dumps(WHOLE, indent=indent))) == PROSE


@pytest.mark.parametrize("text", [PROSE, "", "{so it is}", '{"answer": "It fell."}', '["It fell."]', NOT_ANSWERED])
def test_what_has_another_form_stays_as_it_is(text):
    assert as_prose(text) == text


def test_no_sentence_is_a_refusal_only_once_the_answer_is_whole():
    assert as_prose('{"sentences": []}') == NOT_ANSWERED
    assert as_prose('{"sentences": [') == as_prose('{"sent') == as_prose("{") == ""


def test_a_sentence_whose_ids_have_not_come_has_no_end():
    assert as_prose('{"sentences": [{"text": "It fell') == "It fell"
    assert as_prose('{"sentences": [{"text": "It fell", "ids": ["k7') == "It fell [k7]."


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30)), st.integers(0, 400))
def test_whatever_has_come_of_an_answer_is_read_without_its_markup(texts, end):
    whole = json.dumps({"sentences": [{"text": text, "ids": ["k7q3"]} for text in texts]})
    prose = as_prose(whole[:end])
    assert '"sentences"' not in prose or '"sentences"' in "".join(texts)
    if end >= len(whole) and texts:
        assert len(re.findall(r"\[k7q3\]", prose)) >= len(texts)
