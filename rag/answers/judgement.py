"""What was learned about answering, as numbers by name: of the words of a question, of sentences, of libraries.

The file is made by `rag.training.judgement`; docs/meaning.md tells from what, and what it is worth.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from rag.errors import ModelMissing

FILE = Path(__file__).with_name("judgement.json")
Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Weights of logistic models by the names of their features ("1" is the intercept).

    `held`: a quote that answers holds a word of the question. `sentence`: a sentence answers; `library`: the best
    sentences found do. The two have a second form for a library without a reader, and a third for a search by words
    only. `answered` and `closest` are the probabilities of `library` from which on a question counts as answered, and
    its quotes are shown as the closest. `direction` are the weights of the directions of an outcome, of which the
    likeliest is told from the probability `told` on. `cell`: a sentence answers what a row of a comparison asks of its
    paper; `paper`: the best sentences of one do; both have a second form for sentences that nobody read. `meant`: a
    question across papers means one of them; its second form is for a search by words only.
    """

    held: Weights
    sentence: Weights
    library: Weights
    sentence_without_reader: Weights
    library_without_reader: Weights
    sentence_by_words: Weights
    library_by_words: Weights
    answered: float
    closest: float
    direction: Mapping[str, Weights]
    told: float
    cell: Weights
    paper: Weights
    cell_without_reader: Weights
    paper_without_reader: Weights
    meant: Weights
    meant_by_words: Weights


@cache
def judgement() -> Judgement:
    """Return what was learned. Raises ModelMissing where its file is missing or damaged."""
    try:
        return TypeAdapter(Judgement).validate_json(FILE.read_bytes())
    except FileNotFoundError as error:
        raise ModelMissing(f"What was learned about answering is not installed: {FILE.name} is missing.") from error
    except (OSError, ValueError) as error:
        raise ModelMissing(f"What was learned about answering is damaged, in {FILE.name}.") from error


def keep_judgement(**learned: Weights | Mapping[str, Weights] | float) -> None:
    """Put what was learned anew in the place of what was."""
    known = json.loads(FILE.read_text("utf-8"))
    FILE.write_text(json.dumps(known | learned, indent=1, sort_keys=True) + "\n", "utf-8")
    judgement.cache_clear()


def logit(weights: Weights, features: Mapping[str, float]) -> float:
    """Return the sum of the features by their weights; what has no weight counts nothing."""
    return float(sum(weights.get(name, 0.0) * value for name, value in features.items()))


def probability(of: float) -> float:
    """Return the probability of a logit."""
    # No exponential of a large number: it would overflow.
    return float(np.exp(-np.logaddexp(0, -of)))
