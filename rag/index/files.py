"""What the folder of an index holds, and how it is written and read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from rag.atomic_folder import file_sums, first_damaged
from rag.errors import IndexDamaged
from rag.index.columns import Passages
from rag.index.postings import Lexical, Postings
from rag.index.sentence_roles import RoleShares
from rag.index.stem_sets import StemSets
from rag.lexicon import Names
from rag.text import Vocabulary, stems
from rag.types import FloatMatrix, Review

# Raise it whenever the files of an index change in kind or meaning.
FORMAT = 8
MANIFEST = "manifest.json"
REVIEWS, PASSAGES = "reviews.jsonl", "passages.json"
PASSAGE_ROWS, SENTENCE_ROWS = "passages.npy", "passage_sentences.npy"
STEM_SETS = "sentence_stems.npy", "sentence_stems_bounds.npy"
TOPICS, TOPIC_SETS = "topics.json", ("topics.npy", "topics_bounds.npy")
NAMES = "names.json"
ROLES_OF_SENTENCES = "roles.npy"
VECTORS, SENTENCES, TITLES = "vectors.npy", "sentences.npy", "titles.npy"
WORDS = "words.json"
POSTINGS = "postings_bounds.npy", "postings_passages.npy", "postings_counts.npy", "postings_lengths.npy"
CHROMA = "chroma"

_REVIEW = TypeAdapter(Review)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made from, how many values it holds, and the SHA-256 of each of its files.

    `embedder` is None and `dimensions` 0 when there was no embedding model: such an index finds words only. `makers`
    changes with all that decides what an index of the same reviews holds.
    """

    fingerprint: str
    makers: str
    format: int
    embedder: str | None
    dimensions: int
    reviews: int
    passages: int
    sentences: int
    versions: dict[str, str]
    created: str
    files: dict[str, str]


def write_texts(folder: Path, reviews: Sequence[Review], passages: Passages) -> None:
    """Write the reviews, one JSON object a line, and the columns of the passages."""
    (folder / REVIEWS).write_bytes(b"".join(_REVIEW.dump_json(review) + b"\n" for review in reviews))
    _write_json(folder / PASSAGES, {"ids": passages.ids, "places": passages.places})
    _write_arrays(folder, {PASSAGE_ROWS: passages.rows, SENTENCE_ROWS: passages.sentences})


def read_texts(folder: Path) -> tuple[dict[str, Review], Passages]:
    """Return the reviews by id, in the order they were given, and the passages; raises IndexDamaged."""
    with _reading(folder, "The texts"):
        reviews = [_REVIEW.validate_json(line) for line in (folder / REVIEWS).read_bytes().splitlines()]
        kept = json.loads((folder / PASSAGES).read_bytes())
        rows, sentences = (np.load(folder / name, allow_pickle=False) for name in (PASSAGE_ROWS, SENTENCE_ROWS))
        passages = Passages(reviews, kept["ids"], [tuple(place) for place in kept["places"]], rows, sentences)
    return {review.id: review for review in reviews}, passages


def write_stems(folder: Path, sentences: StemSets, topics: StemSets) -> None:
    """Write the stems of the sentences, but not their wording, which the vocabulary has, and of the topics."""
    _write_json(folder / TOPICS, topics.stems)
    _write_arrays(folder, dict(zip(STEM_SETS, (sentences.members, sentences.bounds), strict=True)))
    _write_arrays(folder, dict(zip(TOPIC_SETS, (topics.members, topics.bounds), strict=True)))


def read_stems(folder: Path, vocabulary: Vocabulary) -> tuple[StemSets, StemSets]:
    """Return the stems of the sentences and of the topics; raises IndexDamaged."""
    with _reading(folder, "The stems"):
        members, bounds = (_mapped(folder / name) for name in STEM_SETS)
        of_topics = (np.load(folder / name, allow_pickle=False) for name in TOPIC_SETS)
        topics = StemSets(json.loads((folder / TOPICS).read_bytes()), *of_topics)
    return StemSets(list(vocabulary.frequency), members, bounds), topics


def write_names(folder: Path, names: Iterable[Iterable[Names]]) -> None:
    """Write the names of the same thing that each review defines."""
    _write_json(folder / NAMES, [sorted(set(of_one)) for of_one in names])


def read_names(folder: Path) -> list[list[Names]]:
    """Return what `write_names` wrote; raises IndexDamaged."""
    with _reading(folder, "The names"):
        kept = json.loads((folder / NAMES).read_bytes())
        return [[(tuple(one), tuple(other)) for one, other in of_one] for of_one in kept]


def write_lexical(folder: Path, texts: Iterable[str]) -> None:
    """Write the postings of the stems of some texts, one a passage; the same texts give the same bytes."""
    postings = Postings.of(map(stems, texts))
    _write_json(folder / WORDS, [*postings.words])
    columns = (postings.bounds, postings.passages, postings.counts, postings.lengths)
    _write_arrays(folder, dict(zip(POSTINGS, columns, strict=True)))


def read_lexical(folder: Path) -> Lexical:
    """Return the postings, their columns mapped from the files; raises IndexDamaged."""
    with _reading(folder, "The word index"):
        words = json.loads((folder / WORDS).read_bytes())
        columns = (_mapped(folder / name) for name in POSTINGS)
        return Lexical((Postings({word: number for number, word in enumerate(words)}, *columns),))


def write_vectors(folder: Path, vectors: FloatMatrix, sentences: FloatMatrix, titles: FloatMatrix) -> None:
    """Write the unit vectors of the passages, of the distinct sentences and of the reviews' titles."""
    _write_arrays(folder, {VECTORS: vectors, SENTENCES: sentences, TITLES: titles})


def read_vectors(folder: Path) -> tuple[FloatMatrix, FloatMatrix, FloatMatrix]:
    """Return the vectors of passages, sentences and titles, mapped from the files; raises IndexDamaged."""
    with _reading(folder, "The vectors"):
        vectors, sentences, titles = (_mapped(folder / name) for name in (VECTORS, SENTENCES, TITLES))
    return vectors, sentences, titles


def write_roles(folder: Path, roles: RoleShares) -> None:
    """Write what each distinct sentence is there for."""
    _write_arrays(folder, {ROLES_OF_SENTENCES: roles})


def read_roles(folder: Path) -> RoleShares:
    """Return what `write_roles` wrote, mapped from its file; raises IndexDamaged."""
    with _reading(folder, "The roles of sentences"):
        return _mapped(folder / ROLES_OF_SENTENCES)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, with the sums of all other files as they are now."""
    (folder / MANIFEST).unlink(missing_ok=True)
    values = asdict(manifest) | {"files": file_sums(folder)}
    (folder / MANIFEST).write_text(json.dumps(values, indent=1), "utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest after checking every file against its sum; raises IndexDamaged."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
        damaged = first_damaged(folder, manifest.files)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise IndexDamaged(f"There is no readable index in {folder}.") from error
    if manifest.format != FORMAT or damaged:
        raise IndexDamaged(f"The index in {folder} is damaged: {damaged or f'format {manifest.format}'}.")
    return manifest


def about(manifest: Manifest) -> dict[str, str | int]:
    """Return what the collection of an index says of itself."""
    return {"embedder": manifest.embedder or "", "format": manifest.format, "fingerprint": manifest.fingerprint}


def is_sound(folder: Path) -> bool:
    """Tell whether a folder holds an index whose files are all as they were published."""
    try:
        return bool(read_manifest(folder))
    except IndexDamaged:
        return False


@contextmanager
def _reading(folder: Path, what: str) -> Iterator[None]:
    """Raise IndexDamaged for what cannot be read."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"{what} in {folder} cannot be read.") from error


def _mapped(path: Path) -> npt.NDArray[Any]:
    """Return an array mapped from its file, as a plain view: each slice of a np.memmap costs microseconds."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _write_json(path: Path, values: object) -> None:
    path.write_text(json.dumps(values, ensure_ascii=False), "utf-8")


def _write_arrays(folder: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    for name, array in arrays.items():
        np.save(folder / name, array, allow_pickle=False)
