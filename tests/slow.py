"""Which tests are slow: those that come to a browser, a server, another process or the embedding model.

Nobody marks them. What a test calls, and its fixtures, and what these call, is followed as far as it is code of the
tests; where that leads to `subprocess` or one of `STARTS`, the test is slow. `make check` leaves the slow ones out.
"""

from __future__ import annotations

import inspect
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from types import CodeType, FunctionType

import pytest

STARTS = {
    "rag.encoders.embedding.load_embedder",
    "rag.shelf.opening.open_library",
    "tests.browser.conftest.browser",
}


def is_slow(test: pytest.Function) -> bool:
    """Tell whether a test, as it was collected, is slow."""
    fixtures = [found[-1].func for found in test._fixtureinfo.name2fixturedefs.values()]
    parameters = test.callspec.params.values() if hasattr(test, "callspec") else ()
    return "postgresql" in parameters or any(map(_comes_to_a_start, (test.function, *fixtures, *parameters)))


def _comes_to_a_start(value: object) -> bool:
    return any(map(_starts, _functions(value)))


@cache
def _starts(function: FunctionType) -> bool:
    met, left = set[FunctionType](), [function]
    while left:
        one = left.pop()
        if f"{one.__module__}.{one.__qualname__}" in STARTS:
            return True
        if one not in met and one.__module__.startswith("tests."):
            met.add(one)
            used = [one.__globals__.get(name) for name in _names(one.__code__)]
            if any(one is subprocess for one in used):
                return True
            left += [found for value in used for found in _functions(value)]
    return False


def _functions(value: object) -> Iterator[FunctionType]:
    """Yield a function, the one behind a decorated one, the methods of a class of the tests, and what a table holds."""
    if isinstance(value, Mapping):
        value = [*value.values()]
    elif inspect.isclass(value):
        value = [*vars(value).values()] if value.__module__.startswith("tests.") else None
    if isinstance(value, list | tuple):
        for one in value:
            yield from _functions(one)
    elif callable(value):
        plain = inspect.unwrap(getattr(getattr(value, "hypothesis", value), "inner_test", value))
        if isinstance(plain, FunctionType):
            yield plain


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that code uses, and those of the functions inside it."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
