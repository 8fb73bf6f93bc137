"""By how much we hold up the first word of a written answer: `python -m tests.benchmarks.writing`.

A model on loopback answers at once, so that what passes between the quotes and the first words shown is ours.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from types import SimpleNamespace

from rag.pipeline import ask
from rag.settings import Settings
from rag.writing import LanguageModel, connect
from tests.engine import invented
from tests.model_server import KEY, Messages, faithful, model_server

QUESTIONS = ("What does the phage cocktail PT-41 do to the infection?", "What is known about biofilm?")
TIMES, MEANT = 20, 100


def main() -> None:
    """Print the median and the longest time, in milliseconds, of what is done before and after the model is asked."""
    asked: list[float] = []

    def writes(messages: Messages) -> str:
        asked.append(time.perf_counter())
        return faithful(messages)

    with model_server(writes) as server:
        settings = Settings(openai_api_key=KEY, openai_base_url=server.url)  # type: ignore[arg-type]
        model = connect(settings, "openai:writer")
        shown = [(asked[-1], *times) for times in _times(model)][len(QUESTIONS) :]  # the first ones import
    for name, spent in (
        ("quotes to request", [request - quoted for request, quoted, _ in shown]),
        ("request to first words shown", [first - request for request, _, first in shown]),
        (f"both (at most {MEANT} are meant)", [first - quoted for _, quoted, first in shown]),
    ):
        print(f"{name:36}{1000 * statistics.median(spent):8.0f} ms{1000 * max(spent):8.0f} ms")


def _times(model: LanguageModel) -> Iterator[tuple[float, float]]:
    """Yield when the quotes of an answer were there, and when its first words were, in seconds."""
    for question in QUESTIONS * (TIMES + 1):
        at: list[float] = []

        def note(drawn: object, at: list[float] = at) -> None:
            if drawn:
                at.append(time.perf_counter())

        ask(question, invented().library, model=model, watch=SimpleNamespace(quoted=note, begun=_nothing, text=note))
        yield at[0], at[1]


def _nothing(stop: object) -> None:
    """Stop nothing."""


if __name__ == "__main__":
    main()
