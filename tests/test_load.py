"""What the hosted page bears, in small: the whole of it is `python -m tests.load`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from rag.settings import Settings
from rag.shelf.library import Library
from rag.store.database import open_store
from tests.conftest import SEEDS
from tests.load.attack import KINDS, besieged
from tests.load.hosting import address_of, hosting
from tests.load.kill import Acknowledged, Host, Seen, check_store, kill_again_and_again
from tests.load.shelf import make_shelf
from tests.load.visitor import Place, Unanswered, Visitor
from tests.load.visitors import talks, visit_all
from tests.patience import PATIENCE

UNLIMITED = {"RAG_QUESTIONS_A_MINUTE": "1000", "RAG_QUESTIONS_A_DAY": "9999"}


@pytest.fixture(scope="module")
def page(library: Library, data: Path):
    """The address of the hosted page; whoever comes without a proxy is not told apart by address."""
    with hosting(SEEDS, data, **UNLIMITED) as (address, _):
        yield address


def test_visitors_at_once_each_get_exactly_their_own_answers(library: Library, page: str) -> None:
    planned = talks(library, visitors=12, turns=2, think=2)
    outcome = asyncio.run(visit_all(planned, [Place(page, address_of(number)) for number in range(12)], PATIENCE))
    assert (outcome.errors, outcome.leaks, outcome.returns) == ([], [], 0)
    assert len(outcome.turns) == 24


def test_an_answer_that_is_not_the_engines_own_and_anothers_sign_are_noticed(library: Library, page: str) -> None:
    (talk,) = talks(library, visitors=1, turns=1, think=0)
    wrong = replace(talk, answers=("<article>another</article>",))
    foreign = replace(talk, questions=(f"{talk.questions[0]} ⣿",))
    outcome = asyncio.run(visit_all([wrong, foreign], [Place(page)] * 2, PATIENCE))
    assert [error[:14] for error in outcome.errors] == ["another answer"]
    assert outcome.leaks == [f"{talk.sign} was sent what ⣿ asked"]


def test_a_visitor_whose_connection_is_lost_comes_back_to_the_same_conversation(page: str) -> None:
    async def scene() -> Visitor:
        visitor = Visitor(Place(page), "⠁")
        await visitor.arrive()
        await visitor.ask("Why is it hard to use CAR-T cells against solid tumors?")
        await visitor.leave()
        await visitor.ask("Are there studies in lupus?")
        return visitor

    visitor = asyncio.run(scene())
    assert (visitor.returns, len(visitor.answers)) == (1, 2)


def test_a_question_that_is_refused_is_no_answer(library: Library, data: Path) -> None:
    async def scene(address: str) -> None:
        visitor = Visitor(Place(address, address_of(200)), "⠁")
        await visitor.arrive()
        await visitor.ask("Are there studies in lupus?")
        with pytest.raises(Unanswered, match="1 question within a minute"):
            await visitor.ask("And in adults?")

    with hosting(SEEDS, data, RAG_QUESTIONS_A_MINUTE="1") as (address, _):
        asyncio.run(scene(address))


def test_while_one_of_their_own_address_attacks_in_every_way_others_get_their_turns(
    library: Library, data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    planned = talks(library, visitors=3, turns=2, think=3)
    with hosting(SEEDS, data, **UNLIMITED) as (address, _):
        outcome, newcomer = asyncio.run(besieged(address, planned, list(KINDS), same=True, again=False, seconds=4))
    assert outcome.errors + newcomer.errors == []
    assert outcome.leaks + newcomer.leaks == []
    assert "refused" in capfd.readouterr().out


def test_what_was_acknowledged_survives_kills_while_links_are_made_and_an_index_is_built(tmp_path: Path) -> None:
    sources = make_shelf(tmp_path / "seeds", passages=0)
    host = Host(sources, Settings(seeds=sources, data=tmp_path / "data"), sections=5, seconds_to_rebuild=2)
    said = kill_again_and_again(host, rounds=2, moments=("sharing", "rebuilding"))
    assert said.lost == []
    assert set(said.starts) == {"first", "sharing", "rebuilding"}
    assert min(len(said.conversations), len(said.links), len(said.reservations)) > 0


def test_what_is_missing_from_the_store_is_told(tmp_path: Path) -> None:
    never = Seen("r" * 43, "c" * 22, ("an answer",))
    said = Acknowledged([never], [("t" * 22, never)], [(1, 5)])
    check_store(open_store(Settings(data=tmp_path)), said)
    assert [lost.split()[0] for lost in said.lost] == ["conversation", "link", "reservation"]
