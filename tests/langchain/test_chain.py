"""Our passages before a model: the chain hands it what was found, and hands out what it rests on."""

from __future__ import annotations

from langchain.chat_models import init_chat_model

from rag.langchain import ReviewRetriever, review_chain
from tests.engine import invented
from tests.model_server import KEY, Messages, model_server

QUESTION = "Does a biofilm grow on cement?"


def test_a_model_is_given_the_passages_that_were_found_and_nothing_else() -> None:
    asked: list[Messages] = []

    def writes(messages: Messages) -> str:
        asked.append(messages)
        return "It does [1]."

    with model_server(writes) as server:
        model = init_chat_model("well", model_provider="openai", base_url=server.url, api_key=KEY, streaming=True)
        said = review_chain(invented().library, model, k=3).invoke(QUESTION)
    assert said["answer"] == "It does [1]." and said["question"] == QUESTION
    assert said["context"] == ReviewRetriever(library=invented().library, k=3).invoke(QUESTION)
    told = asked[0][-1]["content"]
    assert told.endswith(f"Question: {QUESTION}")
    assert all(document.page_content in told for document in said["context"]) and "[4]" not in told


def test_braces_in_a_question_are_only_text() -> None:
    with model_server(lambda messages: messages[-1]["content"][-30:]) as server:
        model = init_chat_model("well", model_provider="openai", base_url=server.url, api_key=KEY, streaming=True)
        said = review_chain(invented().library, model).invoke("What is {passages} of {0.__class__}?")
    assert said["answer"].endswith("{passages} of {0.__class__}?")
