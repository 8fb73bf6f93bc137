"""Many visitors at once: each takes its turns, with time to think, and gets exactly its own answers."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from rag.exports.html.answer import answer_html
from rag.pipeline import ask
from rag.shelf.library import Library
from rag.types import Turn
from tests.conftest import SEEDS
from tests.load.hosting import spread
from tests.load.visitor import SIGNS, Place, Visitor


@dataclass(frozen=True)
class Talk:
    """What a visitor will ask, how long it thinks before each question, and the answers as the engine gives them."""

    sign: str
    thinks: tuple[float, ...]
    questions: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass
class Outcome:
    """What the visitors met."""

    first_pages: list[float] = field(default_factory=list)
    turns: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    returns: int = 0

    def __str__(self) -> str:
        lines = [
            f"first page of {len(self.first_pages)}: {spread(self.first_pages)}",
            f"turn, of {len(self.turns)}: {spread(self.turns)}",
            f"errors {len(self.errors)}, leaks {len(self.leaks)}, connections lost {self.returns}",
        ]
        return "\n".join([*lines, *self.errors[:5], *self.leaks[:5]])


def talks(library: Library, visitors: int, turns: int, think: float, seed: int = 7) -> list[Talk]:
    """Return what visitors ask, each something of its own, with the answers that their pages have to show."""
    rows = [json.loads(line) for line in (SEEDS / "questions.jsonl").read_text("utf-8").splitlines()]
    questions = [row["question"] for row in rows if not row["history"]]
    chance = random.Random(seed)
    planned = []
    for sign in SIGNS[:visitors]:
        asked = chance.sample(questions, turns)
        thinks = tuple(chance.uniform(0, think) for _ in range(turns + 1))
        planned.append(Talk(sign, thinks, tuple(asked), tuple(_answers(library, asked, sign))))
    return planned


def _answers(library: Library, questions: Sequence[str], sign: str) -> list[str]:
    """Return the answers of a conversation as the page draws them."""
    history: list[Turn] = []
    drawn = []
    for number, question in enumerate(questions):
        signed = f"{question} {sign}"
        answer = ask(signed, library, history, [review.id for review in library.reviews])
        history.append(Turn(signed, answer))
        drawn.append(answer_html(answer, library.reviews, f"answer{number}"))
    return drawn


async def visit(talk: Talk, place: Place, outcome: Outcome, arrived: asyncio.Barrier | None = None) -> None:
    """Take the turns of a talk, once all have `arrived`, and note what comes of them; a failed one ends the visit."""
    visitor = Visitor(place, talk.sign)
    try:
        await asyncio.sleep(talk.thinks[0])
        outcome.first_pages.append(await visitor.arrive())
        if arrived:
            await arrived.wait()
        for number, (question, think) in enumerate(zip(talk.questions, talk.thinks[1:], strict=True), 1):
            await asyncio.sleep(think)
            outcome.turns.append(await visitor.ask(question))
            if visitor.answers != list(talk.answers[:number]):
                outcome.errors.append(f"another answer than the engine's to {question!r}")
    except Exception as error:
        outcome.errors.append(f"{'turn' if visitor.ready else 'first page'}: {type(error).__name__} {error}")
    finally:
        outcome.returns += visitor.returns
        if visitor.foreign_signs:
            outcome.leaks.append(f"{talk.sign} was sent what {' '.join(sorted(visitor.foreign_signs))} asked")
        with suppress(Exception):
            await visitor.leave()


async def within(seconds: float, visits: Sequence[Coroutine[None, None, None]], outcome: Outcome) -> None:
    """Let visits happen at once; whoever is still there after so many seconds has failed."""
    tasks = [asyncio.create_task(each) for each in visits]
    _, late = await asyncio.wait(tasks, timeout=seconds)
    outcome.errors += ["a visit did not end in time" for _ in late]
    for each in late:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def visit_all(planned: Sequence[Talk], places: Sequence[Place], seconds: float) -> Outcome:
    """Let all visitors come, for so many seconds at most; return what they met."""
    outcome = Outcome()
    await within(seconds, [visit(*each, outcome) for each in zip(planned, places, strict=True)], outcome)
    return outcome
