"""Tables as R keeps them (`saveRDS`): enough of its serialisation, version 2 and 3, to read their columns."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path
from typing import Any

# Kinds of objects, by the numbers that R's `serialize.c` gives them.
_SYMBOL, _PAIRS, _TEXT, _LOGICAL, _INTEGER, _REAL, _TEXTS, _LIST, _POINTER = 1, 2, 9, 10, 13, 14, 16, 19, 22
_NOTHING, _SEEN = 254, 255
_NUMBERS = {_LOGICAL: "i", _INTEGER: "i", _REAL: "d"}
_HAS_ATTRIBUTES, _HAS_TAG = 512, 1024


def read_table(path: Path) -> dict[str, list[Any]]:
    """Return the columns of a data frame by their names; ValueError for what holds anything but texts and numbers."""
    return _Reader(gzip.decompress(path.read_bytes())).table()


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 2  # after "X\n"
        self._seen: list[Any] = []

    def table(self) -> dict[str, list[Any]]:
        version, *_ = (self._integer() for _ in range(3))
        if version == 3:  # It names the encoding.
            self._take(self._integer())
        columns, attributes = self._item()
        return dict(zip(attributes["names"], columns, strict=True))

    def _take(self, size: int) -> bytes:
        self._at += size
        return self._content[self._at - size : self._at]

    def _integer(self) -> int:
        number: int = struct.unpack(">i", self._take(4))[0]
        return number

    def _item(self) -> Any:
        flags = self._integer()
        kind = flags & 255
        if kind == _SEEN:
            return self._seen[(flags >> 8) - 1]
        if kind == _PAIRS:
            return self._pairs(flags)
        value = self._value(kind)
        return (value, self._item()) if flags & _HAS_ATTRIBUTES else value

    def _value(self, kind: int) -> Any:
        if kind == _NOTHING:
            return None
        if kind == _TEXT:
            size = self._integer()
            return None if size < 0 else self._take(size).decode()
        if kind in (_TEXTS, _LIST):
            return [self._item() for _ in range(self._integer())]
        if kind in _NUMBERS:
            count, letter = self._integer(), _NUMBERS[kind]
            return list(struct.unpack(f">{count}{letter}", self._take(count * struct.calcsize(letter))))
        return self._remembered(kind)

    def _remembered(self, kind: int) -> Any:
        """Return what later parts refer to by its number: a symbol, or a pointer, which means nothing here."""
        if kind == _SYMBOL:
            self._seen.append(self._item())
            return self._seen[-1]
        if kind == _POINTER:
            self._seen.append(None)
            return [self._item(), self._item()][:0] or None
        raise ValueError(f"object of kind {kind} at byte {self._at}: neither text nor number")

    def _pairs(self, flags: int) -> dict[str, Any]:
        tag = self._item() if flags & _HAS_TAG else ""
        value = self._item()
        return {tag: value} | (self._item() or {})
