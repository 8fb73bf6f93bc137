"""The form in which an answer is asked for: a schema that no unknown id fits into, and the prose that comes of it.

Why JSON and no grammar: `response_format` is what OpenAI, llama.cpp, Ollama, vLLM and LM Studio share, while each
has a grammar of its own. It streams all the same, for what has come of a JSON text can be read at any character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from pydantic import TypeAdapter

from rag.writing.prompts import NOT_ANSWERED
from rag.writing.stream import Schema

# What a sentence rests on is seldom more than this, and an answer is short: a small model must come to an end.
MOST_IDS, MOST_SENTENCES = 3, 8
_ANY: TypeAdapter[Any] = TypeAdapter(Any)
_FENCE = re.compile(r"\s*(?:```(?:json)?\s*)?(?=\{)")
_LAST_MARK = re.compile(r"([.!?…]?)\s*$")


def answer_schema(ids: Collection[str], most: int = MOST_SENTENCES) -> Schema:
    """Return the JSON schema of an answer that cites nothing but these ids."""
    cited = {"type": "array", "items": {"type": "string", "enum": [*ids]}, "maxItems": MOST_IDS}
    sentence = _object(text={"type": "string"}, ids=cited)
    return _object(sentences={"type": "array", "items": sentence, "maxItems": most})


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def as_prose(text: str) -> str:
    """Return what has come of an answer as sentences that end with their ids; what is no such JSON stays as it is.

    >>> as_prose('{"sentences": [{"text": "It fell.", "ids": ["k7q3"]}, {"text": "It ro')
    'It fell [k7q3]. It ro'
    """
    opened = _FENCE.match(text)
    if not opened:
        return text
    body = text[opened.end() :].removesuffix("```").rstrip()
    try:
        answer = _ANY.validate_json(body, experimental_allow_partial="trailing-strings")
    except ValueError:
        return text
    sentences = answer.get("sentences") if isinstance(answer, dict) else None
    if not isinstance(sentences, list):
        # It may not have come yet.
        return "" if answer == {} else text
    if not sentences and _is_whole(body):
        return NOT_ANSWERED
    return " ".join(_sentence(one) for one in sentences if isinstance(one, dict) and isinstance(one.get("text"), str))


def _is_whole(body: str) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _sentence(one: dict[str, Any]) -> str:
    """Return one sentence with its ids before its full stop; one whose ids have not come yet has no end."""
    text = " ".join(one["text"].split())
    if not isinstance(one.get("ids"), list):
        return text
    ids = "".join(f" [{name}]" for name in one["ids"] if isinstance(name, str))
    return _LAST_MARK.sub(lambda mark: f"{ids}{mark[1] or '.'}", text, count=1)
