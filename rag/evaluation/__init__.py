"""Figures for a file of questions and for a collection in BEIR layout, through the product's own path.

What cannot be read is named with file, line and reason.
"""

from rag.evaluation.answering import BadLine, asked, evaluate, read_lines, read_questions, report, report_text
from rag.evaluation.beir import read_collection
from rag.evaluation.searching import evaluate_collection, report, report_text

__all__ = [
    "BadLine",
    "asked",
    "evaluate",
    "evaluate_collection",
    "read_collection",
    "read_lines",
    "read_questions",
    "report",
    "report_text",
]
