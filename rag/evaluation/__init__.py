"""Figures for a file of questions and for a collection in BEIR layout, through the product's own path.

What cannot be read is named with file, line and reason.
"""

from rag.evaluation.answering import BadLine, answers_report, answers_text, asked, evaluate, read_lines, read_questions
from rag.evaluation.beir import read_collection
from rag.evaluation.searching import evaluate_collection, searches_report, searches_text

__all__ = [
    "BadLine",
    "answers_report",
    "answers_text",
    "asked",
    "evaluate",
    "evaluate_collection",
    "read_collection",
    "read_lines",
    "read_questions",
    "searches_report",
    "searches_text",
]
