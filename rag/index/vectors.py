"""The vectors of an open index: scanned, in Chroma beside it or on a server, or those of two indexes joined."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, eq=False)
class ScannedVectors:
    """Vectors beside their index, shape (n_passages, dimensions), of which each search looks at all."""

    matrix: FloatMatrix

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


@dataclass(frozen=True, eq=False)
class PartOfRows:
    """Some rows of a matrix, by their numbers there in order."""

    rows: Any
    numbers: IntVector

    def __getitem__(self, numbers: IntVector) -> npt.NDArray[Any]:
        """Return some rows."""
        return np.asarray(self.rows[self.numbers[numbers]])


@dataclass(frozen=True, eq=False)
class PartOfVectors(PartOfRows):
    """The vectors of some passages of an index, which has `count`."""

    count: int

    def nearest(self, vector: FloatVector, k: int, asked: Asked = None) -> IntVector:
        """Return the numbers of some passages, in order, that the k nearest of those `asked` for are among."""
        wanted = np.zeros(self.count, bool)
        wanted[self.numbers if asked is None else self.numbers[asked]] = True
        found: IntVector = np.searchsorted(self.numbers, self.rows.nearest(vector, k, wanted))
        return found

    def close(self) -> None:
        """Let go of what holds them."""
        self.rows.close()


@dataclass(frozen=True, eq=False)
class JoinedRows:
    """The rows of two matrices, of which the first has `count`, one below the other."""

    first: Any
    second: Any
    count: int

    def __getitem__(self, numbers: IntVector) -> npt.NDArray[Any]:
        """Return some rows."""
        numbers = np.asarray(numbers)
        of_first = numbers < self.count
        one, other = self.first[numbers[of_first]], self.second[numbers[~of_first] - self.count]
        found = np.empty((len(numbers), *one.shape[1:]), one.dtype)
        found[of_first], found[~of_first] = one, other
        return found


class JoinedVectors(JoinedRows):
    """The vectors of the passages of two indexes."""

    def nearest(self, vector: FloatVector, k: int, asked: Asked = None) -> IntVector:
        """Return the numbers of some passages, in order, that the k nearest of those `asked` for are among."""
        one, other = (None, None) if asked is None else (asked[: self.count], asked[self.count :])
        found = [
            first + vectors.nearest(vector, k, part)
            for first, vectors, part in ((0, self.first, one), (self.count, self.second, other))
            if part is None or part.any()
        ]
        return np.concatenate([np.empty(0, np.int64), *found])

    def close(self) -> None:
        """Let go of what holds either."""
        self.first.close()
        self.second.close()
