"""`python -m rag.training.facets`: learn which facet of a study the name of a row asks for.

From `written/facet_names.txt`, one a line: the facet, or "none", a tab and a name. Writes
`rag/encoders/weights/facets.safetensors` and prints how many names that were left out, a tenth at a time, are told.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import gettempdir

import numpy as np
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from rag.encoders import ASKS_FOR, FACET_WEIGHTS, NO_FACET, MiniLM, load_embedder
from rag.training.rows import SEED

NAMES = Path(__file__).parent / "written" / "facet_names.txt"
LOOSE, PARTS, STEPS = 10.0, 10, 3000


def read_names() -> tuple[list[str], list[str]]:
    """Return the facets and the names."""
    pairs = [line.split("\t") for line in NAMES.read_text("utf-8").splitlines()]
    return [facet for facet, _ in pairs], [name for _, name in pairs]


def main() -> None:
    """Measure, learn and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(gettempdir()) / "review-rag-training")
    facets, names = read_names()
    vectors, asked = np.asarray(load_embedder(parser.parse_args().cache).embed(names)), np.array(facets)
    model = LogisticRegression(C=LOOSE, max_iter=STEPS)
    left_out = StratifiedKFold(PARTS, shuffle=True, random_state=SEED)
    chances = cross_val_predict(model, vectors, asked, cv=left_out, method="predict_proba")
    said = np.unique(asked)[chances.argmax(axis=1)]
    told, of_one = (said != NO_FACET) & (chances.max(axis=1) >= ASKS_FOR), asked != NO_FACET
    right = (said == asked) & told
    print(f"told {told.sum()} of {len(asked)}, right {right.sum() / told.sum():.3f}", end=", ")
    print(
        f"found {right.sum() / of_one.sum():.3f}, of other names taken {(told & ~of_one).sum() / (~of_one).sum():.3f}"
    )
    model.fit(vectors, asked)
    weights = {"weight": model.coef_.T.astype(np.float32), "bias": model.intercept_.astype(np.float32)}
    save_file(weights, FACET_WEIGHTS, {"embedder": MiniLM.id, "facets": ",".join(model.classes_), "seed": str(SEED)})


if __name__ == "__main__":
    main()
