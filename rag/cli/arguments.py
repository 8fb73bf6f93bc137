"""What may be typed after `python -m rag`."""

from __future__ import annotations

import argparse
from pathlib import Path

_FORMS = {
    "csv": "a comparison as a table for a spreadsheet",
    "markdown": "the answer with its sources as Markdown",
    "html": "the answer as one HTML file that can be printed",
    "bibtex": "the quoted reviews for a reference manager, as BibTeX",
    "ris": "the same as RIS",
    "csl-json": "the same as CSL-JSON",
}
_EXAMPLES = """examples:
  python -m rag ask "Why is it hard to use CAR-T cells against solid tumors?"
  python -m rag ask "And in lupus?" --after "What have CAR-T cells achieved in blood cancers?" --json
  python -m rag ask --batch questions.jsonl --json > answers.jsonl
  python -m rag ask "How do the reviews differ on solid tumors?"
  python -m rag ask "CAR-T cells" --aspect "solid tumors" --aspect lupus --csv > table.csv

RAG_SEEDS names the folder of the reviews (default: seeds), RAG_DATA that of the index (default: .rag)."""


def parser() -> argparse.ArgumentParser:
    """Return what reads the arguments of a command line."""
    whole = argparse.ArgumentParser(
        prog="python -m rag",
        description="Ask a small library of review papers; every answer is made of exact, numbered quotes.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = "index | read | add | search | check | ask | export | evaluate | doctor"
    commands = whole.add_subparsers(dest="command", required=True, metavar=names)
    commands.add_parser("index", help="read the reviews and build their index")
    read = commands.add_parser("read", help="show a file as it is read: its reviews, facts and sections")
    read.add_argument("file", type=Path, metavar="FILE")
    add = commands.add_parser("add", help="fetch papers by their numbers and put them on the shelf")
    numbers = "PMID|PMCID|DOI|NCT|arXiv|FILE"
    add.add_argument("items", nargs="+", metavar=numbers, help="a number, or a file of references")
    search = commands.add_parser("search", help="search PubMed, and put the first papers on the shelf")
    search.add_argument("query", metavar="QUERY")
    search.add_argument("--add", type=int, default=10, metavar="N", help="how many (10)")
    check = commands.add_parser("check", help="ask which papers were retracted or corrected since")
    check.add_argument(
        "list", type=Path, nargs="?", metavar="FILE", help="a list in the columns of Retraction Watch, asked instead"
    )
    _add_ask(commands.add_parser("ask", help="answer a question, or a file of questions, with quotes"))
    export = commands.add_parser("export", help="write the passages for other programs")
    export.add_argument(
        "--chroma",
        type=Path,
        required=True,
        metavar="FOLDER",
        help='a new folder that chromadb and langchain_chroma open; its collection is called "passages"',
    )
    commands.add_parser("doctor", help="check settings, reviews, index, weights and language model")
    evaluate = commands.add_parser("evaluate", help="print figures of answers to questions, or of searches")
    evaluate.add_argument(
        "path",
        type=Path,
        metavar="FILE.jsonl|FOLDER",
        help="a file in the format of seeds/questions.jsonl; one whose lines have the sentence that answers, such as "
        '{"question": "…", "pmcid": "…", "evidence": "…"} or {"question": "…", "absent": true}; or a folder in BEIR '
        "layout with documents, queries and judgements",
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON")
    evaluate.add_argument(
        "--model",
        metavar="NAME",
        help="have this language model write the answers of a file, and print how its sentences stand; with --json "
        "each of them with its quotes, to be read",
    )
    evaluate.add_argument(
        "--plot",
        type=Path,
        metavar="FILE.png",
        help="draw calibration, and risk by coverage, of a file with the sentences that answer; needs matplotlib",
    )
    evaluate.set_defaults(parser=evaluate)
    return whole


def _add_ask(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("question", nargs="?", metavar="QUESTION", help="the question, as one argument")
    what.add_argument(
        "--batch",
        type=Path,
        metavar="FILE.jsonl",
        help='answer each line, such as {"question": "…", "history": ["…"]}, with one line of JSON; needs --json',
    )
    parser.add_argument(
        "--after", action="append", default=[], metavar="QUESTION", help="an earlier question; repeat, oldest first"
    )
    parser.add_argument(
        "--review",
        action="append",
        default=[],
        metavar="ID",
        help="ask only this review, by its DOI; repeat for more",
    )
    parser.add_argument("--compare", action="store_true", help="set the reviews side by side, whatever the wording")
    parser.add_argument(
        "--aspect",
        action="append",
        default=[],
        type=_aspect,
        metavar="WORDS",
        help="compare the reviews on this; repeat for more",
    )
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--model", metavar="NAME", help="let this language model write the answer (default: RAG_MODEL)")
    model.add_argument("--no-model", action="store_true", help="answer with quotes even if RAG_MODEL is set")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON, as docs/answer-json.md describes it")
    for name, printed in _FORMS.items():
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=f"print {printed}")
    parser.set_defaults(parser=parser)


def _aspect(words: str) -> str:
    from rag.questions import clean

    if not (name := clean(words)):
        raise argparse.ArgumentTypeError("an aspect must contain words")
    return name
