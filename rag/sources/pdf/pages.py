"""The pages of a PDF as PDFium reads them: their printed characters, each with its place."""

from __future__ import annotations

import ctypes
import math
import re
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from threading import RLock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rag.sources.lines import squeeze

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MOST_PAGES = 2_000
ENCRYPTED = "is encrypted; save it without its password"
DAMAGED = "is a damaged PDF"

# PDFium is not thread-safe: all that calls it holds this.
_LOCK = RLock()
_BOLD = re.compile(r"bold|black|heavy|demi|cmbx|sfbx|[-.,]b(?![a-z])", re.IGNORECASE)
_BOLD_WEIGHT = 600
_LONGEST_FONT_NAME = 200
# The last two are those of Springer Nature, Elsevier and Wiley.
_FIELDS = ("Title", "Author", "Subject", "Keywords", "doi", "WPS-ARTICLEDOI")
_MOST_IMAGES = 500
# PDFium's sign for a hyphen at the end of a line.
HYPHEN = "\x02"
# A character that its font gives no name.
UNNAMED = "\ufffd"
_SIGNS = frozenset([HYPHEN, "\xad"])
# Accents that fonts hold as characters of their own, and the letters that they may stand over.
_ACCENTS = {"´": "\u0301", "`": "\u0300", "¨": "\u0308", "ˆ": "\u0302", "^": "\u0302", "˜": "\u0303"} | {
    "ˇ": "\u030c", "¸": "\u0327", "˚": "\u030a", "¯": "\u0304", "˘": "\u0306", "˙": "\u0307", "˝": "\u030b"
}  # fmt: skip
_DOTLESS = {"ı": "i", "ȷ": "j"}
# Of a character's size: how far an accent stands from its letter's line, and a copy of a letter from it.
_SAME_LINE, _TWICE = 0.6, 0.15
_LIGATURE = 3  # letters
# Points; the format knows no larger page.
_FARTHEST = 20_000
# Of a turn's quarter: writing further off its main directions is a stamp or part of a drawing.
_ASLANT = 0.05
# Points; a font that states a size beyond these is measured by its characters' boxes.
_SMALLEST, _LARGEST = 1.0, 300.0


class Unreadable(Exception):
    """A PDF that cannot be opened; the message ends a sentence that begins with "the file"."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The printed characters of a page in the order in which PDFium counts them.

    Lengths are in points; `left`, `right` and `base` from the top left as the page is read, upright. `number` is the
    place of a character in PDFium's count, `font` that of its font in the document's, `spaced` tells of white space
    before it.
    """

    page: int
    text: str
    number: Ints
    left: Floats
    right: Floats
    base: Floats
    size: Floats
    bold: Flags
    font: Ints
    spaced: Flags
    width: float
    height: float

    def only(self, kept: Flags) -> Glyphs:
        """Return some of the characters."""
        if kept.all():
            return self
        names = ("number", "left", "right", "base", "size", "bold", "font", "spaced")
        text = "".join(letter for letter, stays in zip(self.text, kept, strict=True) if stays)
        return replace(self, text=text, **{name: getattr(self, name)[kept] for name in names})


@dataclass(slots=True)
class Fonts:
    """The fonts of a document, numbered by name."""

    numbers: dict[str, int] = field(default_factory=dict)

    def of(self, font: Any) -> tuple[int, bool]:
        """Return a font's number and whether it is bold."""
        import pypdfium2.raw as pdfium

        buffer = ctypes.create_string_buffer(_LONGEST_FONT_NAME)
        pdfium.FPDFFont_GetBaseFontName(font, buffer, _LONGEST_FONT_NAME)
        name = buffer.value.decode("latin-1")
        bold = bool(_BOLD.search(name)) or pdfium.FPDFFont_GetWeight(font) >= _BOLD_WEIGHT
        return self.numbers.setdefault(name, len(self.numbers)), bold


@contextmanager
def opened(content: bytes) -> Iterator[PdfDocument]:
    """Open a PDF, for one thread at a time; raise Unreadable."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(content)
        except pypdfium2.PdfiumError as error:
            locked = error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
            raise Unreadable(ENCRYPTED if locked else DAMAGED) from error
        with document:
            if not 0 < len(document) <= MOST_PAGES:
                raise Unreadable(f"has {len(document):,} pages; {MOST_PAGES:,} are the most" if document else DAMAGED)
            yield document


@contextmanager
def text_page(document: PdfDocument, number: int) -> Iterator[tuple[PdfPage, PdfTextPage]]:
    """Open a page, from 1, and its text; raise PdfiumError."""
    page = document[number - 1]
    try:
        yield page, page.get_textpage()
    finally:
        page.close()


def metadata(document: PdfDocument) -> dict[str, str]:
    """Return the fields of a document that may tell what it is."""
    found = {}
    for key in _FIELDS:
        with suppress(UnicodeDecodeError):
            found[key] = squeeze(document.get_metadata_value(key))
    return found


def covered_by_image(page: PdfPage) -> bool:
    """Tell a page of which images cover more than half."""
    import pypdfium2.raw as pdfium

    left, bottom, right, top = page.get_bbox()
    covered = 0.0
    for image in islice(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3), _MOST_IMAGES):
        box = image.get_bounds()
        covered += max(min(box[2], right) - max(box[0], left), 0) * max(min(box[3], top) - max(box[1], bottom), 0)
    return bool(covered > (right - left) * (top - bottom) / 2)


def glyphs(page: PdfPage, text: PdfTextPage, number: int, fonts: Fonts) -> Glyphs:
    """Return the printed characters that stand on a page, those that are written in its main direction."""
    import pypdfium2.raw as pdfium

    count, raw = text.count_chars(), text.raw
    codes = np.fromiter((pdfium.FPDFText_GetUnicode(raw, place) for place in range(count)), np.int64, count)
    codes[(codes == 0) | (codes > sys.maxunicode)] = ord(UNNAMED)
    places = np.flatnonzero([_is_printed(code) for code in codes])
    boxes, origins = np.nan_to_num(_boxes(raw, places)), np.nan_to_num(_origins(raw, places))
    sizes, angles, bold, kinds = _styles(raw, places, fonts)
    angle = int(np.bincount(angles + 1).argmax()) - 1 if len(places) else 0
    frame = np.array(page.get_bbox()).reshape(2, 2)
    inside = ((frame[0] - 1 <= origins) & (origins <= frame[1] + 1)).all(axis=1)
    kept = (angles == angle) & inside & (np.abs(boxes) < _FARTHEST).all(axis=1)
    turned = _turned(frame, angle)
    corner = turned.min(axis=0)
    sides = np.sort(np.stack([_turned(boxes[:, :2], angle)[:, 0], _turned(boxes[:, 2:], angle)[:, 0]]), axis=0)
    heights = np.abs(_turned(boxes[:, :2], angle)[:, 1] - _turned(boxes[:, 2:], angle)[:, 1])
    found = Glyphs(
        page=number,
        text="".join(map(chr, codes[places])),
        number=places,
        left=sides[0] - corner[0],
        right=sides[1] - corner[0],
        base=_turned(origins, angle)[:, 1] - corner[1],
        size=np.where((sizes > _SMALLEST) & (sizes < _LARGEST), sizes, np.maximum(heights, _SMALLEST)),
        bold=bold,
        font=kinds,
        spaced=np.diff(places, prepend=-1) > 1,
        width=float(np.ptp(turned[:, 0])),
        height=float(np.ptp(turned[:, 1])),
    )
    return _composed(_once(found.only(kept)))


def _once(page: Glyphs) -> Glyphs:
    """Return a page with what is printed twice, a little apart to look bold, once."""
    codes = np.array(list(map(ord, page.text)), np.int64)
    order = np.lexsort((page.left, page.base.round(), codes))
    near = _TWICE * page.size[order[1:]]
    steps = np.abs(np.diff(np.stack([page.left, page.base])[:, order]))
    again = (np.diff(codes[order]) == 0) & (steps < near).all(axis=0)
    # The letters of a ligature stand in one place, too.
    again &= np.abs(np.diff(page.number[order])) > _LIGATURE
    kept = np.ones(len(codes), bool)
    kept[np.maximum(order[1:], order[:-1])[again]] = False
    return page.only(kept)


def _composed(page: Glyphs) -> Glyphs:
    """Return a page on which an accent that is printed over a letter is part of it, as in a file that TeX wrote."""
    letters, kept, spaced = list(page.text), np.ones(len(page.text), bool), page.spaced.copy()
    for place in [place for place, letter in enumerate(letters) if letter in _ACCENTS]:
        middle = (page.left[place] + page.right[place]) / 2
        near = np.abs(page.base - page.base[place]) < _SAME_LINE * page.size[place]
        for under in np.flatnonzero(near & (page.left < middle) & (middle < page.right)).tolist():
            letter = _DOTLESS.get(letters[under], letters[under]) + _ACCENTS[letters[place]]
            if under != place and len(letter := unicodedata.normalize("NFC", letter)) == 1:
                letters[under], kept[place] = letter, False
                spaced[under] |= under == place + 1 and spaced[place]
                break
    return replace(page, text="".join(letters), spaced=spaced).only(kept)


def _is_printed(code: int) -> bool:
    letter = chr(code)
    return letter in _SIGNS or (letter.isprintable() and letter != " ")


def _boxes(raw: Any, places: Ints) -> Floats:
    """Return left, bottom, right and top of characters, as wide as they advance."""
    import pypdfium2.raw as pdfium

    box, sides, found = pdfium.FS_RECTF(), pdfium.FPDFText_GetLooseCharBox, list[float]()
    for place in places.tolist():
        sides(raw, place, box)
        found += (box.left, box.bottom, box.right, box.top)
    return np.array(found).reshape(-1, 4)


def _origins(raw: Any, places: Ints) -> Floats:
    import pypdfium2.raw as pdfium

    x, y, origin, found = ctypes.c_double(), ctypes.c_double(), pdfium.FPDFText_GetCharOrigin, list[float]()
    for place in places.tolist():
        origin(raw, place, x, y)
        found += (x.value, y.value)
    return np.array(found).reshape(-1, 2)


def _styles(raw: Any, places: Ints, fonts: Fonts) -> tuple[Floats, Ints, Flags, Ints]:
    """Return size, direction (in quarters of a turn, -1 aslant), boldness and font of characters."""
    import pypdfium2.raw as pdfium

    matrix, last = pdfium.FS_MATRIX(), 0
    known: dict[int, tuple[int, bool]] = {}
    style, found = (0.0, 0, False, 0), []
    for place in places.tolist():
        obj = pdfium.FPDFText_GetTextObject(raw, place)
        handle = ctypes.c_void_p.from_buffer(obj).value or 0
        if handle != last and handle:
            last = handle
            pdfium.FPDFText_GetMatrix(raw, place, matrix)
            size = pdfium.FPDFText_GetFontSize(raw, place) * math.hypot(matrix.c, matrix.d)
            quarters = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
            quarters = quarters if math.isfinite(quarters) else _ASLANT
            font = pdfium.FPDFTextObj_GetFont(obj)
            if (key := ctypes.c_void_p.from_buffer(font).value or 0) not in known:
                known[key] = fonts.of(font)
            kind, bold = known[key]
            style = (size, round(quarters) % 4 if abs(quarters - round(quarters)) < _ASLANT else -1, bold, kind)
        found.append(style)
    sizes, angles, bolds, kinds = zip(*found, strict=True) if found else ((), (), (), ())
    return np.array(sizes, float), np.array(angles, np.int64), np.array(bolds, bool), np.array(kinds, np.int64)


def _turned(points: Floats, quarters: int) -> Floats:
    """Return points, from the bottom left, as a direction of writing has them: along it, and down from line to line."""
    along = np.array([math.cos(quarters * math.pi / 2), math.sin(quarters * math.pi / 2)]).round()
    down = np.array([along[1], -along[0]])
    return np.stack([points @ along, points @ down], axis=1)
