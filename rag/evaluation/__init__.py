"""Figures for files of questions and for a collection in BEIR layout, through the product's own path.

What cannot be read is named with file, line and reason.
"""

from rag.evaluation.answering import BadLine, answers_report, answers_text, asked, evaluate, read_lines, read_questions
from rag.evaluation.beir import read_collection
from rag.evaluation.composing import compose, composed_report, composed_text
from rag.evaluation.finding import find, findings_report, findings_text, judged, names_evidence, read_sought
from rag.evaluation.plots import draw_calibration
from rag.evaluation.searching import evaluate_collection, searches_report, searches_text

__all__ = [
    "BadLine",
    "answers_report",
    "answers_text",
    "asked",
    "compose",
    "composed_report",
    "composed_text",
    "draw_calibration",
    "evaluate",
    "evaluate_collection",
    "find",
    "findings_report",
    "findings_text",
    "judged",
    "names_evidence",
    "read_collection",
    "read_lines",
    "read_questions",
    "read_sought",
    "searches_report",
    "searches_text",
]
