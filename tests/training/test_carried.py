"""Written sentences become rows: what their quotes carry is supported, what is false in some way is not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rag.training.held_back import is_held_back
from rag.training.rows import CLAIMS, UNKNOWN
from rag.training.rows.carried import CLAIM_OF, Carried, carried_rows, denied_or_not, read_carried, rearranged
from rag.training.sources import Sources

FOUND = "In the long winter, cough was rarer with moss extract than with placebo."
OTHER = "Sleep was as long with either."


@pytest.fixture
def sources(tmp_path):
    folder = Sources(tmp_path)
    folder.covid_qa.parent.mkdir(parents=True)
    text = f"Moss for herders\n\n{'Herders cough in winter and at night. ' * 3}{FOUND} {OTHER}\n\n"
    told = [{"paragraphs": [{"context": text, "document_id": 0}]}]
    folder.covid_qa.write_text(json.dumps({"data": told}), "utf-8")
    return folder


def rows_of(sources, *written):
    return [*carried_rows(written, sources, frozenset())]


@pytest.mark.parametrize(("kind", "label"), CLAIM_OF.items())
def test_a_sentence_is_to_its_quote_what_its_kind_says(sources, kind, label):
    (row, *_) = rows_of(sources, Carried("CQ0", (FOUND,), "Moss made herders cough less.", kind))
    assert row.sentences == (FOUND,) and row.title == "Moss for herders"
    assert (row.claim, row.claim_all) == ((CLAIMS.index(label),), CLAIMS.index(label))


def test_of_two_quotes_only_both_together_have_a_label(sources):
    (row,) = rows_of(sources, Carried("CQ0", (FOUND, OTHER), "Moss helped against cough and left sleep alone.", "true"))
    assert row.claim == (UNKNOWN, UNKNOWN) and row.claim_all == CLAIMS.index("supports")


def test_some_quotes_are_held_against_themselves_and_their_denial(sources):
    rows = rows_of(sources, *[Carried("CQ0", (FOUND,), "Moss made herders cough less.", "true")] * 40)
    own = {row.question: CLAIMS[row.claim_all] for row in rows}
    assert own == {
        "Moss made herders cough less.": "supports",
        FOUND: "supports",
        "Cough was rarer with moss extract than with placebo, in the long winter.": "supports",
        FOUND.replace("was", "was not"): "refutes",
    }


@pytest.mark.parametrize(("kind", "label"), [("true", "supports"), ("direction", "refutes"), ("other", "neither")])
def test_one_more_quote_changes_nothing_unless_it_may_be_the_right_one(sources, kind, label):
    one = Carried("CQ0", (FOUND,), "Moss made herders cough more.", kind)
    rows = rows_of(sources, *[one, replace(one, quotes=(OTHER,), kind="beyond")] * 40)
    both = {row.sentences for row in rows if len(row.sentences) == 2 and row.claim_all == CLAIMS.index(label)}
    right = {(FOUND, OTHER), (OTHER, FOUND)}
    assert both >= right if kind != "other" else len({row.claim_all for row in rows}) == 1


def test_what_is_kept_back_is_not_learned_from(sources):
    one = Carried("CQ0", (FOUND,), "Moss made herders cough less.", "true")
    assert not [*carried_rows([one], sources, frozenset({"CQ0"}))]


@pytest.mark.parametrize(
    ("quote", "denied"),
    [
        ("Cough is rare.", "Cough is not rare."),
        ("Cough was not rare.", "Cough was rare."),
        ("Moss did not calm the cough.", "Moss calm the cough."),
        ("There was no cough.", "There was cough."),
        ("Moss not only calms but cures.", None),
        ("Herders who were ill coughed.", None),
        ("Moss may help.", None),
        ("Herders cough.", None),
    ],
)
def test_a_quote_is_denied_where_there_is_a_sure_place_for_it(quote, denied):
    assert denied_or_not(quote) == denied


@pytest.mark.parametrize("quote", [OTHER, "Cough, sleep, and rash were seen.", "The cough was rare in June, however."])
def test_a_quote_without_two_halves_is_not_rearranged(quote):
    assert rearranged(quote) == quote


def test_those_of_the_project_are_on_articles_not_set_aside_and_of_known_kinds():
    written = read_carried()
    assert len(written) > 8_000 and {one.kind for one in written} == set(CLAIM_OF)
    assert not any(is_held_back(one.article) for one in written)
    assert all(one.quotes and one.sentence and one.sentence not in one.quotes for one in written)
