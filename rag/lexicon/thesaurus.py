"""What things are and what they are kinds of: the names of MeSH, of drugs and of WordNet, looked up by their stems.

The file is made by `rag.training.vocabularies`; the README beside it tells the sources.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open

from rag.lexicon.synonyms import MAX_NAME

VOCABULARY = Path(__file__).with_name("vocabularies") / "thesaurus.safetensors"
# So many kinds of a thing are looked at, the nearest first: "protein" has thousands, and they would take too long.
MAX_KINDS = 500
Name = tuple[str, ...]

# Kinds of things by MeSH and WordNet, and those of what is none.
THINGS = ("drug", "drug class", "disease", "substance", "body", "animal", "plant", "microbe", "food", "procedure")
QUALITIES = ("verb", "adjective", "adverb", "attribute")


@dataclass(frozen=True)
class Entry:
    """What a name means in the first place.

    `kind` is what MeSH says (disease, drug, drug class, substance, body, animal, plant, microbe, procedure, food,
    person, location) or else the class of WordNet's noun (act, state, artifact, cognition, ...); behavior, phenomenon
    or topic of what only MeSH has; verb, adjective or adverb of what is more often that than a noun. `kinds_below`
    counts the kinds of it that are known: the more, the more general. `senses` are those of the noun in WordNet, 0
    when it has none.
    """

    kind: str
    kinds_below: int
    also_verb: bool
    also_adjective: bool
    senses: int

    @property
    def is_thing(self) -> bool:
        """Tell a thing that a question can be about by itself; acts, events and qualities are those of something."""
        return self.kind in THINGS

    @property
    def means_one_thing(self) -> bool:
        """Tell what is called so and hardly anything else is: "laser" and "celery", not "stick" or "shot"."""
        only_noun = self.senses <= 1 and self.kind not in QUALITIES and not self.also_adjective
        return not self.also_verb and (self.is_thing or only_noun)


class Thesaurus:
    """Names, as the stems of their words (`word.forms[0]`), with what they mean. Read-only, the same for all."""

    def __init__(self, path: Path = VOCABULARY) -> None:
        """Read a file of names."""
        with safe_open(path, "numpy") as opened:
            arrays = {key: opened.get_tensor(key) for key in opened.keys()}  # noqa: SIM118
            written = json.loads(opened.metadata()["kinds"])
        self._kinds, self._open, self._others = (written[key] for key in ("kinds", "open", "others"))
        self._names, self._name_bounds = arrays["names"].tobytes(), _bounds(arrays["name_sizes"])
        self._kind, self._below = arrays["kind"].data, arrays["below"].data
        self._senses, self._flags = arrays["senses"].data, arrays["flags"].data
        self._thing = arrays["thing"].data
        self._concepts_of_name = _Lists("concepts_of_name", arrays)
        self._names_of_concept = _Lists("names_of_concept", arrays)
        self._concepts_of_thing = _Lists("concepts_of_thing", arrays)
        self._parents, self._children = _Lists("parents", arrays), _Lists("children", arrays)
        self._number = lru_cache(maxsize=16_384)(self._find)
        self._above = lru_cache(maxsize=4096)(self._all_above)

    def entry(self, name: Name) -> Entry | None:
        """Return what a name means in the first place; None of one that is not known."""
        at = self._number(name)
        if at is None:
            return None
        things = [self._thing[concept] for concept in self._concepts(at)]
        kinds = [self._kinds[self._kind[thing]] for thing in things]
        flags = self._flags[at]
        other = flags >> 3
        kind = self._others[other - 1] if other else next((one for one in kinds if one not in self._open), kinds[0])
        below = max((self._below[thing] for thing in things), default=0)
        return Entry(kind, below, bool(flags & 1), bool(flags & 2), self._senses[at])

    def longest(self, forms: Sequence[str]) -> list[slice]:
        """Return which runs of the stems of a text are one name, the longest first from the left; none overlap."""
        found, at = [], 0
        while at < len(forms):
            ends = range(min(len(forms), at + MAX_NAME), at, -1)
            end = next((end for end in ends if self._number(tuple(forms[at:end])) is not None), 0)
            if end:
                found.append(slice(at, end))
            at = max(end, at + 1)
        return found

    def same(self, name: Name) -> tuple[Name, ...]:
        """Return the other names of what a name means in the first place, in the order of their letters."""
        at = self._number(name)
        return tuple(self._name(one) for one in sorted(self._sharing(at)) if one != at)

    def narrower(self, name: Name, known: Callable[[str], bool]) -> tuple[Name, ...]:
        """Return the names of kinds of a thing, the nearest first, whose stems are all known.

        At most `MAX_KINDS` kinds are looked at; `is_kind_of` knows no such limit.
        """
        at = self._number(name)
        sharing = self._sharing(at)
        numbers = (one for concept in self._kinds_of(self._concepts(at)) for one in self._names_of_concept[concept])
        names = (self._name(one) for one in dict.fromkeys(numbers) if one not in sharing)
        return tuple(one for one in names if all(map(known, one)))

    def is_kind_of(self, narrow: Name, broad: Name) -> bool:
        """Tell whether a name means a kind of what another means: "celecoxib" of "NSAIDs", not the reverse."""
        broader = self._concepts(self._number(broad))
        return any(
            self._thing[other] in self._above(self._thing[concept])
            or (self._thing[other] == self._thing[concept] and self._is_thing(other) and other != concept)
            for concept in self._concepts(self._number(narrow))
            for other in broader
        )

    def _find(self, name: Name) -> int | None:
        key, bounds = " ".join(name).encode(), self._name_bounds
        count = len(bounds) - 1
        at = bisect_left(range(count), key, key=lambda one: self._names[bounds[one] : bounds[one + 1]])
        return at if at < count and self._names[bounds[at] : bounds[at + 1]] == key else None

    def _name(self, at: int) -> Name:
        return tuple(self._names[self._name_bounds[at] : self._name_bounds[at + 1]].decode().split(" "))

    def _concepts(self, at: int | None) -> list[int]:
        """Return what a name means: one or two concepts of MeSH or of drugs, one of WordNet."""
        return [] if at is None else self._concepts_of_name[at]

    def _sharing(self, at: int | None) -> set[int]:
        """Return the names that mean the same as one, itself among them."""
        return {one for concept in self._concepts(at) for one in self._names_of_concept[concept]}

    def _is_thing(self, concept: int) -> bool:
        """Tell the concept that is the thing itself from those of its kinds that have no place of their own."""
        return self._concepts_of_thing[self._thing[concept]][0] == concept

    def _kinds_of(self, concepts: Sequence[int]) -> Iterator[int]:
        """Yield the concepts that are kinds of these, the nearest first."""
        for concept in filter(self._is_thing, concepts):
            yield from self._concepts_of_thing[self._thing[concept]][1:]
        waiting = [self._thing[concept] for concept in concepts]
        seen = set(waiting)
        for thing in waiting:
            for child in self._children[thing]:
                if child not in seen and len(seen) < MAX_KINDS:
                    seen.add(child)
                    waiting.append(child)
                    yield from self._concepts_of_thing[child]

    def _all_above(self, thing: int) -> frozenset[int]:
        found: set[int] = set()
        waiting = [thing]
        while waiting:
            new = set(self._parents[waiting.pop()]) - found
            found |= new
            waiting += new
        return frozenset(found)


class _Lists:
    """Many short lists of numbers, one behind the other."""

    def __init__(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._members, self._bounds = arrays[name].data, _bounds(arrays[f"{name}_sizes"])

    def __getitem__(self, at: int) -> list[int]:
        return self._members[self._bounds[at] : self._bounds[at + 1]].tolist()


def _bounds(sizes: NDArray[Any]) -> memoryview:
    """Return where each list starts, and where the last ends."""
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32).data


@cache
def open_thesaurus() -> Thesaurus:
    """Return the names that the project brings along; read once, by the first who asks."""
    return Thesaurus()
