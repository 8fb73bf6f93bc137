"""What a GROBID server reads in a PDF: its headings, references, title and authors.

Asked only where `GROBID_URL` names a server, and believed only of words that are printed where they are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rag.errors import ServiceAway
from rag.sources.lines import squeeze
from rag.sources.pdf.front import letters
from rag.sources.xml.parsing import markup, parse

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# Of the 30 seconds that a file may take.
SECONDS = 20.0
_LARGEST = 20_000_000  # characters
# Nothing is looked up elsewhere; the wording of a reference comes as it is printed.
_WANTED = {"consolidateHeader": "0", "consolidateCitations": "0", "includeRawCitations": "1"}
_FEWEST_LETTERS = 4
_NUMBER = re.compile(r"^[\d.\s]+")


@dataclass(frozen=True, slots=True)
class Structure:
    """Headings and references by their letters alone, and what the header states, named as a PDF's own fields are."""

    headings: frozenset[str] = frozenset()
    references: str = ""
    stated: Mapping[str, str] = field(default_factory=dict)

    def printed_in(self, page: str) -> dict[str, str]:
        """Return what is stated, if the title is printed on a page."""
        title = letters(self.stated.get("Title", ""))
        return dict(self.stated) if title and title in letters(page) else {}

    def is_heading(self, text: str) -> bool:
        """Tell a heading, whatever number stands before it."""
        return letters(_NUMBER.sub("", text)) in self.headings

    def is_reference(self, text: str) -> bool:
        """Tell a reference, or the beginning of several."""
        return len(own := letters(text)[:100]) > 2 * _FEWEST_LETTERS and own in self.references


def read_structure(content: bytes, server: str) -> Structure:
    """Return what a server reads in a PDF; raise ServiceAway where it does not answer with a text."""
    import httpx2

    address = f"{server.rstrip('/')}/api/processFulltextDocument"
    try:
        with httpx2.Client(timeout=SECONDS) as client:
            reply = client.post(address, data=_WANTED, files={"input": ("paper.pdf", content, "application/pdf")})
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
        raise ServiceAway(f"GROBID does not answer ({type(error).__name__})") from None
    if reply.status_code != 200 or len(reply.text) > _LARGEST:
        raise ServiceAway(f"GROBID says {reply.status_code}")
    root, fault = parse(markup(reply.text))
    if root is None:
        raise ServiceAway(f"GROBID's answer cannot be read ({fault})")
    return _structure(root)


def _structure(root: Element) -> Structure:
    found = {
        "Title": _words(root.find("./teiHeader/fileDesc/titleStmt/title")),
        "Author": "; ".join(
            filter(None, map(_name, root.iterfind("./teiHeader//sourceDesc/biblStruct/analytic/author")))
        ),
    }
    headings = (letters(_words(head)) for head in root.iterfind("./text/body//div/head"))
    raw = (_words(note) for note in root.iterfind(".//listBibl/biblStruct/note[@type='raw_reference']"))
    return Structure(
        frozenset(heading for heading in headings if len(heading) >= _FEWEST_LETTERS),
        "\n".join(map(letters, raw)),
        {name: words for name, words in found.items() if words},
    )


def _name(author: Element) -> str:
    parts: Iterable[Any] = author.iterfind("./persName/*")
    return " ".join(_words(part) for part in parts if part.tag in ("forename", "surname"))


def _words(element: Element | None) -> str:
    return "" if element is None else squeeze("".join(element.itertext()))
