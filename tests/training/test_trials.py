"""An article of Evidence Inference becomes a page with its title, its abstract in parts and its sections."""

from __future__ import annotations

import pytest

from rag.training.rows import markdown
from rag.training.rows.trials import paragraphs_of

ON_ITS_LINE = """TITLE: Moss extract for cough in herders

  ABSTRACT.BACKGROUND:
Herders cough in winter.

ABSTRACT.RESULTS:
Cough fell by 42 percent.

BODY.METHODS.RANDOMISATION:
Herders drew lots.
"""
UNDIVIDED = """TITLE:
Moss extract for cough in herders



Herders cough in winter. Cough fell by 42 percent.

BODY.METHODS:
Herders drew lots.
"""
BELOW = ON_ITS_LINE.replace("TITLE: ", "TITLE: \n").replace("  ABSTRACT", "ABSTRACT")


@pytest.mark.parametrize("text", [ON_ITS_LINE, BELOW, UNDIVIDED])
def test_an_article_keeps_its_title_and_every_part(text):
    assert markdown(text, "PMC1").splitlines()[0] == "# Moss extract for cough in herders"
    paragraphs = paragraphs_of("PMC1", markdown(text, "PMC1"))
    assert {paragraph.title for paragraph in paragraphs} == {"Moss extract for cough in herders"}
    told = [sentence for paragraph in paragraphs for sentence in paragraph.sentences]
    assert told == ["Herders cough in winter.", "Cough fell by 42 percent.", "Herders drew lots."]
