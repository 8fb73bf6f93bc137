"""How surely a quote that answers holds a word of its question, learned from experts' questions and evidence."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from rag.answers import Matcher, TermMatcher, own_forms, traits, units
from rag.encoders import TOKENIZER, installed_file
from rag.questions import content_terms
from rag.text import Language, stem_set
from rag.training.rows import SEED, UNSEEN

ROWS_A_SOURCE = 1500
Example = tuple[dict[str, float], bool, str]


def language() -> Language:
    """Return the words that the embedding model knows."""
    from tokenizers import Tokenizer

    return Language(Tokenizer.from_file(str(installed_file(TOKENIZER))).get_vocab())


def examples(rows: Sequence[dict[str, Any]]) -> Iterator[Example]:
    """Yield the traits of each word of a question, whether the evidence in its context holds it, and the source."""
    rank = language().rank
    for row in rows:
        if row["sufficient"] != 1 or 1 not in row["answers"]:
            continue
        at = row["answers"].index(1)
        context = " \n".join([row["title"], *row["sentences"][max(0, at - 1) : at + 2]])
        forms = stem_set(context)
        terms = content_terms(row["question"])
        named = units(terms)
        matcher = Matcher(
            tuple(
                TermMatcher(
                    term, 1.0, dict.fromkeys(own_forms(term), 1.0),
                    tuple(map(frozenset, (*unit.same(forms.__contains__), *unit.kinds(forms.__contains__)))),
                )
                for term, unit in zip(terms, named, strict=True)
            )
        )  # fmt: skip
        held = matcher.strengths(context, forms)
        for n, unit in enumerate(named):
            yield traits(terms, n, unit, rank), bool(held[n] >= 1), row["source"]


def drawn(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows that hold evidence, as many of each source, and none of those that are left unseen."""
    draw, by_source = random.Random(SEED), dict[str, list[dict[str, Any]]]()
    for row in rows:
        if 1 in row["answers"] and row["source"] not in UNSEEN:
            by_source.setdefault(row["source"], []).append(row)
    return [row for own in by_source.values() for row in draw.sample(own, min(ROWS_A_SOURCE, len(own)))]


def learn(found: Sequence[Example]) -> dict[str, float]:
    """Return the weights of a logistic model in which each source counts the same."""
    vectorizer = DictVectorizer(sparse=True)
    matrix = vectorizer.fit_transform([traits_ for traits_, _, _ in found])
    held = np.array([one for _, one, _ in found])
    sources, numbers, counts = np.unique([source for _, _, source in found], return_inverse=True, return_counts=True)
    model = LogisticRegression(C=1.0, max_iter=2000, fit_intercept=False)
    model.fit(matrix, held, sample_weight=(len(held) / len(sources) / counts)[numbers])
    return {name: round(float(w), 4) for name, w in zip(vectorizer.feature_names_, model.coef_[0], strict=True)}
