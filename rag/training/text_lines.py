"""`python -m rag.training.text_lines SOURCES EXCLUDED`: learn what the lines of text and Markdown are there for.

Learns from trial articles in JATS under CC BY or CC0, but for those that EXCLUDED names, each laid out in a few of very
many ways (`rag.training.layouts`). Prints for articles that it has not learned from how many lines of each kind are
told, and writes `rag/encoders/weights/text_lines.safetensors`.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from lxml import etree

from rag.encoders import LINE_KINDS, TEXT_WEIGHTS, Numbers, keep_weights, softmax
from rag.sources import lines_of, text_features
from rag.training.layouts import Laid, Layout, Paper, frames
from rag.training.network import Mask, Network, Weights
from rag.training.rows import SEED
from rag.training.rows.pairs import nli_rows
from rag.training.sources import Sources
from rag.training.trial_articles import ARTICLES
from rag.types import FloatMatrix

NETWORK = Network("lines", hidden=48, epochs=8, dropped=0.2, decay=1.0)
LAYOUTS = 6  # of each article
_FREE = re.compile(
    r"creativecommons\.org/(?:licenses/by/|publicdomain/)|Creative Commons Attribution Licen[sc]e", re.IGNORECASE
)
_RESTRICTED = re.compile(r"\bby-n[cd]\b|non-?commercial|no-?deriv", re.IGNORECASE)
_TAKEN = 4  # of the text's lines one in so many is learned from
_HELD = 8  # one article in so many is measured
_CUT = 0.1  # of the texts, how many end early


def read_papers(folder: Path, excluded: frozenset[str]) -> Iterator[Paper]:
    """Yield the articles of a folder that may be learned from and have what is laid out."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    for file in sorted(folder.glob("*.nxml")):
        root = etree.fromstring(file.read_bytes(), parser)
        numbers = {one.get("pub-id-type"): one.text or "" for one in root.iterfind("front/article-meta/article-id")}
        known = {file.stem, f"PMC{numbers.get('pmc', '')}", numbers.get("pmid", "")}
        if excluded.isdisjoint(known) and (paper := _paper(root, numbers)):
            yield paper


def _paper(root: etree._Element, numbers: dict[str, str]) -> Paper | None:
    meta, about = root.find("front/article-meta"), root.find("front/journal-meta")
    if meta is None or about is None or not _is_free(meta):
        return None
    names = [(_text(one, "given-names"), _text(one, "surname")) for one in meta.iterfind("contrib-group/contrib/name")]
    abstract = meta.find("abstract")
    title = meta.find("title-group/article-title")
    divided = [] if abstract is None else abstract.findall("sec") or [abstract]
    said = [(_text(part, "title"), _paragraphs(part)) for part in divided]
    body = root.find("body")
    if title is None or not any(given and family for given, family in names) or not any(one for _, one in said):
        return None
    return Paper(
        _words(title), [(given, family) for given, family in names if given and family],
        [one for place in meta.iter("aff") if (one := _words(place, "label", "sup"))],
        said, [_words(one) for one in meta.iterfind("kwd-group/kwd")],
        [] if body is None else list(_sections(body, 0)), [_words(one, "label", "pub-id") for one in root.iter("ref")],
        _text(about, ".//journal-title"), _text(about, "journal-id[@journal-id-type='nlm-ta']"),
        _text(meta, "pub-date/year"),
        {"vol": _text(meta, "volume"), "issue": _text(meta, "issue"), "doi": numbers.get("doi", ""),
         "pages": _text(meta, "fpage") or _text(meta, "elocation-id"), "pmid": numbers.get("pmid", ""),
         "pmc": f"PMC{numbers.get('pmc', '')}"},
        _text(meta, ".//license"),
    )  # fmt: skip


def _is_free(meta: etree._Element) -> bool:
    found = " ".join(
        etree.tostring(one, encoding="unicode") for one in meta.iter("permissions", "license", "copyright-statement")
    )
    return bool(_FREE.search(found)) and not _RESTRICTED.search(found)


def _sections(element: etree._Element, depth: int) -> Iterator[tuple[int, str, list[str]]]:
    for section in element.iterfind("sec"):
        yield depth, _text(section, "title"), _paragraphs(section)
        yield from _sections(section, depth + 1)


def _paragraphs(element: etree._Element) -> list[str]:
    return [one for part in element.iterfind("p") if (one := _words(part, "table-wrap", "fig", "disp-formula"))]


def _text(element: etree._Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else _words(found)


def _words(element: etree._Element, *without: str) -> str:
    """Return the words of an element on one line, without those of some elements in it."""
    parts = [element.text or ""]
    for part in element:
        parts += [] if part.tag in without or not isinstance(part.tag, str) else [_words(part, *without)]
        parts.append(part.tail or "")
    # What an element sets apart, a name or a number, is a word by itself in the lists.
    return " ".join((" " if element.tag in ("ref", "aff") else "").join(parts).split())


def rows_of(laid: Laid, chance: random.Random) -> tuple[FloatMatrix, Numbers]:
    """Return the numbers of the lines of a text and their kinds; of those of its prose some."""
    said = [(line, LINE_KINDS.index(kind)) for line, kind in laid if line.strip()]
    lines = lines_of("\n".join(line for line, _ in laid))
    kinds = np.array([kind for _, kind in said])
    plain = np.isin(kinds, [LINE_KINDS.index("text"), LINE_KINDS.index("references")])
    kept = ~plain | (np.array([chance.randrange(_TAKEN) for _ in said]) == 0)
    return text_features(lines)[kept].astype(np.float16), kinds[kept]


def _laid_out(
    papers: Sequence[Paper], sentences: Sequence[str], layouts: int, chance: random.Random
) -> tuple[FloatMatrix, Numbers]:
    sites, found = frames(), []
    for one in papers:
        for _ in range(layouts):
            layout, style = Layout(chance, papers, sites, sentences), chance.random()
            paper = one if chance.random() < 0.8 else layout.on_other_matters(one)
            if style < 0.5:
                laid = layout.page(paper)
            elif style < 0.7:
                laid = layout.several([paper, *chance.sample(papers, chance.choice([1, 2, 3, 5]))])
            elif style < 0.8:
                laid = layout.note(paper)
            else:
                laid = layout.brief(paper)
            if chance.random() < _CUT:
                laid = laid[: chance.randrange(3, max(len(laid), 4))]
            found.append(rows_of(laid, chance))
    features, kinds = zip(*found, strict=True)
    return np.concatenate(features), np.concatenate(kinds)


def _learn(features: FloatMatrix, kinds: Numbers) -> Weights:
    roles: Mask = np.eye(len(LINE_KINDS), dtype=bool)[kinds]
    return NETWORK.fit(lambda rows: features[rows].astype(np.float32), roles, np.arange(len(kinds)), SEED)


def _measure(features: FloatMatrix, kinds: Numbers, weights: Weights) -> None:
    """Print for each kind how many of its lines are told, and how many that are told are of it."""
    given = softmax(NETWORK.scores(features.astype(np.float32), weights)).argmax(axis=1)
    for at, kind in enumerate(LINE_KINDS):
        right, lines, taken = ((given == at) & (kinds == at)).sum(), (kinds == at).sum(), (given == at).sum()
        print(f"{kind}: {right / max(lines, 1):.3f} of {lines} told, {right / max(taken, 1):.3f} of {taken} right")


def main() -> None:
    """Learn, measure and write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("sources", type=Path)
    parser.add_argument("excluded", type=Path)
    given = parser.parse_args()
    excluded = frozenset(given.excluded.read_text("utf-8").split())
    sources = Sources(given.sources)
    papers = list(read_papers(sources.trials / ARTICLES, excluded))
    sentences = sorted({row.question for row in nli_rows(sources.pairs)})
    chance = random.Random(SEED)
    chance.shuffle(papers)
    held = len(papers) // _HELD
    features, kinds = _laid_out(papers[held:], sentences, LAYOUTS, chance)
    weights = _learn(features, kinds)
    _measure(*_laid_out(papers[:held], sentences, 1, chance), weights)
    keep_weights(
        {name: values.astype(np.float16) for name, values in weights.items()},
        TEXT_WEIGHTS,
        {"articles": str(len(papers) - held), "seed": str(SEED)},
    )


if __name__ == "__main__":
    main()
