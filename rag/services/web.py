"""Requests to the services, politely: one after another, each host at its own pace, waiting when it says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from rag.errors import ServiceAway
from rag.settings import Settings

# Requests a second that each service allows to anybody, and the seconds that one may take.
PACE, PATIENCE = 3.0, 60.0
LARGEST = 100_000_000  # bytes of a reply
TRIES, LONGEST_WAIT = 3, 60.0
_LATER = frozenset([408, 429, 500, 502, 503, 504])


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the services are."""

    eutils: str = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
    europepmc: str = "https://www.ebi.ac.uk/europepmc/webservices/rest"
    crossref: str = "https://api.crossref.org"
    unpaywall: str = "https://api.unpaywall.org/v2"
    arxiv: str = "https://arxiv.org"

    @classmethod
    def below(cls, base: str) -> Addresses:
        """Return the addresses of services that one server stands for, each below its own name."""
        return cls(*(f"{base.rstrip('/')}/{name}" for name in cls.__slots__))


@dataclass
class Web:
    """What asks the services. `contact` is the address that Unpaywall and Crossref want to know; `sleep` waits."""

    addresses: Addresses = field(default_factory=Addresses)
    contact: str = ""
    sleep: Callable[[float], None] = time.sleep
    _asked: dict[str, float] = field(default_factory=dict)

    def get(self, address: str, query: Mapping[str, Any] | None = None, *, most: int = LARGEST) -> bytes | None:
        """Return what an address gives, None where there is nothing; raise ServiceAway where it does not answer."""
        import httpx2

        whole = f"{address}?{urlencode(query)}" if query else address
        host = urlsplit(whole).netloc
        problem = ""
        for trial in range(TRIES):
            self._keep_pace(host)
            try:
                with (
                    httpx2.Client(timeout=PATIENCE, follow_redirects=True, max_redirects=5) as client,
                    client.stream("GET", whole, headers={"User-Agent": self._name()}) as reply,
                ):
                    if reply.status_code in _LATER:
                        problem = f"it says {reply.status_code}"
                        self._wait(trial, reply.headers.get("Retry-After", ""))
                        continue
                    if reply.status_code >= 400:
                        return None
                    return _read(reply.iter_bytes(), most)
            except httpx2.HTTPError as error:
                problem = type(error).__name__
                self._wait(trial, "")
        raise ServiceAway(f"{host} does not answer now ({problem}). Try again later; what was added stays.")

    def _name(self) -> str:
        from rag import __version__

        return f"review-rag/{__version__}{f' (mailto:{self.contact})' if self.contact else ''}"

    def _keep_pace(self, host: str) -> None:
        now = time.monotonic()
        wait = self._asked.get(host, 0.0) + 1 / PACE - now
        if wait > 0:
            self.sleep(wait)
        self._asked[host] = time.monotonic()

    def _wait(self, trial: int, told: str) -> None:
        """Wait as long as the service says, or longer from trial to trial."""
        if trial < TRIES - 1:
            self.sleep(min(float(told) if told.isdigit() else 2.0**trial, LONGEST_WAIT))


def open_web(settings: Settings) -> Web:
    """Return what asks the services as the settings say; raise ServiceAway where that is forbidden."""
    if settings.offline or settings.hosted:
        raise ServiceAway("The services are not asked here: RAG_OFFLINE is set, or the page is hosted.")
    addresses = Addresses.below(settings.services_url) if settings.services_url else Addresses()
    return Web(addresses, settings.contact)


def _read(pieces: Any, most: int) -> bytes | None:
    """Return a reply, None of one that has no end."""
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) > most:
            return None
    return bytes(held)
