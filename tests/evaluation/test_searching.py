"""Collections are indexed and asked as the product does it, and the figures say what was found."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answers.retrieval import HITS_PER_REVIEW
from rag.errors import NoReviews, RagError
from rag.evaluation.beir import Collection, Rationale, as_review
from rag.evaluation.searching import (
    DENSE,
    FOLDER,
    FUSED,
    LEXICAL,
    MEASURES,
    Indexing,
    best_documents,
    best_sentences,
    evaluate_collection,
    hit_share,
    is_marked,
    open_collection,
    search,
    searches_report,
    searches_text,
)
from rag.settings import Settings
from rag.types import PROSE, Hit, Passage
from tests.engine import no_model

BIRDS = {
    "heron": ("On herons", "Herons wade in shallow water. They eat fish and frogs. A heron nests in tall trees."),
    "owl": ("", "Owls hunt at night. The barn owl hears a mouse below the snow."),
    "gull": ("Gulls of the coast", "Gulls follow ships. They steal food from other birds."),
    "bee": ("Honey bees", "Bees dance to tell where nectar is. The queen lays two thousand eggs a day."),
    "cod": ("Atlantic cod", "Cod live near the sea floor. A cod lays nine million eggs at once."),
}
QUERIES = {"night": "Which birds hunt at night?", "eggs": "How many eggs does a cod lay?", "idle": "Who flies south?"}
JUDGEMENTS = {"night": {"owl": 1, "bee": 0}, "eggs": {"cod": 2, "bee": 1}}


def collection(name: str = "animals", **changed: object) -> Collection:
    reviews = tuple(as_review(document_id, *words) for document_id, words in BIRDS.items())
    return replace(Collection(name, reviews, QUERIES, JUDGEMENTS), **changed)


@pytest.fixture(scope="session")
def settings(data: Path, library: object) -> Settings:
    """Settings with a data folder in which the model is prepared already."""
    return Settings(data=data)


def marked(document_id: str, *sentences: str) -> Rationale:
    text = as_review(document_id, *BIRDS[document_id]).text
    starts = [text.index(sentence) for sentence in sentences]
    return Rationale("eggs", document_id, tuple((at, at + len(s)) for at, s in zip(starts, sentences, strict=True)))


def hit(document_id: str, score: float) -> Hit:
    return Hit(
        Passage(f"{document_id}#{score}", document_id, "", "abstract", "authors", 0, 1, "x", ((0, 1),)), score, 0
    )


def test_a_document_is_as_good_as_its_best_passage_and_ties_go_by_id() -> None:
    hits = [hit("b", 0.5), hit("a", 0.2), hit("c", 0.5), hit("a", 0.9), hit("d", -0.1), hit("d", -0.3)]
    assert best_documents(hits) == ["a", "b", "c", "d"]


def test_every_query_with_a_relevant_document_is_asked_in_all_rankings(settings: Settings) -> None:
    evaluated = evaluate_collection(collection(), settings)
    assert list(evaluated.rankings) == [LEXICAL, DENSE, FUSED]
    for ranking in evaluated.rankings.values():
        assert list(ranking) == ["night", "eggs"]
        assert [found[0] for found in ranking.values()] == ["owl", "cod"]
        assert all(len(set(found)) == len(found) and set(found) <= BIRDS.keys() for found in ranking.values())
    assert set(evaluated.rankings[DENSE]["night"]) == BIRDS.keys()
    assert evaluated.measured[FUSED]["MRR@10"] == (1.0, 1.0)
    assert len(evaluated.seconds) == 2 and min(evaluated.seconds) > 0
    assert evaluated.peak_megabytes is None or evaluated.peak_megabytes > 50


def test_titles_are_no_passages_that_are_ranked(settings: Settings) -> None:
    named = {"coast": "Gulls of the coast"}
    evaluated = evaluate_collection(collection(queries=named, judgements={"coast": {"gull": 1}}), settings)
    library, _ = open_collection(collection(), settings)
    assert all(found.passage.kind in PROSE for found in search("Atlantic cod", library)[1])
    assert evaluated.rankings[LEXICAL]["coast"] in (["gull"], ["gull", "cod"])


def test_a_long_document_is_ranked_once(settings: Settings) -> None:
    words = " ".join(f"The owl number {n} hunts at night over field {n}." for n in range(10 * HITS_PER_REVIEW))
    reviews = (*collection().reviews, as_review("long", "", words))
    evaluated = evaluate_collection(collection("long", reviews=reviews), settings)
    assert all(found.count("long") <= 1 for ranking in evaluated.rankings.values() for found in ranking.values())
    assert {"long", "owl"} <= set(evaluated.rankings[FUSED]["night"])


def test_the_second_run_finds_the_index_and_says_so(tmp_path: Path, settings: Settings) -> None:
    own = with_models(tmp_path, settings)
    steps: list[tuple[str, int, int]] = []
    first = evaluate_collection(collection(), own, lambda *step: steps.append(step))
    assert steps[0][1] == 0 and steps[-1][1] == steps[-1][2] == first.indexing.texts == first.indexing.embedded
    assert first.indexing.passages_per_second == pytest.approx(first.passages / first.indexing.seconds)
    assert "passages/s" in searches_text(first) and searches_report(first)["indexing"]["passages_per_second"] > 0
    steps.clear()
    again = evaluate_collection(collection(), own, lambda *step: steps.append(step))
    assert not steps and again.indexing.passages_per_second is None
    assert "Indexing   cached" in searches_text(again) and searches_report(again)["indexing"]["cached"]
    assert (again.rankings, again.passages) == (first.rankings, first.passages)


def test_a_changed_corpus_embeds_what_is_new(tmp_path: Path, settings: Settings) -> None:
    own = with_models(tmp_path, settings)
    open_collection(collection(), own)
    more = (*collection().reviews, as_review("ant", "", "Ants follow a trail."))
    _, indexing = open_collection(collection(reviews=more), own)
    assert 0 < indexing.embedded < indexing.texts
    (data,) = (own.data / FOLDER).iterdir()
    assert data.name == "animals"


def test_an_index_that_is_damaged_between_runs_is_built_again(tmp_path: Path, settings: Settings) -> None:
    own = with_models(tmp_path, settings)
    first = evaluate_collection(collection(), own)
    (passages,) = (own.data / FOLDER).rglob("ids.json")
    passages.write_bytes(b"")
    assert evaluate_collection(collection(), own).rankings == first.rankings


def with_models(folder: Path, settings: Settings) -> Settings:
    (folder / "models").symlink_to(settings.data / "models", target_is_directory=True)
    return Settings(data=folder)


def test_without_a_model_words_are_all_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with no_model():
        evaluated = evaluate_collection(
            collection(rationales=(marked("cod", "A cod lays nine million"),)), Settings(data=tmp_path)
        )
    assert list(evaluated.rankings) == [LEXICAL, FUSED]
    assert evaluated.rankings[FUSED]["night"][0] == "owl"
    assert evaluated.quote_ranks == (0,)
    assert "Search is by words only." in capsys.readouterr().err
    assert [difference["other"] for difference in searches_report(evaluated)["differences"]] == [LEXICAL]


def test_what_is_judged_and_not_there_is_never_found(settings: Settings) -> None:
    judged = {"night": {"owl": 1, "bat": 1}}
    evaluated = evaluate_collection(collection(judgements=judged, empty=("bat",)), settings)
    assert evaluated.measured[FUSED]["Recall@10"] == (0.5,)
    figures = searches_report(evaluated)
    assert (figures["documents"], figures["empty_documents"], figures["empty"]) == (6, 1, ["bat"])


def test_queries_without_a_relevant_document_are_counted(settings: Settings) -> None:
    evaluated = evaluate_collection(collection(judgements=JUDGEMENTS | {"idle": {"bee": 0}}), settings)
    assert (searches_report(evaluated)["queries"], searches_report(evaluated)["queries_left_out"]) == (2, 1)
    with pytest.raises(RagError, match="animals: no query has a relevant document"):
        evaluate_collection(collection(judgements={"night": {"owl": 0}}), settings)
    with pytest.raises(NoReviews):
        evaluate_collection(collection(reviews=(), empty=("owl",)), settings)


def test_a_query_without_a_word_finds_nothing_or_something_and_never_crashes(settings: Settings) -> None:
    queries = {"signs": "?!", "stop": "of the", "letters": "ξ" * 3000}
    judged = {query_id: {"owl": 1} for query_id in queries}
    evaluated = evaluate_collection(collection(queries=queries, judgements=judged), settings)
    assert evaluated.rankings[LEXICAL] == {"signs": [], "stop": [], "letters": []}


def test_quotes_are_ranked_inside_the_judged_document(settings: Settings) -> None:
    rationales = (
        marked("cod", "A cod lays nine million eggs at once."),
        marked("heron", "Herons wade in shallow water."),
    )
    evaluated = evaluate_collection(collection(rationales=rationales), settings)
    assert evaluated.quote_ranks[0] == 0
    assert searches_report(evaluated)["quotes"] == {
        "pairs": 2,
        "hit@1": hit_share(evaluated.quote_ranks, 1),
        "hit@3": 1.0,
    }
    assert "Quotes     hit@1 " in searches_text(evaluated)
    library, _ = open_collection(collection(), settings)
    cod = library.index.reviews["cod"]
    assert [cod.text[slice(*span)] for span in best_sentences(QUERIES["eggs"], "cod", library)] == [
        "A cod lays nine million eggs at once.",
        "Cod live near the sea floor.",
    ]


def test_the_sentence_that_says_when_comes_before_another_of_its_document(settings: Settings) -> None:
    owls = as_review("owls", "Owls", "Owls hunt at night. They sleep by day.")
    library, _ = open_collection(collection("owls", reviews=(owls,)), settings)
    assert owls.text[slice(*best_sentences("When do owls hunt?", "owls", library)[0])] == "Owls hunt at night."


def test_hits_are_counted_up_to_the_cut() -> None:
    assert [hit_share((0, 2, 3, None), k) for k in (1, 3, 4)] == [0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    ("span", "same"),
    [((10, 20), True), ((0, 15), True), ((0, 14), False), ((15, 40), True), ((12, 14), True), ((20, 30), False)],
)
def test_a_sentence_is_marked_when_half_of_the_shorter_one_is_shared(span: tuple[int, int], same: bool) -> None:
    assert is_marked(span, Rationale("q", "d", ((100, 110), (10, 20)))) is same
    assert not is_marked(span, Rationale("q", "d", ((15, 15),)))


def test_the_report_says_the_same_as_json_and_as_text(settings: Settings) -> None:
    remarks = tuple(f"qrels.tsv, line {n}: there is no query “{n}”; the row is left out" for n in range(25))
    evaluated = evaluate_collection(collection(remarks=remarks), settings)
    figures, text = searches_report(evaluated), searches_text(evaluated)
    assert json.loads(json.dumps(figures)) == figures
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.startswith((*figures["rankings"],))}
    for name, measured in figures["rankings"].items():
        assert list(measured) == list(MEASURES)
        assert rows[name][:4] == [f"{value:.4f}" for value in measured.values()] or name == FUSED
    for difference in figures["differences"]:
        assert difference["low"] <= difference["mean"] <= difference["high"]
        assert f"fused − {difference['other']}, nDCG@10: {difference['mean']:+.4f} (95 %: " in text
    assert "Rows that name what is not there: 25\n" in text and text.endswith("\nand 5 more")
    assert figures["remarks"] == list(remarks)


def test_the_rate_counts_only_what_was_embedded() -> None:
    assert Indexing(passages=100, seconds=10, texts=400, embedded=100).passages_per_second == 2.5
    assert Indexing(passages=100, seconds=10, texts=400, embedded=0).passages_per_second is None
