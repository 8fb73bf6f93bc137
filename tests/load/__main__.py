"""What the hosted page bears: `python -m tests.load visitors|attack|kill`.

visitors   so many at once, each from an address of its own as behind a proxy (`--direct`: all from this machine)
attack     one attacker, from the address of other visitors and from another, while these take their turns
kill       the server is killed, started again, and asked for all that it had acknowledged
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from rag.library import open_library
from rag.settings import Settings
from tests.conftest import SEEDS
from tests.load.hosting import address_of, hosting, load, memory
from tests.load.visitor import Place
from tests.load.visitors import talks, visit_all


def main() -> None:
    """Do what the arguments say and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description="What the hosted page bears.")
    kinds = parser.add_subparsers(required=True)
    many = kinds.add_parser("visitors", help="many visitors at once")
    many.add_argument("--visitors", type=int, default=50)
    many.add_argument("--turns", type=int, default=3)
    many.add_argument("--think", type=float, default=10, help="seconds between turns, at most")
    many.add_argument("--direct", action="store_true", help="no proxy: all visitors have the address of this machine")
    many.set_defaults(run=visitors)
    given = parser.parse_args()
    given.run(given)


def visitors(given: argparse.Namespace) -> None:
    """Let many visitors come at once."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        planned = talks(open_library(Settings(seeds=SEEDS, data=data)), given.visitors, given.turns, given.think)
        with hosting(SEEDS, data) as (page, server):
            places = [Place(page, None if given.direct else address_of(number)) for number in range(given.visitors)]
            longest = (given.think + 20) * (given.turns + 1)
            outcome = asyncio.run(visit_all(planned, places, longest))
            print(f"{given.visitors} visitors, {'one address' if given.direct else 'an address each'}")
            print(f"{outcome}\n{memory(server)}; {load()}")


if __name__ == "__main__":
    main()
