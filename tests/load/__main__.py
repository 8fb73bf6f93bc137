"""What the hosted page bears: `python -m tests.load visitors|attack|kill`.

visitors   so many at once, each from an address of its own as behind a proxy (`--direct`: all from this machine)
attack     one attacker, from the address of other visitors and from another, while these take their turns
kill       the server is killed, started again, and asked for all that it had acknowledged
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path

from rag.settings import Settings
from rag.shelf.opening import open_library
from tests.databases import new_database, postgres_server
from tests.load.attack import KINDS, besieged
from tests.load.hosting import address_of, hosting, load, memory
from tests.load.kill import Host, kill_again_and_again
from tests.load.shelf import make_shelf
from tests.load.visitor import Place
from tests.load.visitors import talks, visit_all


def main() -> None:
    """Do what the arguments say and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description="What the hosted page bears.")
    kinds = parser.add_subparsers(required=True)
    many = _kind(kinds, "visitors", "many visitors at once", passages=0)
    many.add_argument("--visitors", type=int, default=50)
    many.add_argument("--turns", type=int, default=3)
    many.add_argument("--think", type=float, default=10, help="seconds between turns, at most")
    many.add_argument("--direct", action="store_true", help="no proxy: all visitors have the address of this machine")
    many.set_defaults(run=visitors)
    one = _kind(kinds, "attack", "one attacker while others read", passages=0)
    one.add_argument("--kinds", nargs="+", choices=[*KINDS, "all"], default=[*KINDS, "all"])
    one.add_argument("--again", action="store_true", help="what is refused or closed is tried again after a second")
    one.set_defaults(run=attacks)
    dead = _kind(kinds, "kill", "the server killed and started again", passages=5000)
    dead.add_argument("--rounds", type=int, default=20)
    dead.add_argument("--postgresql", action="store_true", help="a PostgreSQL of its own instead of SQLite")
    dead.set_defaults(run=kills)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        given.run(given, _prepared(given.shelf or Path(folder), given.passages))


def _kind(kinds: argparse._SubParsersAction, name: str, help: str, passages: int) -> argparse.ArgumentParser:
    parser = kinds.add_parser(name, help=help)
    parser.add_argument("--passages", type=int, default=passages, help="so many are added to the seeds")
    parser.add_argument("--shelf", type=Path, help="a folder that keeps the reviews and their index for the next time")
    return parser


def _prepared(shelf: Path, passages: int) -> Settings:
    """Return the settings of a shelf, made unless it is there."""
    sources = shelf / "seeds"
    if not sources.exists():
        make_shelf(sources, passages)
    return Settings(seeds=sources, data=shelf / "data")


def visitors(given: argparse.Namespace, settings: Settings) -> None:
    """Let many visitors come at once."""
    library = open_library(settings)
    planned = talks(library, given.visitors, given.turns, given.think)
    with hosting(settings.seeds, settings.data) as (page, server):
        places = [Place(page, None if given.direct else address_of(number)) for number in range(given.visitors)]
        longest = (given.think + 20) * (given.turns + 1)
        outcome = asyncio.run(visit_all(planned, places, longest))
        whence = "this machine" if given.direct else "an address each"
        print(f"{given.visitors} visitors from {whence}, {len(library.index.passages)} passages")
        print(f"{outcome}\n{memory(server)}; {load()}")


def attacks(given: argparse.Namespace, settings: Settings) -> None:
    """Attack in each way alone and in all ways together, from another address and from the visitors' own."""
    planned = talks(open_library(settings), visitors=5, turns=6, think=6)
    # Visitors of one address share its quotas, which are not what is attacked.
    unlimited = {"RAG_QUESTIONS_A_MINUTE": "1000", "RAG_QUESTIONS_A_DAY": "9999"}
    for kind, same in ((kind, same) for kind in given.kinds for same in (False, True)):
        with hosting(settings.seeds, settings.data, **unlimited) as (page, server):
            ways = list(KINDS) if kind == "all" else [kind]
            outcome, newcomer = asyncio.run(besieged(page, planned, ways, same, given.again))
            print(f"{kind}, from {'their own' if same else 'another'} address; {memory(server)}; {load()}")
            print(f"{outcome}\nnewcomer: {newcomer}\n", flush=True)


def kills(given: argparse.Namespace, settings: Settings) -> None:
    """Kill the server again and again."""
    passages = len(open_library(settings).index.passages)
    with ExitStack() as ended:
        database = new_database(ended.enter_context(postgres_server())) if given.postgresql else None
        stored = Settings(seeds=settings.seeds, data=settings.data, database_url=database)
        said = kill_again_and_again(Host(settings.seeds, stored), given.rounds)
    print(f"{passages} passages, {'PostgreSQL' if database else 'SQLite'}\n{said}\n{load()}")


if __name__ == "__main__":
    main()
