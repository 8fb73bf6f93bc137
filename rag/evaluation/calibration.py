"""How far a stated probability can be believed, and what is risked by answering more or less often.

`confidences` are probabilities in [0, 1] and `right` tells of each whether it came true; both have shape (n,). Equal
confidences count alike, whatever order they come in: each has the mean of what came true among its equals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BINS = 10

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions of like confidence: how many, their mean confidence, and the share that came true."""

    questions: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """Risk by coverage: `risk[k - 1]` is the share of errors among the k most confident of n answers, k = 1 … n."""

    risk: tuple[float, ...]

    @property
    def coverage(self) -> tuple[float, ...]:
        """The share of the questions that are answered at each place of `risk`: k / n."""
        return tuple(k / len(self.risk) for k in range(1, len(self.risk) + 1))

    @property
    def area(self) -> float:
        """The mean of the risk over all coverages; lower is better."""
        return float(np.mean(self.risk))

    def at(self, coverage: float) -> float:
        """Return the risk when at least this share, in (0, 1], is answered."""
        return self.risk[math.ceil(round(coverage * len(self.risk), 9)) - 1]


def reliability(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> list[Bin]:
    """Return bins of equal mass, least confident first: each holds as many questions as the next, or one more."""
    stated, true = np.asarray(confidences, np.float64), _among_equals(confidences, right)
    parts = np.array_split(np.argsort(stated, kind="stable"), min(bins, len(stated)))
    return [Bin(len(part), float(stated[part].mean()), float(true[part].mean())) for part in parts]


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> float:
    """Return the expected calibration error: Σ_b |B_b| / n · |right(B_b) - confidence(B_b)|, 0 at best.

    Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017, equation 3; its bins of
    equal width are of equal mass here, as in Nguyen and O'Connor, EMNLP 2015: confidences crowd at their ends.
    """
    weighed = (one.questions * abs(one.right - one.confidence) for one in reliability(confidences, right, bins))
    return sum(weighed) / len(confidences)


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> RiskCoverage:
    """Return the risk at each coverage when the most confident are answered first.

    Geifman and El-Yaniv, "Selective classification for deep neural networks", NeurIPS 2017: the selective risk
    r(θ) = mean error of the answers with a confidence of at least θ, by the coverage φ(θ) = their share of all.
    """
    first = np.argsort(-np.asarray(confidences, np.float64), kind="stable")
    errors = 1 - _among_equals(confidences, right)[first]
    return RiskCoverage(tuple((np.cumsum(errors) / np.arange(1, len(errors) + 1)).tolist()))


def _among_equals(confidences: Sequence[float], right: Sequence[bool]) -> Values:
    """Return for each question the share that came true among those of the same confidence, shape (n,)."""
    if len(confidences) != len(right) or not len(right):
        raise ValueError("Calibration needs as many confidences as answers, and at least one.")
    _, group = np.unique(np.asarray(confidences, np.float64), return_inverse=True)
    shares: Values = np.bincount(group, np.asarray(right, np.float64)) / np.bincount(group)
    return shares[group]
