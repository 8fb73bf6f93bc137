"""Sentences of clinical trials with the roles that their authors' own headings give them.

The articles are those of Evidence Inference 2.0, in JATS; only those under CC BY or CC0 are read.
"""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.text import sentence_spans
from rag.types import Role, State

ARTICLES = "xml_files"
FREE = {"by", "publicdomain", "zero"}
_LICENSE = re.compile(r"creativecommons\.org/(?:licenses/)?([a-z-]+)")
# What a heading begins with, numbers aside, and the roles that a sentence below it may have; the first that fits.
HEADINGS: tuple[tuple[str, tuple[Role, ...]], ...] = (
    (r".*limitation", ("limitation",)),
    (r"(background|introduction|rationale)\W+(and |& )?(aim|objective|purpose)", ("background", "aim")),
    (r"methods?(ology)?\W*(and |& )?(results|(principal |main )?findings)", ("method", "result")),
    (r"(background|context|introduction|rationale)", ("background",)),
    (r"(the )?(study )?(aims?|objectives?|purpose|hypothes[ie]s)\b", ("aim",)),
    (r"(results?|(main |principal )?findings)\W*$", ("result",)),
    (r"((summary|main) )?conclusions?|interpretation\W*$", ("conclusion",)),
    (r"((study|trial|research) )?(materials?|methods?|methodology|(patients|subjects|participants) and methods"
     r"|research design and methods|design|setting|participants|patients|interventions?|(main )?outcome measures?"
     r"|measurements|statistical analys[ie]s)\b", ("method",)),
    (r"discussion\W*$", ("background", "result", "conclusion", "limitation")),
    (r"(role of the )?(funding|financial support)|sources? of (funding|support)|acknowledge?ments?", ("funding",)),
    (r"(trial |clinical trial )?registration|competing|conflicts? of|authors?.? ?contribution|abbreviation"
     r"|pre-publication|ethics|availability|supplementa|supporting info|additional file|trial status|consent"
     r"|disclosure", ("other",)),
)  # fmt: skip
_NUMBER = re.compile(r"^[\dIVX.\s]*[.)\s]\s*(?=[A-Za-z])")
_MARGINAL = {"table-wrap", "fig", "disp-formula", "table", "supplementary-material", "fn"}
# How many sentences of a stretch of an article's body are taken, one after the other.
RUN = 8
# Share of the articles of which the body is taken; sections on limitations, which are few, are taken of all.
SHARE_OF_BODIES = 0.4


@dataclass(frozen=True, slots=True)
class Stretch:
    """Successive sentences of an abstract or a section, of which `length` it has and `first` is the place of the first.

    `roles` are those that a sentence may have by the heading above it, none where the heading does not tell.
    `states` are what else is told of each sentence, where it was labelled by hand.
    """

    article: str
    in_abstract: bool
    sentences: tuple[str, ...]
    roles: tuple[frozenset[Role], ...]
    headings: tuple[str, ...]
    first: int
    length: int
    states: tuple[frozenset[State], ...] = ()


def trial_stretches(folder: Path, seed: int) -> Iterator[Stretch]:
    """Yield the abstracts, and of some articles a run of sentences for each role that sections have.

    Raises FileNotFoundError where there are none.
    """
    chance = random.Random(seed)
    for name, article in _articles(folder):
        if _is_free(article):
            if abstract := _abstract(name, article):
                yield abstract
            sampled = chance.random() < SHARE_OF_BODIES
            by_roles: dict[frozenset[Role], list[Stretch]] = {}
            for section in _sections(name, article):
                by_roles.setdefault(section.roles[0], []).append(section)
            for roles, sections in by_roles.items():
                if sampled or roles == {"limitation"}:
                    yield _run(chance.choice(sections), chance)


def roles_below(heading: str) -> frozenset[Role]:
    """Return the roles that a sentence below a heading may have; none where it does not tell."""
    bare = _NUMBER.sub("", heading).strip().casefold()
    return frozenset(next((roles for pattern, roles in HEADINGS if re.match(pattern, bare)), ()))


def roles_in_abstract(headings: Sequence[str]) -> tuple[frozenset[Role], ...]:
    """Return the roles of sentences by the headings above them.

    "Background" ends with the aim, and "Objective" begins with what is known, unless there are both, or the objective
    is a single sentence.
    """
    roles = [roles_below(heading) for heading in headings]
    both, either = frozenset[Role](["background", "aim"]), frozenset[Role]()
    if not all(frozenset([role]) in roles for role in both):
        either = frozenset(["background"]) if roles.count(frozenset(["aim"])) == 1 else both
    return tuple(both if given and given <= either else given for given in roles)


def _articles(folder: Path) -> Iterator[tuple[str, ET.Element]]:
    if not (files := sorted((folder / ARTICLES).glob("*.nxml"))):
        raise FileNotFoundError(f"There are no articles in {folder / ARTICLES}.")
    return ((file.stem, ET.parse(file).getroot()) for file in files)


def _is_free(article: ET.Element) -> bool:
    found = [ET.tostring(license, "unicode") for license in article.iter("license")]
    kinds = {kind for text in found for kind in _LICENSE.findall(text)} - {"licenses"}
    return bool(kinds) and kinds <= FREE


def _abstract(name: str, article: ET.Element) -> Stretch | None:
    """Return the abstract if its authors divided it."""
    for abstract in article.iterfind(".//article-meta/abstract"):
        sections = [*abstract.iter("sec")] if not abstract.get("abstract-type") else []
        parts = [(_title(section), sentence) for section in sections for sentence in _sentences(section)]
        if len({roles_below(heading) for heading, _ in parts} - {frozenset()}) > 2:
            roles = roles_in_abstract([heading for heading, _ in parts])
            # As `rag.sources` names the parts of an abstract.
            headings = tuple(f"Abstract: {heading}" for heading, _ in parts)
            return Stretch(name, True, tuple(text for _, text in parts), roles, headings, 0, len(parts))
    return None


def _sections(name: str, article: ET.Element) -> Iterator[Stretch]:
    body = [section for part in ("body", "back") for section in article.findall(f"./{part}/sec")]
    thanks = [*article.iterfind("./back/ack")]
    for section in [*body, *thanks]:
        heading = _title(section) or ("Acknowledgements" if section.tag == "ack" else "")
        inner = [*section.iter("sec")] or [section]
        for part in inner:
            own = _title(part) or heading
            roles = roles_below(own) if "limitation" in roles_below(own) else roles_in_abstract([heading])[0]
            sentences = tuple(_sentences(part))
            if sentences and roles:
                count = len(sentences)
                yield Stretch(name, False, sentences, (roles,) * count, (own,) * count, 0, count)


def _run(whole: Stretch, chance: random.Random) -> Stretch:
    first = chance.randrange(max(len(whole.sentences) - RUN, 0) + 1)
    taken = slice(first, first + RUN)
    sentences, roles, headings = whole.sentences[taken], whole.roles[taken], whole.headings[taken]
    return replace(whole, sentences=sentences, roles=roles, headings=headings, first=first)


def _title(section: ET.Element) -> str:
    title = section.find("title")
    return "" if title is None else " ".join("".join(title.itertext()).split())


def _sentences(section: ET.Element) -> list[str]:
    """Return the sentences of the paragraphs right below a section's heading."""
    paragraphs = [" ".join("".join(_text(paragraph)).split()) for paragraph in section.findall("p")]
    return [text[start:end] for text in paragraphs for start, end in sentence_spans(text, 0, len(text))]


def _text(element: ET.Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag not in _MARGINAL and isinstance(child.tag, str):
            yield from _text(child)
        yield child.tail or ""
