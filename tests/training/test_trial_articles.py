"""A heading tells roles of the sentences below it, leaves some open, or tells nothing; only free articles are read."""

from __future__ import annotations

import pytest

from rag.training.trial_articles import ARTICLES, roles_below, roles_in_abstract, trial_stretches

ARTICLE = """<article><front><article-meta><permissions><license><p>
http://creativecommons.org/licenses/{license}/4.0/</p></license></permissions><abstract>
<sec><title>Background</title><p>Cough is common. We treated it.</p></sec>
<sec><title>Methods</title><p>Herders got moss<table-wrap><p>Not a sentence.</p></table-wrap>.</p></sec>
<sec><title>Results</title><p>Cough fell by 42%.</p></sec></abstract></article-meta></front></article>"""


@pytest.mark.parametrize(
    ("heading", "roles"),
    [
        ("2. Materials and Methods", {"method"}),
        ("RESULTS:", {"result"}),
        ("Strengths and limitations", {"limitation"}),
        ("Background and aims", {"background", "aim"}),
        ("Methods and findings", {"method", "result"}),
        ("Competing interests", {"other"}),
        ("Reindeer", set()),
    ],
)
def test_a_heading_tells_the_roles_below_it(heading, roles):
    assert roles_below(heading) == roles


def test_an_aim_is_told_from_background_where_there_are_both_or_it_is_one_sentence():
    either = {"background", "aim"}
    assert roles_in_abstract(["Background", "Aim", "Aim"]) == ({"background"}, {"aim"}, {"aim"})
    assert roles_in_abstract(["Background", "Methods"]) == (either, {"method"})
    assert roles_in_abstract(["Objective", "Objective", "Methods"]) == (either, either, {"method"})
    assert roles_in_abstract(["Objective", "Methods"]) == ({"aim"}, {"method"})


def test_only_articles_under_a_free_licence_are_read(tmp_path):
    folder = tmp_path / ARTICLES
    folder.mkdir(parents=True)
    for name, license in (("PMC1", "by"), ("PMC2", "by-nc")):
        (folder / f"{name}.nxml").write_text(ARTICLE.format(license=license), "utf-8")
    (abstract,) = trial_stretches(tmp_path, seed=1)
    assert (abstract.article, abstract.first, abstract.length) == ("PMC1", 0, 4)
    assert abstract.sentences[2] == "Herders got moss."
    assert abstract.headings[0] == "Abstract: Background"
