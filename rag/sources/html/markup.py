"""The bytes of a web page as a tree of elements, without what a browser does not show."""

from __future__ import annotations

import codecs
import email
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from rag.sources.lines import listed

# lxml's elements; its stubs know them less well than the documentation does.
Element = Any

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEAD = 4_096  # bytes in which a page names its encoding and begins
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_BEGINNING = re.compile(
    r"\s*(?:<\?xml\b[^>]{0,200}>\s*|<!--.{0,1000}?-->\s*)*<(?:!doctype\s+html\b|html\b|head\b|body\b)",
    re.IGNORECASE | re.DOTALL,
)
_MAIL = re.compile(rb"[\w-]{1,40}:\s")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff\ufffe\uffff]")
_TOO_DEEP = "Excessive depth"
_DEEPEST = 200  # of 256 levels that libxml2 goes down; below, it drops the rest of the page

_NEVER_TEXT = listed("""
    script | style | noscript | template | head | iframe | object | embed | svg | canvas | video | audio | map | button
    | select | option | datalist | input | textarea | label | dialog | menu | progress | nav | footer | aside
""")
_FRAME_ROLES = listed("""
    navigation | banner | contentinfo | complementary | search | dialog | alertdialog | menu | menubar | toolbar
    | tablist | tooltip
""")
_FOR_SCREEN_READERS = listed("""
    sr-only | usa-sr-only | visually-hidden | u-visually-hidden | screen-reader-text | screenreader | mw-editsection
""")
_FOOT = re.compile(r"(?:page|site|global)?[-_]?footer", re.IGNORECASE)
_INVISIBLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def decode(content: bytes) -> str:
    """Return a page's text by its byte order mark, by the encoding that it names, as UTF-8 or as Windows-1252."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    for encoding in (*_named_encodings(content[:_HEAD]), "utf-8"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return content.decode("cp1252", "replace")


def _named_encodings(head: bytes) -> Iterator[str]:
    for match in _CHARSET.finditer(head):
        name = match[1].decode("ascii", "replace").lower()
        # What calls itself Latin-1 or ASCII is read as Windows-1252, as browsers do.
        yield "cp1252" if name in {"iso-8859-1", "latin1", "us-ascii", "ascii"} else name


def is_page(content: bytes) -> bool:
    """Return whether content begins as a web page does."""
    return bool(_BEGINNING.match(decode(content[:_HEAD])))


def is_mhtml(content: bytes) -> bool:
    """Return whether content is a page that a browser saved with all that belongs to it, in the form of a mail."""
    head = content[:_HEAD].lower()
    return bool(_MAIL.match(head)) and b"mime-version:" in head and b"multipart/related" in head


def page_in_mhtml(content: bytes) -> bytes:
    """Return the page in MHTML, b"" where there is none."""
    for part in email.message_from_bytes(content).walk():
        if part.get_content_type() in {"text/html", "application/xhtml+xml"}:
            page = part.get_payload(decode=True)
            charset = part.get_content_charset()
            if isinstance(page, bytes):
                return _as_utf8(page, charset) if charset else page
    return b""


def _as_utf8(page: bytes, charset: str) -> bytes:
    try:
        return codecs.BOM_UTF8 + page.decode(charset, "replace").encode("utf-8", "replace")
    except (LookupError, ValueError):
        return page


def parse(content: bytes) -> Element | None:
    """Return the root of a page's tree; None where there is no element."""
    return _parse(_CONTROL.sub(" ", decode(content)))


def _parse(text: str, *, flattened: bool = False) -> Element | None:
    from lxml import etree
    from lxml.html import HTMLParser as TreeParser
    from lxml.html import document_fromstring

    parser = TreeParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.LxmlError:
        return None
    if not flattened and any(_TOO_DEEP in entry.message for entry in parser.error_log):
        return _parse(_flattened(text), flattened=True)
    return root


def _flattened(text: str) -> str:
    """Return a page's markup without the tags that are nested so deep that the tree's parser would stop there."""
    flat = _Flat()
    flat.feed(text)
    flat.close()
    return "".join(flat.written)


class _Flat(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.written: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(self._open) < _DEEPEST:
            self.written.append(self.get_starttag_text() or "")
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        self.written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.written.append(data)

    def handle_entityref(self, name: str) -> None:
        self.written.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.written.append(f"&#{name};")


def shown_text(text: str | None) -> str:
    """Return text without characters that are not shown: controls, and where a word may be divided."""
    return _UNSEEN.sub("", _CONTROL.sub(" ", text or ""))


def is_shown(element: Element) -> bool:
    """Return whether an element is part of what a page says: shown, and neither a control nor navigation."""
    if element.tag in {"html", "body"}:
        return True
    if element.tag in _NEVER_TEXT or element.get("role") in _FRAME_ROLES or _FOOT.fullmatch(element.get("id") or ""):
        return False
    hidden = element.get("hidden") is not None or element.get("aria-hidden") == "true"
    return not (hidden or _INVISIBLE.search(element.get("style") or "") or names(element) & _FOR_SCREEN_READERS)


def local_name(element: Element) -> str:
    """Return an element's name without the prefix that MathML may have."""
    name = str(element.tag).rpartition(":")[2]
    return name if name.isascii() and name.isalnum() else "unnamed"


def names(element: Element) -> set[str]:
    """Return the classes of an element."""
    return set((element.get("class") or "").split())
