"""Runs a command, reports faults in words, and returns an exit code as shells expect it."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence

from rag.cli.arguments import parser
from rag.cli.commands import COMMANDS, FAILED
from rag.errors import RagError

INTERRUPTED, PIPE_CLOSED = 130, 141  # 128 + the number of the signal, as shells report it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    _speak_utf8()
    _log_warnings()
    try:
        try:
            args = parser().parse_args(arguments)
            return COMMANDS[args.command](args)
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
    """Stop writing to an output that is closed; Python would complain about it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
