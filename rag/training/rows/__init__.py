"""Rows of questions, paragraphs and labels, made from public sources and from what was written for this project."""

from rag.training.rows.bioasq import marked_abstracts
from rag.training.rows.cells import Compared, read_compared
from rag.training.rows.listed import listings
from rag.training.rows.papers import covid_qa_articles, covid_qa_page
from rag.training.rows.row import (
    CLAIMS,
    DIRECTIONS,
    SEED,
    UNKNOWN,
    UNSEEN,
    fold_question,
    is_evidence,
    json_lines,
    sentences_of,
)
from rag.training.rows.trials import DIRECTED, EFFECTS, Prompt, markdown, read_prompts, review_of
from rag.training.rows.written import LAY, TYPED, Written, pages_of, read_written

__all__ = [
    "CLAIMS",
    "DIRECTED",
    "DIRECTIONS",
    "EFFECTS",
    "LAY",
    "SEED",
    "TYPED",
    "UNKNOWN",
    "UNSEEN",
    "Compared",
    "Prompt",
    "Written",
    "covid_qa_articles",
    "covid_qa_page",
    "fold_question",
    "is_evidence",
    "json_lines",
    "listings",
    "markdown",
    "marked_abstracts",
    "pages_of",
    "read_compared",
    "read_prompts",
    "read_written",
    "review_of",
    "sentences_of",
]  # fmt: skip
