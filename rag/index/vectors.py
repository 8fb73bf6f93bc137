"""The vectors of an open index: scanned, in Chroma beside it or on a server, or those of two indexes joined."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rag.index.columns import IntVector
from rag.types import FloatMatrix, FloatVector

# Float32 products differ from float64 ones by less.
TOLERANCE = 1e-4
Asked = npt.NDArray[np.bool_] | None


class Rows(Protocol):
    """The rows of a matrix, fetched by their numbers."""

    def __getitem__(self, numbers: IntVector) -> npt.NDArray[Any]:
        """Return some rows, shape (len(numbers), …)."""
        ...


class Vectors(Rows, Protocol):
    """The vectors of passages, which are searched as well."""

    def nearest(self, vector: FloatVector, k: int, asked: Asked = None) -> IntVector:
        """Return the numbers of some passages, in order, that the k nearest of those `asked` for are among."""
        ...

    def close(self) -> None:
        """Let go of what holds them."""
        ...


@dataclass(eq=False)
class ScannedVectors:
    """Vectors beside their index, shape (n_passages, dimensions), of which each search looks at all."""

    matrix: FloatMatrix

    def __len__(self) -> int:
        return len(self.matrix)

    def __getitem__(self, numbers: IntVector) -> FloatMatrix:
        """Return some rows."""
        return self.matrix[numbers]

    def nearest(self, vector: FloatVector, k: int, asked: Asked = None) -> IntVector:
        """Return the numbers of some passages, in order, that the k nearest of those `asked` for are among."""
        numbers = np.arange(len(self.matrix)) if asked is None else np.flatnonzero(asked)
        # To look at rows of which none are wanted costs less than to copy the others.
        most = 2 * len(numbers) > len(self.matrix)
        # Row by row, as no product of a matrix is: its threads wait for each other, 24 ms instead of 1 on busy cores.
        cosines = np.vecdot(self.matrix if most else self.matrix[numbers], vector)
        cosines = cosines[numbers] if most else cosines
        if k < len(numbers):
            numbers = numbers[cosines >= np.partition(cosines, -k)[-k] - TOLERANCE]
        return numbers

    def close(self) -> None:
        """Let go of nothing."""


class MappedRows:
    """The rows of a matrix that is mapped from a file, of which memory holds none but while they are copied.

    The system maps 64 kB around each row: a process that asked a thousand questions would hold nearly all.
    """

    def __init__(self, path: Path) -> None:
        """Map a file of NumPy's."""
        self._mapped = np.load(path, mmap_mode="r", allow_pickle=False)

    def __len__(self) -> int:
        return len(self._mapped)

    def __getitem__(self, numbers: IntVector) -> npt.NDArray[Any]:
        """Return some rows."""
        rows: npt.NDArray[Any] = np.asarray(self._mapped)[numbers]
        if hasattr(mmap, "MADV_DONTNEED") and isinstance(self._mapped.base, mmap.mmap):
            self._mapped.base.madvise(mmap.MADV_DONTNEED)
        return rows


class Gathered:
    """The rows of several matrices, one below the other, of each those that are `kept`, by their numbers in order."""

    def __init__(self, *matrices: Any, kept: IntVector | None = None) -> None:
        """Take all rows of some matrices, or those kept of one."""
        self._parts = [(rows, np.arange(len(rows)) if kept is None else kept) for rows in matrices]
        self._firsts = np.cumsum([0, *(len(kept) for _, kept in self._parts)])

    def __len__(self) -> int:
        return int(self._firsts[-1])

    def __getitem__(self, numbers: IntVector) -> npt.NDArray[Any]:
        """Return some rows."""
        numbers = np.asarray(numbers)
        of = np.searchsorted(self._firsts, numbers, "right") - 1
        found = [rows[kept[numbers[of == at] - self._firsts[at]]] for at, (rows, kept) in enumerate(self._parts)]
        given = np.concatenate(found)
        given[np.argsort(of, kind="stable")] = given.copy()
        return given


class GatheredVectors(Gathered):
    """The vectors of the passages of several indexes, or of some of those of one."""

    def nearest(self, vector: FloatVector, k: int, asked: Asked = None) -> IntVector:
        """Return the numbers of some passages, in order, that the k nearest of those `asked` for are among."""
        found = [np.empty(0, np.int64)]
        for first, (vectors, kept) in zip(self._firsts, self._parts, strict=False):
            wanted = np.zeros(len(vectors), bool)
            wanted[kept if asked is None else kept[asked[first : first + len(kept)]]] = True
            if wanted.any():
                numbers = vectors.nearest(vector, k, None if wanted.all() else wanted)
                found.append(first + np.searchsorted(kept, numbers))
        return np.concatenate(found)

    def close(self) -> None:
        """Let go of what holds them."""
        for vectors, _ in self._parts:
            vectors.close()
