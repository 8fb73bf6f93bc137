"""Make `rag/lexicon/vocabularies/thesaurus.safetensors` from MeSH, a list of drugs and WordNet.

    python -m rag.training.vocabularies MESH DRUGS WORDNET thesaurus.safetensors

MESH is a folder with `data_mesh_thesaurus.rds`, `data_mesh_trees.rds` and `data_PharmacologicalActions.rds`, DRUGS the
file `drug_ner_dictionary.pkl.bz2`, WORDNET a folder with `data.noun`, `index.noun` and so on. Where they come from and
under which terms is told in `rag/lexicon/vocabularies/README.md`. The same sources give the same bytes.
"""

from __future__ import annotations

import bz2
import json
import pickle
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from rag.lexicon import MAX_NAME, STOP_WORDS
from rag.text import words
from rag.training.rds import read_table

# The first of these that a MeSH tree number begins with tells the kind. Of what stands in other trees (behaviour,
# phenomena, disciplines, care) WordNet knows the kind better.
_TREES = {
    "C": "disease",
    "F03": "disease",
    "D": "substance",
    "A": "body",
    "B01.050": "animal",
    "B01.650": "plant",
    "B01.875": "plant",
    "B": "microbe",
    "J02": "food",
    "M": "person",
    "Z": "location",
    "E01": "procedure",
    "E02": "procedure",
    "E03": "procedure",
    "E04": "procedure",
    "F": "behavior",
    "G": "phenomenon",
}
_OPEN = ("behavior", "phenomenon", "topic")
_HAPPENING = "act attribute cognition communication event feeling motive phenomenon quantity relation state time"
# The classes of WordNet's nouns that can be meant by a name that MeSH has for a kind; any for the others.
_MEANT = {
    "behavior": f"{_HAPPENING} process",
    "phenomenon": f"{_HAPPENING} process",
    "drug class": "substance artifact",
    "disease": "state event process phenomenon",
    "substance": "substance food artifact object",
    "drug": "substance food artifact object",
    "body": "body substance plant animal",
    "animal": "animal",
    "plant": "plant food substance",
    "microbe": "animal plant",
    "procedure": "act cognition artifact event process attribute",
    "food": "food substance plant",
    "person": "person group",
    "location": "location object group",
}
# MeSH's tags of abbreviations, and of the names that makers and laboratories give to the thing itself.
_ABBREVIATIONS = frozenset(("ABB", "ABX", "ACR", "ACX"))
_MAKERS = frozenset(("TRD", "LAB"))
_DOUBTFUL = _ABBREVIATIONS | _MAKERS
# Ranks of names: the thing's own, other names of it, its concepts' own, other names of these, what only a list has.
_OWN, _OTHER, _INNER, _INNER_OTHER, _LISTED = range(5)
_LONGEST = 48
_PARENTHESIS = re.compile(r"\s*\([^()]*\)$")
_OTHER_CLASSES = {"verb": "verb", "adj": "adjective", "adv": "adverb"}
Name = tuple[str, ...]


class Written(NamedTuple):
    """A name as a source writes it; the lower its rank, the rather it means this thing and no other."""

    text: str
    rank: int
    concept: int = 0
    doubtful: bool = False


@dataclass
class Thing:
    """What has names; its concept 0 is the thing itself, the others are kinds of it that have no place of their own."""

    kind: str
    parents: set[str] = field(default_factory=set)
    written: list[Written] = field(default_factory=list)


Things = dict[str, Thing]


def read_mesh(folder: Path) -> Things:
    """Return the descriptors of MeSH by their ids, and the substances whose action it tells."""
    terms = read_table(folder / "data_mesh_thesaurus.rds")
    trees = read_table(folder / "data_mesh_trees.rds")
    actions = read_table(folder / "data_PharmacologicalActions.rds")
    places = _places(trees, dict(zip(terms["DescriptorName"], terms["DescriptorUI"], strict=True)))
    at = {place: ui for ui, found in places.items() for place in found}
    things: Things = {}
    concepts: dict[str, dict[str, int]] = defaultdict(dict)
    for row in _preferred_first(terms):
        ui = row["DescriptorUI"]
        parents = {at[place.rpartition(".")[0]] for place in places[ui] if place.rpartition(".")[0] in at}
        thing = things.setdefault(ui, Thing(_kind(places[ui]), parents - {ui}))
        tag = row["LexicalTag"]
        first = row["ConceptUI"] if not concepts[ui] or tag not in _MAKERS else next(iter(concepts[ui]))
        concept = concepts[ui].setdefault(first, len(concepts[ui]))
        thing.written.append(Written(row["TermName"] or "", _rank(row, concept), concept, tag in _DOUBTFUL))
    for ui, name, action in zip(
        actions["DescriptorUI"], actions["DescriptorName"], actions["PharmActionUI"], strict=True
    ):
        thing = things.setdefault(ui, Thing("drug", written=[Written(name, _OTHER)] if name else []))
        thing.kind = "drug"
        thing.parents.add(action)
        things[action].kind = "drug class"
    return things


def _places(trees: Mapping[str, Sequence[Any]], ids: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the tree numbers of descriptors; the roots stand only in the rows of what is below them."""
    pairs = {
        *zip(trees["DescriptorUI"], trees["tree_location"], strict=True),
        *((ids.get(name), place) for name, place in zip(trees["mesh1"], trees["tree1"], strict=True)),
    }
    places = defaultdict(list)
    for ui, place in sorted(pair for pair in pairs if all(pair)):
        places[ui].append(place)
    return places


def _rank(row: Mapping[str, str], concept: int) -> int:
    if row["RecordPreferredTermYN"] == "Y":
        return _OWN
    return _OTHER if concept == 0 else _INNER if row["ConceptPreferredTermYN"] == "Y" else _INNER_OTHER


def _preferred_first(terms: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    rows = [dict(zip(terms, row, strict=True)) for row in zip(*terms.values(), strict=True)]
    return sorted(rows, key=lambda row: row["RecordPreferredTermYN"] != "Y")


def _kind(places: Sequence[str]) -> str:
    found = [kind for tree, kind in _TREES.items() if any(place.startswith(tree) for place in places)]
    return found[0] if found else "topic"


class _Plain(pickle.Unpickler):
    """Reads pickles of dictionaries, lists, texts and numbers, and nothing that runs code."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


def add_drugs(things: Things, path: Path) -> None:
    """Add the names of drugs, brands among them, to what MeSH has, and the drugs that it has not."""
    with bz2.open(path) as opened:
        found = _Plain(opened).load()
    known = found["drug_canonical_to_data"]
    for variant, canonicals in sorted(found["drug_variant_to_canonical"].items()):
        if len(canonicals) != 1:  # One name of two drugs stands for neither.
            continue
        facts = known.get(canonicals[0], {})
        thing = things.setdefault(facts.get("mesh_id", canonicals[0]), Thing("drug"))
        if thing.kind == "drug class":  # The list has some drugs under their class, as if they were one.
            continue
        if thing.kind == "substance" and "drugbank_id" in facts:
            thing.kind = "drug"
        thing.written.append(Written(variant, _OTHER if variant == canonicals[0] else _LISTED, doubtful=True))


@dataclass
class WordNet:
    """Synsets of nouns by their ids; of each lemma those that it is a name of, the commonest first.

    `counts` tells how often tagged texts hold a lemma in each part of speech; `others` are the lemmas that are verbs,
    adjectives and adverbs, with the noun that they are derived from or pertain to, where there is one.
    """

    things: Things
    senses: dict[str, list[str]]
    counts: dict[str, Counter[str]]
    others: dict[str, dict[str, str | None]]


def read_wordnet(folder: Path) -> WordNet:
    """Return WordNet's nouns without the individuals (persons, towns, wars), and its other words.

    An adjective that says "of or relating to" a noun is a name of what the noun means: "renal" of the kidney.
    """
    classes = _classes(folder)
    things: Things = {}
    for offset, class_, lemmas, pointers in _synsets(folder / "data.noun"):
        if not any(symbol == "@i" for symbol, *_ in pointers):
            parents = {target for symbol, target, *_ in pointers if symbol == "@"}
            things[offset] = Thing(classes[class_], parents, [Written(lemma, 0) for lemma in lemmas])
    senses = {lemma: [one for one in ids if one in things] for lemma, ids in _index(folder / "index.noun")}
    senses = {lemma: ids for lemma, ids in senses.items() if ids}
    for plural, singular in (line.split()[:2] for line in (folder / "noun.exc").read_text("ascii").splitlines()):
        if singular in senses:
            senses.setdefault(plural, senses[singular])
    others = {kind: dict(_derived(folder, kind)) for kind in _OTHER_CLASSES}
    known = {*others["adj"], *senses}
    for lemma, target in _pertaining(folder):
        if lemma not in senses and target in things and not _has_prefix(lemma, known):
            senses[lemma] = [target]
    return WordNet(things, senses, _counted(folder / "cntlist.rev"), others)


def _has_prefix(lemma: str, known: set[str]) -> bool:
    """Tell "antitumor" and "precancerous", which do not say what "tumor" and "cancer" say."""
    return any(lemma[cut:] in known for cut in range(2, min(6, len(lemma) - 4)))


def _counted(path: Path) -> dict[str, Counter[str]]:
    """Return how often each lemma was tagged as a noun (1), verb, adjective (3; 5 for a satellite) and adverb."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in ("noun", *_OTHER_CLASSES)}
    of = dict(zip("12345", ("noun", "verb", "adj", "adv", "adj"), strict=True))
    for line in path.read_text("ascii").splitlines():
        key, _, count = line.split()
        lemma, _, place = key.partition("%")
        counts[of[place[0]]][lemma] += int(count)
    return counts


def _classes(folder: Path) -> dict[str, str]:
    """Return the names of the lexicographers' files of nouns, which `lexnames(5WN)` numbers in this order."""
    names = (
        "entity act animal artifact attribute body cognition communication event feeling food group location motive "
        "object person phenomenon plant possession process quantity relation shape state substance time"
    )
    return {f"{number:02}": name for number, name in enumerate(names.split(), 3)}


def _synsets(path: Path) -> Iterator[tuple[str, str, list[str], list[tuple[str, ...]]]]:
    """Yield (id, class, lemmas, pointers as symbol, target, its class, places) of each synset; see `wndb(5WN)`."""
    for line in path.read_text("ascii").splitlines():
        if line.startswith(" "):
            continue
        fields = line.partition(" | ")[0].split()
        count = int(fields[3], 16)
        lemmas = [lemma.partition("(")[0] for lemma in fields[4 : 4 + 2 * count : 2]]
        rest = fields[5 + 2 * count :]
        pointers = [tuple(rest[i : i + 4]) for i in range(0, 4 * int(fields[4 + 2 * count]), 4)]
        yield fields[0], fields[1], lemmas, pointers


def _index(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield lemmas with the ids of their synsets, the commonest first."""
    for line in path.read_text("ascii").splitlines():
        if not line.startswith(" "):
            fields = line.split()
            yield fields[0], fields[-int(fields[2]) :]


def _pertaining(folder: Path) -> Iterator[tuple[str, str]]:
    r"""Yield adjectives whose first sense pertains (`\\`) to a noun, with that noun's synset."""
    yield from _related(folder, "adj", "\\")


def _derived(folder: Path, kind: str) -> Iterator[tuple[str, str | None]]:
    """Yield all words of a class, with the synset of the noun that the first sense of each is derived from (`+`)."""
    related = dict(_related(folder, kind, "+"))
    for lemma, _ in _index(folder / f"index.{kind}"):
        yield lemma, related.get(lemma)


def _related(folder: Path, kind: str, sought: str) -> Iterator[tuple[str, str]]:
    """Yield words whose first sense points to a noun in a certain way, with the first such noun's synset."""
    targets: dict[tuple[str, str], str] = {}
    for offset, _, lemmas, pointers in _synsets(folder / f"data.{kind}"):
        for symbol, target, part, places in pointers:
            if symbol == sought and part == "n" and places != "0000":
                targets.setdefault((offset, lemmas[int(places[:2], 16) - 1].casefold()), target)
    for lemma, ids in _index(folder / f"index.{kind}"):
        if (ids[0], lemma) in targets:
            yield lemma, targets[ids[0], lemma]


def stemmed(text: str) -> Iterator[Name]:
    """Yield the stems of a name as texts have it: "Lymphoma, Non-Hodgkin" turned round, "low-dose" also as two."""
    plain = _PARENTHESIS.sub("", text.replace("_", " "))
    last, comma, first = plain.partition(", ")
    if "," in first or len(plain) > _LONGEST:
        return
    natural = f"{first} {last}" if comma else plain
    for form in dict.fromkeys((natural, natural.replace("-", " "))):
        name = tuple(word.forms[0] for word in words(form))
        if 0 < len(name) <= MAX_NAME and not all(len(one) < 2 or one.isdigit() for one in name):
            yield name


class Meaning(NamedTuple):
    """What a name means: a concept or two of MeSH or the drugs, a synset; and what else the word is."""

    medical: tuple[tuple[str, int], ...]
    synset: str | None
    senses: int
    flags: int


class Meanings:
    """Finds what names mean, the likeliest where several things have one."""

    def __init__(self, things: Things, wordnet: WordNet) -> None:
        """Take what the sources say."""
        self._things, self._wordnet = things, wordnet
        texts = (written.text for thing in things.values() for written in thing.written)
        self._held = Counter(chain.from_iterable(re.findall(r"\w+", text.casefold()) for text in texts))
        self._nouns = self._commonest("noun", wordnet.senses)
        self._others = {
            kind: self._commonest(kind, (lemma for lemma in lemmas if "_" not in lemma))
            for kind, lemmas in wordnet.others.items()
        }
        self._medical, self._written = self._likeliest()

    def all(self) -> dict[Name, Meaning]:
        """Return what each name means."""
        names_of = defaultdict(set)
        for name, concepts in self._medical.items():
            names_of[concepts[0]].add(name)
        every = {*self._nouns, *self._medical, *chain.from_iterable(self._others.values())}
        return {name: self._meaning(name, names_of) for name in every}

    def _commonest(self, kind: str, lemmas: Iterable[str]) -> dict[Name, str]:
        """Return of the lemmas with one stem that which stands in most names of medicine, or else in most texts.

        "Diabetic" is rather an adjective than a noun, whatever the counts.
        """
        found: dict[Name, str] = {}
        counts = self._wordnet.counts[kind]
        adjectives = self._wordnet.others["adj"] if kind == "noun" else {}
        for lemma in sorted(lemmas, key=lambda one: (one in adjectives, -self._held[one], -counts[one], len(one), one)):
            for name in stemmed(lemma):
                found.setdefault(name, lemma)
        return found

    def _meaning(self, name: Name, names_of: Mapping[tuple[str, int], set[Name]]) -> Meaning:
        medical: tuple[tuple[str, int], ...] = self._medical.get(name, ())
        written = self._written.get(name, "")
        lemma = written if written in self._wordnet.senses else self._nouns.get(name, "")
        others = {kind: found[name] for kind, found in self._others.items() if name in found}
        counts = {kind: self._wordnet.counts[kind][word] for kind, word in others.items()}
        senses: Sequence[str] = self._wordnet.senses.get(lemma, ())
        count = self._wordnet.counts["noun"][lemma]
        rest = max(others, key=lambda kind: counts[kind], default="")
        if medical:
            rest = ""
            synset = self._sense(name, self._things[medical[0][0]].kind, names_of[medical[0]], senses)
        elif senses and (not rest or 2 * count >= counts[rest]):
            rest = ""
            synset = senses[0]
        else:
            synset = self._wordnet.others[rest][others[rest]]
        also = [
            kind in others and (lemma in self._wordnet.others[kind] or counts[kind] > count or kind == rest)
            for kind in _OTHER_CLASSES
        ]
        flags = sum(bit << at for at, bit in enumerate(also)) | (1 + [*_OTHER_CLASSES].index(rest) if rest else 0) << 3
        known = synset if synset in self._wordnet.things else None
        return Meaning(medical, known, 0 if rest else min(len(senses), 255), flags)

    def _likeliest(self) -> tuple[dict[Name, tuple[tuple[str, int], ...]], dict[Name, str]]:
        """Return the concepts of MeSH or the drugs that each name means, two at most; and how it is written there."""
        candidates: dict[Name, dict[tuple[str, int], tuple[int, str]]] = defaultdict(dict)
        for key, thing in sorted(self._things.items()):
            for written in thing.written:
                for name in stemmed(written.text):
                    if not self._is_everyday(name, thing.kind, written):
                        new = written.rank, written.text.casefold().replace(" ", "_")
                        at = key, written.concept
                        candidates[name][at] = min(new, candidates[name].get(at, new))
        medical, spelled = {}, {}
        for name, ranked in candidates.items():
            rank, spelling = min(ranked.values())
            best = tuple(at for at, (other, _) in ranked.items() if other == rank)
            if len(best) < 3 and (len(best) == 1 or rank < _LISTED):
                medical[name], spelled[name] = best, spelling
        return medical, spelled

    def _is_everyday(self, name: Name, kind: str, written: Written) -> bool:
        """Tell an abbreviation, a brand or another listed name that is also a word of the language: "ALL", "root"."""
        if len(name) > 1 or written.rank == _OWN:
            return False
        own = self._wordnet.senses.get(written.text.casefold())
        other = self._wordnet.senses.get(self._nouns.get(name, ""))
        if own and other and own[0] != other[0]:  # "Testes" have the stem of "test".
            return True
        is_short = written.text.isupper() and len(written.text) < 6
        is_doubtful = written.doubtful or is_short
        if not is_doubtful and kind not in ("drug", "drug class", "substance"):
            return False
        if name[0] in STOP_WORDS or len(name[0]) < 3:
            return True
        senses: Sequence[str] = self._wordnet.senses.get(self._nouns.get(name, ""), ())
        fits = bool(senses) and self._wordnet.things[senses[0]].kind in _MEANT.get(kind, "").split()
        is_other = any(name in found for found in self._others.values())
        return (is_other and is_doubtful) or not fits if senses else is_other

    def _sense(self, name: Name, kind: str, others: set[Name], senses: Sequence[str]) -> str | None:
        """Return the first sense where MeSH can mean it, or else the one that has most names in common with MeSH's."""
        allowed = _MEANT.get(kind, "").split()
        if senses and not allowed:
            return senses[0]

        def shared(synset: str) -> int:
            same = {form for written in self._wordnet.things[synset].written for form in stemmed(written.text)}
            return len((same & others) - {name})

        fitting = [one for one in senses if self._wordnet.things[one].kind in allowed]
        return max(fitting, key=shared, default=None)


def write(found: Mapping[Name, Meaning], things: Things, wordnet: WordNet, path: Path) -> None:
    """Write the names, in order, with their concepts; the concepts with their things; the things with their kinds."""
    joined = {" ".join(name).encode(): meaning for name, meaning in found.items()}
    names = sorted(joined)
    meant = [joined[name] for name in names]
    every = _needed(things | wordnet.things, meant)
    keys = sorted(every)
    number = {key: at for at, key in enumerate(keys)}
    pairs = {(key, 0) for key in keys} | {pair for m in meant for pair in m.medical}
    concepts = {pair: at for at, pair in enumerate(sorted(pairs))}
    rows = [[concepts[pair] for pair in (*m.medical, *([(m.synset, 0)] if m.synset else []))] for m in meant]
    parents = [sorted(number[parent] for parent in every[key].parents if parent in number) for key in keys]
    kinds = sorted({thing.kind for thing in every.values()})
    thing_of = [number[key] for key, _ in concepts]
    arrays: dict[str, NDArray[Any]] = {
        "names": np.frombuffer(b"".join(names), np.uint8),
        "name_sizes": np.array([*map(len, names)], np.uint8),
        "senses": np.array([m.senses for m in meant], np.uint8),
        "flags": np.array([m.flags for m in meant], np.uint8),
        "thing": np.array(thing_of, np.int32),
        "kind": np.array([kinds.index(every[key].kind) for key in keys], np.uint8),
        "below": np.array(_below(parents), np.int32),
        **_lists("concepts_of_name", rows),
        **_lists("names_of_concept", _inverted(rows, len(concepts))),
        **_lists("concepts_of_thing", _inverted([[thing] for thing in thing_of], len(keys))),
        **_lists("parents", parents),
        **_lists("children", _inverted(parents, len(keys))),
    }
    # One text, for the library writes several in any order.
    words_of_kinds = {"kinds": kinds, "open": _OPEN, "others": [*_OTHER_CLASSES.values()]}
    save_file(arrays, path, {"kinds": json.dumps(words_of_kinds)})


def _needed(things: Things, meant: Iterable[Meaning]) -> Things:
    """Return the things that a name means, and those that they are kinds of."""
    waiting = [key for m in meant for key in (*(key for key, _ in m.medical), m.synset) if key]
    needed = set(waiting)
    while waiting:
        new = {parent for parent in things[waiting.pop()].parents if parent in things} - needed
        needed |= new
        waiting += new
    return {key: things[key] for key in needed}


def _inverted(lists: Sequence[Sequence[int]], count: int) -> list[list[int]]:
    """Return for each of `count` numbers the lists that hold it."""
    found: list[list[int]] = [[] for _ in range(count)]
    for at, members in enumerate(lists):
        for member in members:
            found[member].append(at)
    return found


def _lists(name: str, lists: Sequence[Sequence[int]]) -> dict[str, NDArray[Any]]:
    """Return many short lists as one, and their sizes."""
    return {
        name: np.array([*chain.from_iterable(lists)], np.int32),
        f"{name}_sizes": np.array([*map(len, lists)], np.uint16),
    }


def _below(parents: Sequence[Sequence[int]]) -> list[int]:
    """Return how many things are kinds of each."""
    counts = [0] * len(parents)
    for at in range(len(parents)):
        above, waiting = {at}, [at]
        while waiting:
            new = set(parents[waiting.pop()]) - above
            above |= new
            waiting += new
        for one in above - {at}:
            counts[one] += 1
    return counts


def main(mesh: str, drugs: str, wordnet: str, target: str) -> None:
    """Make the file from its sources and tell its size."""
    things = read_mesh(Path(mesh))
    add_drugs(things, Path(drugs))
    nouns = read_wordnet(Path(wordnet))
    found = Meanings(things, nouns).all()
    write(found, things, nouns, Path(target))
    print(f"{len(found):,} names, {Path(target).stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
