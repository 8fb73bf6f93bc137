"""The pages of a PDF as pictures, the words of a quote marked."""

from __future__ import annotations

import ctypes
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby, pairwise
from statistics import median
from typing import TYPE_CHECKING

from rag.sources.pdf.pages import HYPHEN, UNNAMED, Unreadable, opened, text_page
from rag.types import Review

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage, PdfTextPage

_WIDTH, _TALLEST = 1_000, 4_000  # pixels
_MARK = (255, 221, 0, 96)
_UNNAMED_LETTERS = f"fil{UNNAMED}"
_FINE = 1_000_000  # steps to a page's side in which places on it are told
# Of a character's height: how far apart characters of one box are, and how much of it they share.
_GAP, _SHARED = 2.0, 0.5


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a page, from 1, as shares of its width from the left and of its height from the top, as it is shown."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


def quote_boxes(content: bytes, review: Review, start: int, end: int) -> tuple[Box, ...]:
    """Return the boxes around `review.text[start:end]` on the pages of its PDF, line by line; () for another file."""
    found: list[Box] = []
    try:
        with opened(content) as document:
            for page, letters in _letters(review, start, end).items():
                if page <= len(document):
                    with text_page(document, page) as (shown, text):
                        found += _lines(list(_boxes(page, shown, text, letters)))
    except Unreadable:
        return ()
    return tuple(found)


def page_pictures(content: bytes, review: Review, start: int, end: int) -> tuple[bytes, ...]:
    """Return the pages on which `review.text[start:end]` stands as PNG, its words marked; () for another file."""
    boxes = quote_boxes(content, review, start, end)
    if not boxes:
        return ()
    with opened(content) as document:
        pictures = []
        for page, marked in groupby(boxes, key=lambda box: box.page):
            with text_page(document, page) as (shown, _):
                pictures.append(_png(_marked(_picture(shown), list(marked))))
    return tuple(pictures)


def _letters(review: Review, start: int, end: int) -> dict[int, list[tuple[int, str]]]:
    """Return the letters of a quote by page, each with its number there."""
    starts = [place[0] for place in review.places]
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for offset in range(start, min(end, len(review.text))):
        run = bisect_right(starts, offset) - 1
        if run >= 0 and not review.text[offset].isspace():
            at, page, number = review.places[run]
            found[page].append((number + offset - at, review.text[offset]))
    return found


def _boxes(number: int, page: PdfPage, text: PdfTextPage, letters: Sequence[tuple[int, str]]) -> Iterator[Box]:
    """Yield the boxes of the letters that stand where they are said to; what was put between them does not."""
    import pypdfium2.raw as pdfium

    box, count = pdfium.FS_RECTF(), text.count_chars()
    for place, letter in letters:
        if place < count and _is_written(letter, chr(pdfium.FPDFText_GetUnicode(text.raw, place))):
            pdfium.FPDFText_GetLooseCharBox(text.raw, place, box)
            corners = [_shown(page, box.left, box.top), _shown(page, box.right, box.bottom)]
            (left, right), (top, bottom) = map(sorted, zip(*corners, strict=True))
            yield Box(number, left, top, right, bottom)


def _is_written(letter: str, printed: str) -> bool:
    """Tell whether a letter is that of the page, on which ligatures, hyphens and accents are of another form."""
    return letter == printed or (
        letter in unicodedata.normalize("NFKC", printed)
        or (letter == "-" and printed in (HYPHEN, "\xad"))
        or (letter in _UNNAMED_LETTERS and printed == "\0")
        or unicodedata.normalize("NFD", letter)[0] in (printed, "i" if printed == "ı" else "")
    )


def _shown(page: PdfPage, x: float, y: float) -> tuple[float, float]:
    """Return a place on a page, which may be turned or cropped, as it is shown."""
    import pypdfium2.raw as pdfium

    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, _FINE, _FINE, 0, x, y, across, down)
    return across.value / _FINE, down.value / _FINE


def _lines(letters: Sequence[Box]) -> Iterator[Box]:
    """Yield one box for neighbouring letters of a line."""
    steps = [(abs(b.left - a.left), abs(b.top - a.top)) for a, b in pairwise(letters)]
    upright = not steps or median(across for across, _ in steps) >= median(down for _, down in steps)
    line: Box | None = None
    for box in letters:
        if line and _beside(line, box, upright=upright):
            sides = min(line.left, box.left), min(line.top, box.top), max(line.right, box.right)
            line = Box(line.page, *sides, max(line.bottom, box.bottom))
        else:
            yield from [line] if line else []
            line = box
    yield from [line] if line else []


def _beside(line: Box, box: Box, *, upright: bool) -> bool:
    """Tell whether a letter is next to a line, on the same height; on a page that is turned, its lines are upright."""
    down = (line.top, line.bottom), (box.top, box.bottom)
    along = (line.left, line.right), (box.left, box.right)
    across, onwards = (down, along) if upright else (along, down)
    height = across[1][1] - across[1][0]
    return _gap(*across) < -_SHARED * height and _gap(*onwards) < _GAP * height


def _gap(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return how far apart two stretches are; less than nothing where they overlap."""
    return max(one[0], other[0]) - min(one[1], other[1])


def _picture(page: PdfPage) -> Image:
    scale = min(_WIDTH / max(page.get_width(), 1), _TALLEST / max(page.get_height(), 1))
    picture: Image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGBA")
    return picture


def _marked(picture: Image, boxes: Sequence[Box]) -> Image:
    from PIL import Image, ImageDraw

    marks = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(marks)
    for box in boxes:
        sides = (
            box.left * picture.width,
            box.top * picture.height,
            box.right * picture.width,
            box.bottom * picture.height,
        )
        draw.rectangle(sides, fill=_MARK)
    return Image.alpha_composite(picture, marks).convert("RGB")


def _png(picture: Image) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()
