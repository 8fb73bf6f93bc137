"""The commands, of which `arguments` tells what they do. Each imports what it needs: `--help` waits for nothing."""

from __future__ import annotations

import argparse
import logging
import re
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote

from rag.errors import RagError

if TYPE_CHECKING:
    from rag.services import Added, Web
    from rag.settings import Settings
    from rag.shelf import Library, Progress
    from rag.types import Answer, Review
    from rag.writing import LanguageModel

FAILED = 1
_DOI_ADDRESS = re.compile(r"(?:https?://)?(?:www\.|dx\.)?doi\.org/|doi:\s*", re.IGNORECASE)


def _index(args: argparse.Namespace) -> int:
    from rag.exports import file_line
    from rag.index import PREFIX
    from rag.shelf import label

    settings = _settings()
    # The report names the skipped files; the library's log would say it twice.
    logging.getLogger("rag.shelf.opening").addFilter(lambda record: not str(record.msg).startswith("skipped"))
    began = time.perf_counter()
    library = _open_library(settings)
    seconds = time.perf_counter() - began
    print(f"Reviews   {len(library.reviews)}")
    for review in library.reviews:
        print(f"          {review.id}  {label(review)}")
    print(f"Passages  {len(library.index.passages)}")
    print(f"Search    {_search(library)}")
    print(f"Seconds   {seconds:.1f}")
    folder = settings.data / f"{PREFIX}{library.index.manifest.fingerprint}"
    # One that has grown lies in several folders.
    beside = folder if folder.is_dir() else settings.data
    print(f"Index     {beside}")
    if library.vectors:
        print(f"Server    {library.vectors.told}")
    print(f"Files     {len(library.files)}")
    for file in library.files:
        print(f"          {file_line(file)}")
        for line in file.warnings:
            print(f"            look at it: {line} (python -m rag read FILE)")
    print(f"Skipped   {len(library.skipped)}")
    for line in library.skipped:
        print(f"          {line}")
    return 0


def _read(args: argparse.Namespace) -> int:
    from rag.exports import reading_text
    from rag.sources import read_file

    print(reading_text(read_file(args.file), args.file.name, colors=sys.stdout.isatty()))
    return 0


def _add(args: argparse.Namespace) -> int:
    from rag.services import add, numbers_in

    numbers = [number for item in args.items for number in numbers_in(item)]
    return _report_added(lambda known, folder, web: add(numbers, known, folder, web))


def _search_pubmed(args: argparse.Namespace) -> int:
    from rag.services import add_found

    return _report_added(lambda known, folder, web: add_found(args.query, args.add, known, folder, web))


def _report_added(adding: Callable[[Sequence[Review], Path, Web], Iterator[Added]]) -> int:
    """Print a line for each paper as it comes; those that are there already are known by the files of the shelf."""
    from rag.services import open_web

    settings = _settings()
    web = open_web(settings)
    failed = False
    for added in adding(_on_shelf(settings), settings.seeds, web):
        print(added, flush=True)
        failed = failed or added.outcome in ("not found", "away")
    return FAILED if failed else 0


def _check(args: argparse.Namespace) -> int:
    """Print a line for each paper of which something is known, and keep that on the shelf."""
    from rag.services import check, check_in_list, keep, open_web

    settings = _settings()
    reviews = _on_shelf(settings)
    checked = []
    for one in check_in_list(reviews, args.list) if args.list else check(reviews, open_web(settings)):
        checked.append(one)
        if one.status or not one.asked:
            print(one, flush=True)
    kept = keep(checked, settings.seeds)
    found = sum(bool(one.status) for one in checked)
    print(f"Checked {sum(one.asked for one in checked):,} of {len(checked):,} papers; something became of {found:,}.")
    if kept:
        print(f"Kept in {kept.name}, which is read with the other files.")
    return 0


def _on_shelf(settings: Settings) -> Sequence[Review]:
    from rag.sources import READ, read_folder

    return read_folder(settings.seeds, settings.data / READ).reviews if settings.seeds.is_dir() else ()


def _search(library: Library) -> str:
    if not library.embedder:
        return "by words only, without the model"
    return f"by meaning and by words{'' if library.reader else ', without the reader'}"


def _ask(args: argparse.Namespace) -> int:
    if args.batch and args.after:
        args.parser.error("--batch takes earlier questions from its lines, not from --after")
    if args.batch and not args.json:
        args.parser.error("--batch writes JSON: add --json")
    from rag.exports import answer_to_dict, terminal_text, to_json

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
        print(terminal_text(answer, reviews))
    return 0


def _export(args: argparse.Namespace) -> int:
    from rag.exports import write_chroma

    library = _open_library(_settings())
    write_chroma(library, args.chroma)
    print(f'{len(library.index.passages):,} passages are in the collection "passages" of {args.chroma}.')
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
        answer_csv,
        bibtex,
        cited_reviews,
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
        table = answer_csv(answer, library.index.reviews)
        if not table:
            why = answer.text if answer.outcome == "chat" else "Add --compare to set the reviews side by side."
            raise RagError(f"There is no comparison to turn into a table. {why}")
        sys.stdout.buffer.write(table)
    elif form == "markdown":
        print(printable(markdown_document([exchange])), end="")
    elif form == "html":
        print(html_document([exchange]), end="")
    else:
        write = {"bibtex": bibtex, "ris": ris, "csl-json": csl_json}[form]
        print(write(cited_reviews([exchange]), notes([exchange])), end="")


def _answer_lines(path: Path, library: Library, asking: Callable[[Sequence[str], str], Answer]) -> int:
    """Print one line of JSON a question; what is wrong with bad lines goes to stderr and into the exit code."""
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
    from rag.evaluation import names_evidence

    if args.model:
        if args.plot or args.path.is_dir():
            args.parser.error("--model takes a file of questions, and draws nothing")
        return _evaluate_written(args)
    if not args.path.is_dir() and names_evidence(args.path):
        return _evaluate_findings(args)
    if args.plot:
        args.parser.error("--plot draws the figures of questions that come with their evidence")
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


def _evaluate_written(args: argparse.Namespace) -> int:
    from rag.evaluation import compose, composed_report, composed_text
    from rag.exports import to_json
    from rag.writing import connect

    settings = _settings()
    model, library = connect(settings, args.model), _open_library(settings)
    composed = compose(args.path, library, model)
    print(to_json(composed_report(composed, library), indent=2) if args.json else composed_text(composed, library))
    return 0


def _evaluate_findings(args: argparse.Namespace) -> int:
    from rag.evaluation import draw_calibration, find, findings_report, findings_text, judged, read_sought
    from rag.exports import to_json

    found = find(read_sought(args.path), _open_library(_settings()))
    print(to_json(findings_report(found), indent=2) if args.json else findings_text(found))
    if args.plot:
        draw_calibration(*judged(found), args.plot)
    return 0


def _doctor(args: argparse.Namespace) -> int:
    """Print what is set up and what is wrong; return 1 when anything is wrong."""
    from rag.cli.doctor import examine

    # The finding names the fault; the log would say it twice.
    logging.getLogger("rag").setLevel(logging.ERROR)
    code = 0
    for finding in examine(_settings()):
        sign = {"good": "ok ", "off": "OFF", "none": "-  "}[finding.state]
        print(f"{sign} {finding.what:8} {finding.text}", flush=True)
        code = FAILED if finding.state == "off" else code
    return code


COMMANDS = {
    "index": _index,
    "read": _read,
    "add": _add,
    "check": _check,
    "search": _search_pubmed,
    "ask": _ask,
    "export": _export,
    "evaluate": _evaluate,
    "doctor": _doctor,
}


def _settings() -> Settings:
    from rag.settings import Settings

    return Settings()


def _open_library(settings: Settings) -> Library:
    from rag.shelf import open_library

    with _progress_bar() as report:
        return open_library(settings, report)


@contextmanager
def _progress_bar() -> Iterator[Progress]:
    """Yield a function that draws a bar on a terminal's stderr for each thing that is counted, with its rate."""
    from tqdm import tqdm

    bars: dict[str, tqdm[NoReturn]] = {}
    with ExitStack() as drawn:

        def report(what: str, done: int, total: int) -> None:
            if what not in bars:
                desc = "Reading" if what == "files" else "Indexing"
                bar = tqdm(total=total, file=sys.stderr, desc=desc, unit=f" {what}", leave=False, disable=None)
                bars[what] = drawn.enter_context(bar)
            bars[what].n = done
            bars[what].refresh()

        yield report


def chosen_ids(names: Sequence[str], reviews: Sequence[Review]) -> Collection[str] | None:
    """Return the ids that are meant, None for all reviews; raise RagError that lists them when one is unknown."""
    from rag.shelf import Catalogue

    shelf = reviews if isinstance(reviews, Catalogue) else Catalogue(reviews)
    ids = [shelf.numbered(unquote(_DOI_ADDRESS.sub("", name.strip(), count=1))) for name in names]
    if unknown := [name for name, review_id in zip(names, ids, strict=True) if not review_id]:
        from rag.shelf import label
        from rag.text import listed

        lines = "\n".join(f"  {review.id}  {label(review)}" for review in reviews)
        raise RagError(f"There is no review {listed(unknown, 'or')}. The reviews are:\n{lines}")
    return frozenset(filter(None, ids)) or None
