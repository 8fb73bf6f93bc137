"""`python -m rag index | ask | evaluate | doctor`: the reviews without a page."""

from __future__ import annotations

import argparse
import io
import logging
import os
import re
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

# Everything else is imported where it is used: `--help` must not wait for the index and the model.
from rag.errors import RagError

if TYPE_CHECKING:
    from rag.settings import Settings
    from rag.shelf import Library, Progress
    from rag.types import Answer, Cell, CellState, Citation, Comparison, CoverageState, Review, Written
    from rag.writing import LanguageModel

FAILED, INTERRUPTED, PIPE_CLOSED = 1, 130, 141  # 128 + the number of the signal, as shells report it
_DOI_ADDRESS = re.compile(r"(?:https?://)?(?:www\.|dx\.)?doi\.org/|doi:\s*", re.IGNORECASE)
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    _speak_utf8()
    _log_warnings()
    try:
        try:
            args = _parser().parse_args(arguments)
            return _COMMANDS[args.command](args)
        finally:
            print(end="", flush=True)
    except RagError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return PIPE_CLOSED
    except OSError as error:  # a full disk under the output, a folder that may not be written
        _drop_output()
        print(error, file=sys.stderr)
        return FAILED


def _speak_utf8() -> None:
    """Write UTF-8 whatever the locale says; half of a surrogate pair is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _log_warnings() -> None:
    """Write warnings to stderr as plain sentences; some libraries would log every step."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    logging.basicConfig(handlers=[handler], format="%(message)s")


def _drop_output() -> None:
    """Let nothing more be written to an output that takes nothing; Python would complain about it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rag",
        description="Ask a small library of review papers; every answer is made of exact, numbered quotes.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="index | ask | evaluate | doctor")
    commands.add_parser("index", help="read the reviews and build their index")
    _add_ask(commands.add_parser("ask", help="answer a question, or a file of questions, with quotes"))
    commands.add_parser("doctor", help="check settings, reviews, index, weights and language model")
    evaluate = commands.add_parser("evaluate", help="print figures of answers to questions, or of searches")
    evaluate.add_argument(
        "path",
        type=Path,
        metavar="FILE.jsonl|FOLDER",
        help="a file in the format of seeds/questions.jsonl, or a folder in BEIR layout with documents, queries and "
        "judgements",
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON")
    return parser


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
        "--after", action="append", default=[], metavar="QUESTION", help="an earlier question; repeat it, oldest first"
    )
    parser.add_argument(
        "--review",
        action="append",
        default=[],
        metavar="ID",
        help="ask this review only, by its DOI; repeat it for more",
    )
    parser.add_argument("--compare", action="store_true", help="set the reviews side by side, whatever the wording")
    parser.add_argument(
        "--aspect",
        action="append",
        default=[],
        type=_aspect,
        metavar="WORDS",
        help="compare the reviews on this; repeat it for more",
    )
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--model", metavar="NAME", help="let this language model write the answer (default: RAG_MODEL)")
    model.add_argument("--no-model", action="store_true", help="answer with quotes although RAG_MODEL is set")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON, as docs/answer-json.md describes it")
    for name, printed in _FORMS.items():
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name, help=f"print {printed}")
    parser.set_defaults(parser=parser)


def _aspect(words: str) -> str:
    from rag.questions import clean

    if not (name := clean(words)):
        raise argparse.ArgumentTypeError("an aspect is made of words")
    return name


def _index(args: argparse.Namespace) -> int:
    from rag.index import PREFIX
    from rag.shelf import label

    settings = _settings()
    # The report names the skipped files; the library's log would say it twice.
    logging.getLogger("rag.shelf.library").addFilter(lambda record: not str(record.msg).startswith("skipped"))
    began = time.perf_counter()
    library = _open_library(settings)
    seconds = time.perf_counter() - began
    print(f"Reviews   {len(library.reviews)}")
    for review in library.reviews:
        print(f"          {review.id}  {label(review)}")
    print(f"Passages  {len(library.index.passages)}")
    print(f"Search    {_search(library)}")
    print(f"Seconds   {seconds:.1f}")
    fingerprint = library.index.manifest.fingerprint
    print(f"Index     {library.vectors.place if library.vectors else settings.data / (PREFIX + fingerprint)}")
    print(f"Skipped   {len(library.skipped)}")
    for line in library.skipped:
        print(f"          {line}")
    return 0


def _search(library: Library) -> str:
    if not library.embedder:
        return "by words only, without the model"
    away = library.vectors.away if library.vectors else ""
    return f"by words only for now: {away}" if away else "by meaning and by words"


def _ask(args: argparse.Namespace) -> int:
    if args.batch and args.after:
        args.parser.error("--batch takes the earlier questions from its lines, not from --after")
    if args.batch and not args.json:
        args.parser.error("--batch writes JSON: add --json")
    from rag.exports import answer_to_dict, to_json

    settings = _settings()
    model = _language_model(args, settings)
    library = _open_library(settings)
    asking = _asking(args, library, model)
    if args.batch:
        return _answer_lines(args.batch, library, asking)
    answer, reviews = asking(args.after, args.question), library.index.reviews
    if args.form:
        _print_as(args.form, answer, library)
    elif args.json:
        print(to_json(answer_to_dict(answer, reviews), indent=2))
    else:
        print(_plain(answer, reviews))
    return 0


def _language_model(args: argparse.Namespace, settings: Settings) -> LanguageModel | None:
    if args.no_model or not (args.model or settings.model):
        return None
    from rag.writing import connect

    return connect(settings, args.model)


def _asking(
    args: argparse.Namespace, library: Library, model: LanguageModel | None
) -> Callable[[Sequence[str], str], Answer]:
    """Return what answers a question after earlier ones; the question itself is compared, if any is."""
    from rag.pipeline import ask, converse

    chosen = chosen_ids(args.review, library.reviews)
    named: dict[str, str] = {}
    for name in args.aspect:
        named.setdefault(name.casefold(), name)

    def asking(earlier: Sequence[str], question: str) -> Answer:
        before = converse(earlier, library, chosen)
        return ask(question, library, before, chosen, args.compare, tuple(named.values()), model)

    return asking


def _print_as(form: str, answer: Answer, library: Library) -> None:
    """Print an answer, or the reviews that it quotes, as a file; raise RagError when it holds nothing of the kind."""
    from rag.exports import (
        bibtex,
        cited_reviews,
        comparison_csv,
        csl_json,
        html_document,
        markdown_document,
        notes,
        printable,
        ris,
    )
    from rag.types import Exchange

    index = library.index.manifest.fingerprint
    exchange = Exchange(answer.question, library.reviews, answer, made=time.time(), index=index)
    if form == "csv":
        if not answer.comparison:
            why = answer.text if answer.outcome == "chat" else "Add --compare to set the reviews side by side."
            raise RagError(f"There is no comparison to make a table of. {why}")
        sys.stdout.buffer.write(comparison_csv(answer.comparison, library.index.reviews))
    elif form == "markdown":
        print(printable(markdown_document([exchange])), end="")
    elif form == "html":
        print(html_document([exchange]), end="")
    else:
        write = {"bibtex": bibtex, "ris": ris, "csl-json": csl_json}[form]
        print(write(cited_reviews([exchange]), notes([exchange])), end="")


def _answer_lines(path: Path, library: Library, asking: Callable[[Sequence[str], str], Answer]) -> int:
    """Print one line of JSON a question; what is wrong with the others goes to stderr and into the exit code."""
    from rag.evaluation import BadLine, asked, read_lines
    from rag.exports import answer_to_dict, to_json

    code = 0
    for line in read_lines(path, asked):
        if isinstance(line, BadLine):
            print(line.message, file=sys.stderr)
            code = FAILED
            continue
        try:
            answer = asking(line.history, line.question)
        except Exception:  # the other lines are still answered
            logging.exception("%s, line %d: no answer", path, line.line)
            code = FAILED
        else:
            print(to_json(answer_to_dict(answer, library.index.reviews)), flush=True)
    return code


def _evaluate(args: argparse.Namespace) -> int:
    return _evaluate_searches(args) if args.path.is_dir() else _evaluate_answers(args)


def _evaluate_searches(args: argparse.Namespace) -> int:
    from rag.evaluation import evaluate_collection, read_collection, searches_report, searches_text
    from rag.exports import to_json

    collection = read_collection(args.path)
    with _progress_bar() as on_progress:
        evaluated = evaluate_collection(collection, _settings(), on_progress)
    print(to_json(searches_report(evaluated), indent=2) if args.json else searches_text(evaluated))
    return 0


def _evaluate_answers(args: argparse.Namespace) -> int:
    from rag.evaluation import answers_report, answers_text, evaluate, read_questions
    from rag.exports import to_json

    questions = read_questions(args.path)
    settings = _settings()
    checked = evaluate(questions, _open_library(settings), settings.seeds)
    print(to_json(answers_report(checked), indent=2) if args.json else answers_text(checked))
    return 0


def _doctor(args: argparse.Namespace) -> int:
    """Print what is set up and what is off; 1 when anything is off."""
    from rag.doctor import examine

    # What a fault was called is in the finding; the log would say it twice.
    logging.getLogger("rag").setLevel(logging.ERROR)
    code = 0
    for finding in examine(_settings()):
        sign = {"good": "ok ", "off": "OFF", "none": "-  "}[finding.state]
        print(f"{sign} {finding.what:8} {finding.text}", flush=True)
        code = FAILED if finding.state == "off" else code
    return code


_COMMANDS = {"index": _index, "ask": _ask, "evaluate": _evaluate, "doctor": _doctor}


def _settings() -> Settings:
    from rag.settings import Settings

    return Settings()


def _open_library(settings: Settings) -> Library:
    from rag.shelf import open_library

    with _progress_bar() as report:
        return open_library(settings, report)


@contextmanager
def _progress_bar() -> Iterator[Progress]:
    """Yield what draws a bar on a terminal's stderr, from the first time it is told how far the indexing is."""
    from tqdm import tqdm

    bar = None
    with ExitStack() as drawn:

        def report(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:
                style = {"desc": "Indexing", "unit": " texts", "leave": False, "disable": None}
                bar = drawn.enter_context(tqdm(total=total, file=sys.stderr, **style))
            bar.n = done
            bar.refresh()

        yield report


def chosen_ids(names: Sequence[str], reviews: Sequence[Review]) -> Collection[str] | None:
    """Return the ids that are meant, None for all reviews; raise RagError that lists them when one is unknown."""
    known = {review.id.casefold(): review for review in reviews}
    ids = [unquote(_DOI_ADDRESS.sub("", name.strip(), count=1)).casefold() for name in names]
    if unknown := [name for name, review_id in zip(names, ids, strict=True) if review_id not in known]:
        from rag.shelf import label

        shelf = "\n".join(f"  {review.id}  {label(review)}" for review in reviews)
        raise RagError(f"There is no review {', '.join(unknown)}. The reviews are:\n{shelf}")
    return frozenset(known[review_id].id for review_id in ids) or None


def _plain(answer: Answer, reviews: Mapping[str, Review]) -> str:
    """Return an answer for a terminal: text, sources, what it was searched as, what the reviews contributed."""
    from rag.exports import printable

    compared = answer.comparison if answer.citations else None
    blocks = list(_compared(answer, compared, reviews)) if compared else [answer.text]
    if answer.citations:
        blocks.append("\n".join(["Sources", *(_source(citation, reviews) for citation in answer.citations)]))
    if answer.nearest:
        nearest = (f"“{citation.quote.text}”\n{_source(citation, reviews)}" for citation in answer.nearest)
        blocks.append("\n".join(["Nearest passages, which do not answer the question:", *nearest]))
    return printable("\n\n".join([*blocks, "\n".join(_notes(answer, reviews))]).strip())


def _compared(answer: Answer, comparison: Comparison, reviews: Mapping[str, Review]) -> Iterator[str]:
    """Yield the summary, where the reviews differ and what they share, and each aspect with its quotes."""
    from rag.exports import cells_by_place, columns, marked, summary_of
    from rag.shelf import label

    names = {review_id: label(review) for review_id, review in reviews.items()}
    told = tuple(text.casefold() for text in _told(comparison))
    # What the blocks below tell is not told twice.
    summary = [one for one in summary_of(answer) if not told or not one.text.casefold().endswith(told)]
    yield "\n".join(one.text + marked(one.citations) for one in summary)
    yield from _relations(comparison, names)
    cells, seen = cells_by_place(comparison), set[int]()
    for aspect in comparison.aspects:
        row = [cells[aspect, review_id] for review_id in columns(comparison).shown]
        lines = [line for cell in row if cell.state != "not_asked" for line in _cell(cell, comparison, names, seen)]
        yield "\n".join([aspect, "-" * len(aspect), *lines])


def _told(comparison: Comparison) -> Iterator[str]:
    yield from (one.text for one in comparison.differences)
    yield from (one.text for one in comparison.agreements)


def _relations(comparison: Comparison, names: Mapping[str, str]) -> Iterator[str]:
    """Yield the blocks "They differ" and "They share", and on which aspects neither can be told."""
    from rag.comparison import listed
    from rag.exports import marked, remarks, shared_lines

    blocks: dict[str, list[str]] = {"They differ": [], "They share": []}
    for aspect in comparison.aspects:
        for one in remarks(comparison, aspect):
            if one.kind == "cannot tell":
                continue
            shared = one.kind == "in common"
            where = aspect if shared else f"{aspect} ({one.kind})"
            blocks["They share" if shared else "They differ"].append(f"{where}: {one.text}{marked(one.citations)}")
    blocks["They share"] += [f"{text}{marked(numbers)}" for text, numbers in shared_lines(comparison, names)]
    yield from ("\n".join([head, *(f"- {line}" for line in lines)]) for head, lines in blocks.items() if lines)
    if comparison.undecided and (comparison.differences or comparison.agreements):  # else the summary says it
        yield f"Whether they agree on {listed(comparison.undecided)}, the quotes do not tell."


def _cell(cell: Cell, comparison: Comparison, names: Mapping[str, str], seen: set[int]) -> Iterator[str]:
    """Yield the lines of a cell; a quote that was seen before is named by its number."""
    from rag.exports import EMPTY, wording

    name = names[cell.review_id]
    if not cell.citations:
        yield f"{name}: {EMPTY[cell.state].lower()}"
        return
    yield f"{name}:"
    for number in cell.citations:
        text = wording(comparison.citations[number - 1].quote.text)
        yield f"[{number}], quoted above" if number in seen else f"“{text}” [{number}]"
        seen.add(number)


def _source(citation: Citation, reviews: Mapping[str, Review]) -> str:
    from rag.exports import doi_url, provenance
    from rag.shelf import label

    quote, review = citation.quote, reviews[citation.quote.review_id]
    what = " · ".join(filter(None, [label(review), quote.heading, provenance(quote)]))
    where = f"{review.files[0]}:{quote.start}-{quote.end}"
    return "\n    ".join(filter(None, [f"[{citation.number}] {what}", where, doi_url(review.doi)]))


def _notes(answer: Answer, reviews: Mapping[str, Review]) -> Iterator[str]:
    from rag.shelf import label

    if answer.outcome == "partial" and not answer.comparison:
        yield f"Answered in part: no quote holds {', '.join(answer.missing)}."
    if answer.note:
        yield answer.note
    if answer.outcome != "chat" and answer.searched_as != answer.question:
        yield f"Searched as: {answer.searched_as}"
    if answer.written:
        yield from _writing_lines(answer, answer.written)
    if not answer.coverage:
        return
    if answer.comparison and answer.citations:
        yield from _without_lines(answer.comparison, reviews)
    by_state: dict[CoverageState, list[str]] = {"cited": [], "retrieved": [], "silent": []}
    for coverage in answer.coverage:
        by_state[coverage.state].append(label(reviews[coverage.review_id]))
    used = f"{len(by_state['cited'])} of {len(answer.coverage)} review{'s' * (len(answer.coverage) > 1)} used"
    if answer.comparison:  # its cells name the silent, with the kind of their silence
        by_state["silent"].clear()
    others = {"searched, not quoted": by_state["retrieved"], "silent": by_state["silent"]}
    yield "; ".join([used, *(f"{words}: {', '.join(labels)}" for words, labels in others.items() if labels)])


def _writing_lines(answer: Answer, written: Written) -> Iterator[str]:
    """Yield who wrote an answer, what is off, and the sentences that no quote carries, or only in part."""
    if answer.mode == written.model:
        yield f"Written by {written.model} from these quotes; each sentence is checked against those that it names."
    if written.note:
        yield written.note
    yield from (f"Weak: “{one.text}” {one.reason}" for one in answer.sentences if one.support == "weak")
    yield from (f"Removed: “{one.text}” {one.reason}" for one in written.removed)


def _without_lines(comparison: Comparison, reviews: Mapping[str, Review]) -> Iterator[str]:
    """Yield the reviews that no aspect has a line for, by why: "Not asked: A, B"."""
    from rag.exports import EMPTY, columns
    from rag.shelf import label

    shown = columns(comparison).shown
    why: dict[CellState, list[str]] = {}
    for cell in comparison.cells:
        if cell.aspect == comparison.aspects[0] and (cell.state == "not_asked" or cell.review_id not in shown):
            why.setdefault(cell.state, []).append(label(reviews[cell.review_id]))
    # A review without a column is silent on every aspect, in one way.
    yield from (f"{EMPTY[state]}: {', '.join(why[state])}" for state in EMPTY if state in why)


if __name__ == "__main__":
    sys.exit(main())
