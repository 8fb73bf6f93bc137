"""`python -m rag.training.roles SOURCES EXCLUDED`: learn what sentences are there for; measure it.

SOURCES are the folders of `rag.training.rows`. In trials the headings tell the roles; sentences of reviews were
labelled by hand (`written/roles.jsonl`), as was what else is told of sentences. Writes
`rag/encoders/weights/roles.safetensors` and prints the figures that `ROLES.md` beside it states. It needs five minutes
for the vectors, which `--cache` keeps, and one for the rest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from rag.encoders import (
    ROLE_WEIGHTS,
    MiniLM,
    Numbers,
    SentencePlaces,
    context_features,
    embed_cached,
    keep_weights,
    load_embedder,
    sentence_features,
    softmax,
    state_features,
)
from rag.training.held_back import excluded, is_held_back
from rag.training.network import Mask, Network, Weights
from rag.training.rows import covid_qa_articles, json_lines, marked_abstracts, sentences_of
from rag.training.sources import Sources
from rag.training.trial_articles import Stretch, roles_in_abstract, trial_stretches
from rag.types import ROLES, STATES, FloatMatrix, FloatVector, Role, State

SEED, FOLDS = 7, 5
LIKELY = 0.5
WRITTEN = Path(__file__).parent / "written" / "roles.jsonl"
# The letters of the labels by hand; a title has none of these roles.
CODES: dict[str, Role] = dict(zip("BAMRCLFO", ROLES, strict=True))
STATE_CODES: dict[str, State] = dict(zip("fhp", STATES, strict=True))
# So many sentences of a paragraph were labelled at most.
LABELLED = 14
ALONE = Network("sentence", hidden=96, epochs=12, dropped=0.5)
IN_CONTEXT = Network("context", hidden=48, epochs=16, dropped=0.1)
# How often the heading is hidden while learning: most sentences stand under one that says nothing of their role.
HEADING_HIDDEN = 0.6
# The parts of an abstract that its authors divided in full.
MAIN = ("background", "aim", "method", "result", "conclusion")

Embed = Callable[[Sequence[str]], FloatMatrix]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledSentences:
    """Sentences with the roles that each may have, shape (n, len(ROLES)), and the number of the article of each.

    Where a run was cut out of a section, its first and last sentence lack a neighbour, so `whole` leaves them out.
    `by_hand` tells those that were labelled by hand, and only of these `states` (n, len(STATES)) tells anything.
    """

    vectors: FloatMatrix
    headings: FloatMatrix
    places: SentencePlaces
    roles: Mask
    articles: Numbers
    whole: Mask
    by_hand: Mask
    states: Mask

    @property
    def certain(self) -> Mask:
        """Tell which sentences have one role, by which a guess can be judged."""
        return np.asarray((self.roles.sum(axis=1) == 1) & self.whole)

    @property
    def learnable(self) -> Numbers:
        """The rows that teach something."""
        return np.flatnonzero(self.roles.any(axis=1) & ~self.roles.all(axis=1) & self.whole)

    @property
    def in_full(self) -> Mask:
        """Tell which sentences are certain ones of an abstract that has all the main parts."""
        judged = self.certain & self.places.in_abstract
        held = np.zeros((self.articles.max() + 1, len(ROLES)), bool)
        np.logical_or.at(held, self.articles[judged], self.roles[judged])
        in_full = np.asarray(held[:, [ROLES.index(role) for role in MAIN]].all(axis=1))
        return np.asarray(judged & in_full[self.articles])

    def with_headings(self, shown: Mask | bool) -> LabelledSentences:
        """Return the same with the headings of some hidden."""
        return replace(self, places=replace(self.places, heading=np.where(shown, self.places.heading, -1)))

    def alone(self, rows: Numbers) -> FloatMatrix:
        """Return what the first network reads."""
        return sentence_features(self.vectors, self.headings, self.places, rows)

    def scores(self, weights: Weights) -> FloatMatrix:
        """Return the scores of the first network."""
        parts = np.array_split(np.arange(len(self.places)), 1 + len(self.places) // 4096)
        return np.concatenate([ALONE.scores(self.alone(rows), weights) for rows in parts])

    def scores_in_context(self, scores: FloatMatrix, weights: Weights) -> FloatMatrix:
        """Return the scores of the second network, given those of the first."""
        return IN_CONTEXT.scores(context_features(scores, self.places, np.arange(len(scores))), weights)


def labelled(stretches: Sequence[Stretch], embed: Embed) -> LabelledSentences:
    """Return the sentences of some stretches with their vectors."""
    texts = [text for stretch in stretches for text in stretch.sentences]
    headings = list(dict.fromkeys(heading for stretch in stretches for heading in stretch.headings))
    rows = {heading: row for row, heading in enumerate(headings) if heading}
    vectors = embed([*texts, *headings])
    articles = {name: number for number, name in enumerate(dict.fromkeys(stretch.article for stretch in stretches))}
    sizes = [len(stretch.sentences) for stretch in stretches]
    places = SentencePlaces(
        heading=np.array([rows.get(heading, -1) for stretch in stretches for heading in stretch.headings]),
        stretch=np.repeat(np.arange(len(stretches)), sizes),
        at=np.array([stretch.first + place for stretch in stretches for place in range(len(stretch.sentences))]),
        length=np.repeat([stretch.length for stretch in stretches], sizes),
        in_abstract=np.repeat([stretch.in_abstract for stretch in stretches], sizes),
    )
    return LabelledSentences(
        vectors=vectors[: len(texts)],
        headings=vectors[len(texts) :],
        places=places,
        roles=np.array([[role in roles for role in ROLES] for stretch in stretches for roles in stretch.roles]),
        articles=np.repeat([articles[stretch.article] for stretch in stretches], sizes),
        whole=np.concatenate([_whole(stretch) for stretch in stretches]),
        by_hand=np.repeat([bool(stretch.states) for stretch in stretches], sizes),
        states=np.array([[state in told for state in STATES] for stretch in stretches for told in _states(stretch)]),
    )


def _states(stretch: Stretch) -> Sequence[frozenset[State]]:
    return stretch.states or (frozenset[State](),) * len(stretch.sentences)


def _whole(stretch: Stretch) -> Mask:
    whole = np.ones(len(stretch.sentences), bool)
    whole[0] = not stretch.first
    whole[-1] &= stretch.first + len(whole) == stretch.length
    return whole


def learn_alone(sentences: LabelledSentences, rows: Numbers) -> Weights:
    """Return the first network, learned from some rows, their headings hidden now and then."""
    chance = np.random.default_rng(SEED)

    def features(batch: Numbers) -> FloatMatrix:
        shown = chance.random(len(sentences.places)) >= HEADING_HIDDEN
        return sentences.with_headings(shown).alone(batch)

    return ALONE.fit(features, sentences.roles, rows, SEED)


def learn_in_context(seen: Sequence[LabelledSentences], scores: Sequence[FloatMatrix], rows: Numbers) -> Weights:
    """Return the second network, learned from scores that the first one gives to sentences it did not learn from."""
    read = [context_features(given, part.places, rows) for part, given in zip(seen, scores, strict=True)]
    features, roles = np.concatenate(read), np.concatenate([part.roles[rows] for part in seen])
    return IN_CONTEXT.fit(lambda batch: features[batch], roles, np.arange(len(features)), SEED)


def learn(sentences: LabelledSentences) -> Weights:
    """Return both networks, and print what cross-validation over articles gives."""
    seen = (sentences, sentences.with_headings(False))
    fold_of = np.random.default_rng(SEED).integers(0, FOLDS, sentences.articles.max() + 1)[sentences.articles]
    rows = sentences.learnable
    scores = [np.zeros((len(fold_of), len(ROLES)), np.float32) for _ in seen]
    for fold in range(FOLDS):
        weights = learn_alone(sentences, rows[fold_of[rows] != fold])
        for part, given in zip(seen, scores, strict=True):
            given[fold_of == fold] = part.scores(weights)[fold_of == fold]
    guessed = [np.zeros_like(given) for given in scores]
    for fold in range(FOLDS):
        weights = learn_in_context(seen, scores, rows[fold_of[rows] != fold])
        for part, given, out in zip(seen, scores, guessed, strict=True):
            out[fold_of == fold] = part.scores_in_context(given, weights)[fold_of == fold]
    for name, part, alone, out in zip(("with headings", "without"), seen, scores, guessed, strict=True):
        print_figures(f"cross-validation, {name}, first network", part, alone)
        print_figures(f"cross-validation, {name}", part, out)
    told = learn_states(sentences, guessed[1], fold_of)
    return learn_alone(sentences, rows) | learn_in_context(seen, scores, rows) | told


def learn_states(sentences: LabelledSentences, scores: FloatMatrix, fold_of: Numbers) -> Weights:
    """Return what tells the states, from the scores of roles that were not learned from; print what it is worth."""
    by_hand = np.flatnonzero(sentences.by_hand)
    features, states = state_features(sentences.vectors, softmax(scores))[by_hand], sentences.states[by_hand]
    models = [LogisticRegression(C=2, max_iter=3000) for _ in STATES]
    folds, groups = GroupKFold(FOLDS), fold_of[by_hand]
    for name, model, given in zip(STATES, models, states.T, strict=True):
        likely = cross_val_predict(model, features, given, groups=groups, cv=folds, method="predict_proba")[:, 1]
        auc, f1 = roc_auc_score(given, likely), f1_score(given, likely >= LIKELY)
        print(f"{name}: {given.mean():.3f} of {len(given)}, AUC {auc:.3f}, F1 {f1:.3f}")
        model.fit(features, given)
    weights = np.stack([model.coef_[0] for model in models], axis=1).astype(np.float32)
    return {"state": weights, "state.bias": np.array([model.intercept_[0] for model in models], np.float32)}


def measure(name: str, sentences: LabelledSentences, weights: Weights) -> None:
    """Print the figures for sentences that no network has learned from."""
    for how, seen in (("with headings", sentences), ("without", sentences.with_headings(False))):
        print_figures(f"{name}, {how}", seen, seen.scores_in_context(seen.scores(weights), weights))


def print_figures(name: str, sentences: LabelledSentences, scores: FloatMatrix) -> None:
    """Print F1 for each role, and the number of sentences that have it."""
    in_abstract = sentences.places.in_abstract
    by_hand, theirs = sentences.by_hand, ~sentences.by_hand
    kinds = {
        "abstracts in full": sentences.in_full & theirs,
        "abstracts": in_abstract & theirs,
        "body": ~in_abstract & theirs,
        "abstracts by hand": in_abstract & by_hand,
        "body by hand": ~in_abstract & by_hand,
    }
    for kind, asked in kinds.items():
        judged = sentences.certain & asked
        has, given = sentences.roles[judged], np.eye(len(ROLES), dtype=bool)[scores[judged].argmax(axis=1)]
        f1, count = _f1(has, given), has.sum(axis=0)
        main = [f1[ROLES.index(role)] for role in MAIN if count[ROLES.index(role)]]
        roles = ", ".join(f"{role} {f:.2f} ({n})" for role, f, n in zip(ROLES, f1, count, strict=True) if n)
        print(f"{name}, {kind}: macro-F1 of the main roles {np.mean(main or [0]):.3f}; {roles}", flush=True)


def _f1(has: Mask, given: Mask) -> FloatVector:
    return np.asarray(2 * (has & given).sum(axis=0) / np.maximum(has.sum(axis=0) + given.sum(axis=0), 1))


def pubmedqa_stretches(file: Path) -> Iterator[Stretch]:
    """Yield the abstracts of PubMedQA (github.com/pubmedqa/pubmedqa), whose conclusions are its long answers."""
    for pmid, entry in json.loads(file.read_text("utf-8")).items():
        parts = [*zip(entry["LABELS"], entry["CONTEXTS"], strict=True), ("Conclusion", entry["LONG_ANSWER"])]
        found = [(label, sentence) for label, text in parts for sentence in sentences_of(text)]
        labels, sentences = zip(*found, strict=True)
        headings = tuple(f"Abstract: {label.capitalize()}" for label in labels)
        yield Stretch(pmid, True, sentences, roles_in_abstract(labels), headings, 0, len(found))


def written_stretches(sources: Sources, banned: frozenset[str]) -> Iterator[Stretch]:
    """Yield abstracts and paragraphs, many of them of reviews, whose sentences were labelled by hand; no titles."""
    texts = [(True, sentences_of(text)) for _, text, _ in marked_abstracts(sources.bioasq_abstracts, banned)]
    for text in covid_qa_articles(sources.covid_qa).values():
        texts += [(False, sentences_of(part.strip())[:LABELLED]) for part in text.split("\n\n")]
    by_key = {written_key(sentences): (inside, sentences) for inside, sentences in texts}
    for row in json_lines(WRITTEN):
        # A text whose question is kept back is not there.
        if row["text"] not in by_key:
            continue
        inside, sentences = by_key[row["text"]]
        pairs = [(s, code) for s, code in zip(sentences, row["codes"].split(), strict=True) if code[0] in CODES]
        told, codes = zip(*pairs, strict=True)
        roles = tuple(frozenset([CODES[code[0]]]) for code in codes)
        states = tuple(frozenset(STATE_CODES[letter] for letter in code[1:]) for code in codes)
        yield Stretch(row["text"], inside, told, roles, ("",) * len(told), 0, len(told), states)


def written_key(sentences: Sequence[str]) -> str:
    """Return by which a text is known again that is not kept itself."""
    return hashlib.sha256(" ".join(" ".join(sentences).split()).encode()).hexdigest()[:16]


def main() -> None:
    """Learn, measure and write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("sources", type=Path)
    parser.add_argument("excluded", type=Path)
    parser.add_argument("--cache", type=Path, default=Path(gettempdir()) / "review-rag-training")
    parser.add_argument("--measure", action="store_true", help="the last time: look at what is set aside")
    parser.add_argument("--unseen", action="store_true", help="measure on PubMedQA as well")
    asked = parser.parse_args()
    embedder = load_embedder(asked.cache)

    def embed(texts: Sequence[str]) -> FloatMatrix:
        return embed_cached(texts, embedder, asked.cache / "vectors.sqlite3")

    kept_back = excluded(asked.excluded)
    sources = Sources(asked.sources)
    stretches = [stretch for stretch in trial_stretches(sources.trials, SEED) if stretch.article not in kept_back]
    stretches += written_stretches(sources, kept_back)
    weights = learn(labelled([stretch for stretch in stretches if not is_held_back(stretch.article)], embed))
    # As they are shipped: 16 bits a weight.
    shipped = {name: values.astype(np.float16) for name, values in weights.items()}
    keep_weights(shipped, ROLE_WEIGHTS, {"embedder": MiniLM.id, "seed": str(SEED)})
    weights = {name: values.astype(np.float32) for name, values in shipped.items()}
    if asked.measure:
        aside = [stretch for stretch in stretches if is_held_back(stretch.article)]
        measure("set aside", labelled(aside, embed), weights)
    if asked.unseen:
        others = [stretch for stretch in pubmedqa_stretches(sources.pubmedqa) if stretch.article not in kept_back]
        measure("PubMedQA", labelled(others, embed), weights)


if __name__ == "__main__":
    main()
