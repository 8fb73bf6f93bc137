"""Full-length papers that lie beside the project, as pages of Markdown."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

from rag.shelf.library import Library
from tests.engine import open_shelf, settings_for
from tests.outside import outside

PAPERS = outside("papers")


def _text(element: ET.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _section(element: ET.Element, level: int) -> list[str]:
    lines = []
    for child in element:
        if child.tag == "title":
            lines.append(f"{'#' * level} {_text(child)}")
        elif child.tag == "p":
            lines.append(_text(child))
        elif child.tag == "sec":
            lines += _section(child, level + 1)
    return lines


def _markdown(path: Path) -> str:
    """Return a JATS file as Markdown: title, DOI, abstract, body."""
    article = ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", path.read_text("utf-8")))
    title = article.find(".//article-meta//article-title")
    body, abstract = article.find("body"), article.find(".//abstract")
    doi = next((one.text for one in article.iter("article-id") if one.get("pub-id-type") == "doi"), "")
    assert title is not None and body is not None
    lines = [f"# {_text(title)}", f"DOI: {doi}"]
    lines += ["## Abstract", *(_text(p) for p in abstract.iter("p"))] if abstract is not None else []
    return "\n\n".join([*lines, *_section(body, 1)]) + "\n"


@cache
def papers() -> Library:
    pages = {f"{path.stem}.md": _markdown(path) for path in sorted(PAPERS.glob("*.nxml"))}
    pages["carreview.md"] = (PAPERS / "carreview.md").read_text("utf-8")
    return open_shelf(settings_for("papers", pages)).library
