"""A command may set what its process logs; here many run in one process."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Take back what a command has set."""
    loggers = [logging.getLogger(name) for name in ("rag", "rag.shelf.opening")]
    before = [(logger, logger.level, list(logger.filters)) for logger in loggers]
    yield
    for logger, level, filters in before:
        logger.setLevel(level)
        logger.filters[:] = filters
