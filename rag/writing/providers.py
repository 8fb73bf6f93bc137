"""How each provider is asked: what its client is made with, and how it takes what an answer is wished to be.

What a call is asked with goes into the body as it is: LangChain would parse an answer in a form of its own, and raise
where it ends too early.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rag.writing.stream import Limits, Schema

Options = dict[str, Any]


def _options(limits: Limits, seed: int) -> Options:
    return {"max_tokens": limits.tokens, "max_retries": 0, "timeout": limits.whole}


def _without_temperature(seed: int) -> Options:
    return {"temperature": 0}


@dataclass(frozen=True, slots=True)
class Provider:
    """What its client is made with, what makes its answers reproducible, and how it takes a schema.

    `form` is None where it takes none; `of_openai` tells that it speaks a protocol of OpenAI.
    """

    options: Callable[[Limits, int], Options] = _options
    reproducible: Callable[[int], Options] = _without_temperature
    form: Callable[[Schema], Options] | None = None
    of_openai: bool = False

    def wishes(self, seed: int, schema: Schema | None) -> list[Options]:
        """Return what an answer is asked with: old endpoints take no schema, models that reason no temperature."""
        reproducible = self.reproducible(seed)
        shaped = self.form(schema) if schema and self.form else {}
        wishes = [reproducible | shaped, reproducible, shaped, {}]
        return [one for at, one in enumerate(wishes) if one not in wishes[:at]]


def _chat_form(schema: Schema) -> Options:
    form = {"name": "answer", "strict": True, "schema": schema}
    return {"extra_body": {"response_format": {"type": "json_schema", "json_schema": form}}}


def _responses_form(schema: Schema) -> Options:
    form = {"type": "json_schema", "name": "answer", "strict": True, "schema": schema}
    return {"extra_body": {"text": {"format": form}}}


def _anthropic_form(schema: Schema) -> Options:
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


def _google_form(schema: Schema) -> Options:
    return {"response_mime_type": "application/json", "response_json_schema": schema}


def _google_options(limits: Limits, seed: int) -> Options:
    # It counts the first try.
    return _options(limits, seed) | {"max_retries": 1}


def _ollama_options(limits: Limits, seed: int) -> Options:
    wait = {"timeout": limits.whole}
    return {"num_predict": limits.tokens, "temperature": 0, "seed": seed, "client_kwargs": wait}


_CHAT = Provider(reproducible=lambda seed: {"temperature": 0, "seed": seed}, form=_chat_form, of_openai=True)
# By the names of `init_chat_model`; OpenAI's Responses have one of their own, and take no seed.
PROVIDERS = {
    "openai": _CHAT,
    "openai_responses": Provider(form=_responses_form, of_openai=True),
    "azure_openai": _CHAT,
    "anthropic": Provider(form=_anthropic_form),
    "google_genai": Provider(_google_options, form=_google_form),
    "ollama": Provider(_ollama_options, reproducible=lambda seed: {}, form=lambda schema: {"format": schema}),
}
ANY_OTHER = Provider()
