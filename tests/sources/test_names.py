"""A line that is the name of an author is known as one."""

from __future__ import annotations

import pytest

from rag.sources.names import is_cited_name


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Goodman DW.", True),
        ("van Dijk J.", True),
        ("Vitamin D", False),
        ("Goodman and others.", False),
        ("Aim", False),
    ],
)
def test_the_name_of_one_author_is_known_as_it_is_cited(text: str, is_one: bool) -> None:
    assert is_cited_name(text) is is_one
