"""`python -m rag.training.facets SOURCES EXCLUDED`: learn what sentences tell of their study, and what rows ask for.

From `written/facets.jsonl`, one article a line: the sentences that tell something, each with the letters of what; and
from `written/facet_names.txt`, one name a line behind its letters. Writes `rag/encoders/weights/facets.safetensors` and
prints for each kind, in articles and among names that were left out, how often the likeliest is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict

from rag.encoders import ASKED, FACET_WEIGHTS, FACETS, MiniLM, facet_features, keep_weights, roles_id
from rag.index import sentence_role_shares
from rag.training.rows import SEED, json_lines, pages_of, review_of
from rag.training.written_sources import Given, given
from rag.types import FloatMatrix

WRITTEN = Path(__file__).parent / "written" / "facets.jsonl"
NAMES = WRITTEN.with_name("facet_names.txt")
# The letters of FACETS, and what else is ASKED; "-" is none of them.
LETTERS, ASKED_LETTERS = "NWXIDCLORrHhAKMBS", "NWXIDCLORrHhAKMBSoF"
LOOSE, FOLDS, STEPS = 3.0, 5, 1000

Labels = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Labelled:
    """What is known of sentences or names, (n, features), which kinds they are of, (n, kinds), and whose they are."""

    features: FloatMatrix
    kinds: Labels
    groups: npt.NDArray[np.int_]


def sentences(start: Given) -> Labelled:
    """Return the sentences of the labelled parts of articles: the abstract, and sections of which any was labelled."""
    rows = json_lines(WRITTEN)
    pages = pages_of([str(row["article"]) for row in rows], start.sources)
    features, kinds, groups = [], [], []
    for number, row in enumerate(rows):
        name, tells = str(row["article"]), row["tells"]
        assert isinstance(tells, dict)
        review = review_of(name, pages[name])
        parts = [(s.kind, " ".join(review.text[s.start : s.end].split())) for s in review.sections]
        seen = [part for kind, part in parts if kind == "abstract" or any(sentence in part for sentence in tells)]
        texts, roles = sentence_role_shares(review, start.embed, MiniLM.id)
        one_line = [" ".join(text.split()) for text in texts]
        kept = [at for at, text in enumerate(one_line) if any(text in part for part in seen)]
        if kept:
            own = [texts[at] for at in kept]
            features.append(facet_features(start.embed(own), roles[kept], own))
            kinds.append(_letters([tells.get(one_line[at], "") for at in kept], LETTERS))
            groups += [number] * len(kept)
    return Labelled(np.vstack(features), np.vstack(kinds), np.array(groups))


def names(start: Given) -> Labelled:
    """Return the names of rows."""
    told = [line.split("\t") for line in NAMES.read_text("utf-8").splitlines()]
    vectors = start.embed([name for _, name in told])
    return Labelled(vectors, _letters([letters for letters, _ in told], ASKED_LETTERS), np.arange(len(told)))


def _letters(found: Sequence[str], known: str) -> Labels:
    return np.array([[letter in letters for letter in known] for letters in found])


def _model() -> LogisticRegression:
    return LogisticRegression(C=LOOSE, max_iter=STEPS)


def learn(known: Labelled) -> tuple[FloatMatrix, FloatMatrix]:
    """Return the weights and biases of one logistic regression a kind."""
    models = [_model().fit(known.features, own) for own in known.kinds.T]
    return (
        np.vstack([model.coef_[0] for model in models]).T.astype(np.float32),
        np.array([model.intercept_[0] for model in models], np.float32),
    )


def measure(known: Labelled, kinds: Sequence[str], *, by_group: bool) -> Iterator[str]:
    """Yield how precise each kind is on average among what was left out, and how often the likeliest of a group."""
    folds = GroupKFold(FOLDS) if by_group else KFold(FOLDS, shuffle=True, random_state=SEED)
    for kind, own in zip(kinds, known.kinds.T, strict=True):
        chances = cross_val_predict(
            _model(), known.features, own, groups=known.groups, cv=folds, method="predict_proba"
        )[:, 1]
        text = f"{kind} {own.sum()}: precision {average_precision_score(own, chances):.2f}"
        if by_group:
            groups = [known.groups == group for group in np.unique(known.groups[own])]
            text += f", first {np.mean([own[group][chances[group].argmax()] for group in groups]):.2f}"
        yield text


def main() -> None:
    """Measure, learn and write the weights."""
    start = given(__doc__)
    told, asked = sentences(start), names(start)
    print(*measure(told, FACETS, by_group=True), sep="\n")
    print(*measure(asked, ASKED, by_group=False), sep="\n")
    weights = {}
    for layer, known in (("told", told), ("asked", asked)):
        weights[f"{layer}.weight"], weights[f"{layer}.bias"] = learn(known)
    keep_weights(weights, FACET_WEIGHTS, {"embedder": MiniLM.id, "roles": roles_id(), "seed": str(SEED)})


if __name__ == "__main__":
    main()
