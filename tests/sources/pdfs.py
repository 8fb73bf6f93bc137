"""PDFs written by hand: words at places on pages, in two of the fonts that every reader has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 595, 842


@dataclass(frozen=True, slots=True)
class Words:
    """Words at a place, in points from the top left, of a size, bold or not."""

    left: float
    base: float
    text: str
    size: float = 10
    bold: bool = False


def column(left: float, base: float, lines: Sequence[str], size: float = 10, *, bold: bool = False) -> list[Words]:
    """Return lines one under another."""
    return [Words(left, base + 1.2 * size * place, line, size, bold) for place, line in enumerate(lines)]


def pdf(pages: Sequence[Sequence[Words]], fields: Mapping[str, str] | None = None, *, extra: str = "") -> bytes:
    """Return a PDF with words on its pages and fields of its own; `extra` goes into the dictionary of each page."""
    kids = " ".join(f"{6 + 2 * place} 0 R" for place in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        "<< " + " ".join(f"/{key} ({_escaped(value)})" for key, value in (fields or {}).items()) + " >>",
    ]
    fonts = "/Resources << /Font << /F0 3 0 R /F1 4 0 R >> >>"
    for place, words in enumerate(pages):
        content = "\n".join(map(_shown, words))
        box = f"/MediaBox [0 0 {WIDTH} {HEIGHT}]"
        objects += [
            f"<< /Type /Page /Parent 2 0 R {box} {fonts} {extra} /Contents {7 + 2 * place} 0 R >>",
            f"<< /Length {len(content.encode('cp1252'))} >>\nstream\n{content}\nendstream",
        ]
    return written(objects, "/Info 5 0 R")


def written(objects: Sequence[str], trailer: str = "") -> bytes:
    """Return a PDF of objects, the first of which is its catalogue."""
    file, places = b"%PDF-1.7\n", []
    for number, words in enumerate(objects, start=1):
        places.append(len(file))
        file += f"{number} 0 obj\n{words}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
    root = f"<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>"
    return file + f"{end}{root}\nstartxref\n{len(file)}\n%%EOF\n".encode("cp1252")


def _shown(words: Words) -> str:
    place = f"1 0 0 1 {words.left} {HEIGHT - words.base} Tm"
    return f"BT /F{int(words.bold)} {words.size} Tf {place} ({_escaped(words.text)}) Tj ET"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
