"""Pictures of figures, where matplotlib is installed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rag.errors import RagError
from rag.evaluation.calibration import reliability, risk_coverage


def draw_calibration(confidences: Sequence[float], right: Sequence[bool], path: Path) -> None:
    """Draw what came true by confidence, and the risk by coverage, into a file of the kind that its name says.

    Raises RagError when matplotlib is not installed, when there is nothing to draw, or no such file can be drawn.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise RagError("No plot: matplotlib is not installed (pip install matplotlib).") from error
    if not confidences:
        raise RagError("No plot: no answer has a confidence.")
    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, (calibration, risk) = pyplot.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    bins, curve = reliability(confidences, right), risk_coverage(confidences, right)
    calibration.plot([0, 1], [0, 1], color="0.6", linestyle="--", linewidth=1)
    calibration.plot([one.confidence for one in bins], [one.right for one in bins], marker="o")
    calibration.set(xlabel="confidence", ylabel="evidence in the first three quotes", title="Calibration")
    risk.plot(curve.coverage, curve.risk)
    risk.set(xlabel="coverage: share answered", ylabel="risk: share of these that is wrong", title="Risk by coverage")
    for axes in (calibration, risk):
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.spines[["top", "right"]].set_visible(False)
    try:
        figure.savefig(path, dpi=130)
    except ValueError as error:
        raise RagError(f"No plot: {error}.") from error
    finally:
        pyplot.close(figure)
