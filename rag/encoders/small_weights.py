"""Weights of a few hundred kilobytes beside the code; what they tell is left out where they cannot be read."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from rag.types import FloatMatrix

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class SmallWeights:
    """Matrices in 32 bits by their names, and what the file says of them."""

    matrices: Mapping[str, FloatMatrix]
    metadata: Mapping[str, str]


@cache
def read_weights(file: Path) -> SmallWeights | None:
    """Return the weights in a file; None, and a warning, where it is missing or damaged."""
    try:
        with safe_open(file, framework="numpy") as weights:
            matrices = {name: weights.get_tensor(name).astype(np.float32) for name in weights.keys()}  # noqa: SIM118
            return SmallWeights(matrices, weights.metadata() or {})
    except (OSError, SafetensorError) as error:
        log.warning(
            "The weights in %s cannot be read (%s). Answers are chosen without them; install again to have them.",
            file.name,
            str(error) or type(error).__name__,
        )
        return None


def keep_weights(matrices: Mapping[str, npt.NDArray[Any]], file: Path, metadata: Mapping[str, str]) -> None:
    """Write matrices by their names, and what is said of them.

    The library takes the numbers as they lie in memory and would mix up those of a transposed matrix.
    """
    save_file({name: np.ascontiguousarray(matrix) for name, matrix in matrices.items()}, file, dict(metadata))
