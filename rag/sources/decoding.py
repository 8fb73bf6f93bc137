"""The bytes of a file as text, or the reason why they are none. Line ends and white space stay as they are."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from pathlib import Path

from rag.errors import UnreadableReview

LARGEST_FILE = 100_000_000  # bytes
MOST_LINES = 2_000_000

_SAMPLE = 65_536  # bytes or characters in which control characters are counted

_BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NO_TEXT = "\ufeff\u200b\u200c\u200d\u2060"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_WESTERN_SIGNS = frozenset("‘’“”„–—•…·°±×÷µ®©™§¶«»†‡€£¥¹²³¼½¾ªº¡¿\u00a0\u00ad")


def read_bytes(path: Path, name: str) -> bytes:
    """Return the content of a file; raise UnreadableReview that names it where that cannot be had."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise UnreadableReview(f"{name}: the file has {size / 1e6:.1f} MB, the limit is {LARGEST_FILE // 10**6} MB")
        with path.open("rb") as file:
            return file.read(LARGEST_FILE)
    except OSError as error:
        raise UnreadableReview(f"{name}: the file cannot be opened ({error.strerror or error})") from error


def decode(content: bytes, name: str) -> str:
    """Return the text that bytes are, without its byte order mark; raise UnreadableReview that names the file."""
    text = _decode(content, name)
    if reason := _refusal(text):
        raise UnreadableReview(f"{name}: the file {reason}")
    return text


def _decode(content: bytes, name: str) -> str:
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _decode_as(encoding, content[len(bom) :], name)
    if _is_binary(content[:_SAMPLE].decode("latin-1")):
        raise UnreadableReview(f"{name}: the file is binary, not text")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if text := _western(content):
            return text
        raise UnreadableReview(
            f"{name}: the file is not UTF-8 text (byte {error.start + 1} does not fit); save it as UTF-8"
        ) from error


def _decode_as(encoding: str, content: bytes, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"{name}: the file is marked as {encoding[:6].upper()} but does not decode as that; save it as UTF-8"
        raise UnreadableReview(message) from error


def _western(content: bytes) -> str | None:
    """Return content as Windows-1252, the superset of printable Latin-1, if that gives plausible text."""
    if _is_broken_utf8(content):
        return None
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None
    foreign = [character for character in text if not character.isascii()]
    plausible = all(character.isalpha() or character in _WESTERN_SIGNS for character in foreign)
    return text if plausible and len(foreign) < len(text) / 5 and not _CONTROL.search(text) else None


def _is_broken_utf8(content: bytes) -> bool:
    """Return whether most characters beyond ASCII are UTF-8: decoded otherwise they would read "â€™"."""
    text = content.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    return sum(not character.isascii() for character in text) - broken > broken


def _refusal(text: str) -> str | None:
    """Return why a decoded file is no review, as the end of a sentence that begins with "the file"."""
    if not text.strip().strip(_NO_TEXT).strip():
        return "is empty"
    if _is_binary(text[:_SAMPLE]):
        return "is binary, not text"
    if text.count("\n") + text.count("\r") > MOST_LINES:
        return f"has more than {MOST_LINES:,} lines"
    return None


def _is_binary(text: str) -> bool:
    counts = Counter(text).items()
    unassigned = sum(count for character, count in counts if unicodedata.category(character) == "Cn")
    return len(_CONTROL.findall(text)) + unassigned > 1 + len(text) / 100
