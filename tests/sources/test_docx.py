"""Word documents: headings by their styles, what is shown and nothing else, and no bomb or lock goes off."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UnreadableReview
from rag.sources import docx
from rag.sources.source_file import SourceFile
from rag.types import Review

STYLES = """
<w:style w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="berschrift2"><w:name w:val="heading 2"/><w:basedOn w:val="berschrift1"/></w:style>
<w:style w:styleId="Mine"><w:name w:val="My heading"/><w:basedOn w:val="berschrift1"/></w:style>
<w:style w:styleId="Verzeichnis1"><w:name w:val="toc 1"/></w:style>
"""
NIGHT = "Moths come to lamps at night in every town that was looked at, and nobody knows what they want there."
DAY = "By day they sit on walls of the same colour as they are, where few of the many who pass by ever see them."


def paragraph(words: str, style: str = "", run: str = "") -> str:
    named = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{named}<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r></w:p>'


def document(body: str, **others: str) -> bytes:
    spaces = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:m="urn:math"'
    parts = {"document": f"<w:document {spaces}><w:body>{body}</w:body></w:document>"}
    parts["styles"] = f"<w:styles {spaces}>{STYLES}</w:styles>"
    parts |= {name: f"<w:{name} {spaces}>{content}</w:{name}>" for name, content in others.items() if name != "title"}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        for name, content in parts.items():
            package.writestr(f"word/{name}.xml", content)
        if "title" in others:
            package.writestr("docProps/core.xml", f'<c xmlns:dc="urn:dc"><dc:title>{others["title"]}</dc:title></c>')
    return packed.getvalue()


def read(content: bytes) -> Review:
    file = SourceFile("lamps.docx", content)
    assert docx.recognises(file)
    (review,) = docx.read(file).reviews
    return review


def words(review: Review, heading: str) -> str:
    (found,) = (section for section in review.sections if section.heading == heading)
    return review.text[found.start : found.end]


MANUSCRIPT = (
    paragraph("Lamps at dusk: a review", "Titel")
    + paragraph("Ann Wick, Bo Flint")
    + paragraph("1 Introduction\t3", "Verzeichnis1")
    + paragraph("Abstract", "berschrift1")
    + paragraph(NIGHT)
    + paragraph("Methods", "Mine")
    + paragraph("Lamps", "berschrift2")
    + f"<w:p><w:r><w:t>{DAY} We lit 10</w:t></w:r>"
    "<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>3</w:t></w:r>"
    "<w:ins><w:r><w:t> white</w:t></w:r></w:ins><w:del><w:r><w:delText> black</w:delText></w:r></w:del>"
    "<w:r><w:t> lamps of TNF</w:t><w:noBreakHyphen/><w:sym w:font='Symbol' w:char='F061'/></w:r>"
    "<w:r><w:rPr><w:vanish/></w:rPr><w:t> in secret</w:t></w:r><w:r><w:t>.</w:t></w:r></w:p>"
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Lamp</w:t></w:r></w:p></w:tc>"
    "<w:tc><w:p><w:r><w:t>Moths</w:t></w:r></w:p></w:tc></w:tr>"
    "<w:tr><w:tc><w:p><w:r><w:t>white</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>80</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    + paragraph("References", "berschrift1")
    + f"<w:sdt><w:sdtContent>{paragraph('Roe M. Lamps. J Lamp. 1999;1:1.')}</w:sdtContent></w:sdt>"
)


def test_a_manuscript_is_read_by_its_styles() -> None:
    review = read(document(MANUSCRIPT, title="Untitled form of the journal"))
    assert (review.title, review.authors) == ("Lamps at dusk: a review", ("Ann Wick", "Bo Flint"))
    assert words(review, "Abstract") == NIGHT
    assert words(review, "References") == "Roe M. Lamps. J Lamp. 1999;1:1."
    assert "1 Introduction" not in review.text


def test_what_was_inserted_is_read_and_what_was_deleted_or_hidden_is_not() -> None:
    said = words(read(document(MANUSCRIPT)), "Lamps")
    assert f"{DAY} We lit 10^3 white lamps of TNF-α." in said
    assert said.endswith("Lamp: white; Moths: 80")


def test_a_title_among_the_properties_is_one_if_the_text_has_it() -> None:
    body = (
        paragraph("Draft of May") + paragraph("Lamps at dusk") + paragraph("Results", "berschrift1") + paragraph(NIGHT)
    )
    assert read(document(body, title="Lamps at dusk")).title == "Lamps at dusk"
    assert read(document(body, title="Microsoft Word - draft")).title == "Draft of May"


NAMES = paragraph("A. Wick a, *, B. Flint b") + paragraph("a School of Lamps, Oslo") + paragraph("Abstract")
LARGE = '<w:sz w:val="32"/>'


@pytest.mark.parametrize(
    "head",
    [
        paragraph("ORIGINAL ARTICLE") + paragraph("Moths and lamps: a long story", run="<w:b/>") + NAMES,
        paragraph("Original article") + paragraph("Moths and lamps: a long story") + NAMES,
        paragraph("Manuscript 7") + paragraph("Moths and lamps: a long story", run=LARGE) + NAMES,
        paragraph("Review of the year in lamps") + paragraph("Moths and lamps: a long story", run=LARGE) + NAMES,
        paragraph("Journal of Lamps 2019; 33: 45") + paragraph("Moths and lamps: a long story", run="<w:b/>") + NAMES,
        paragraph("Title page", run="<w:b/>") + paragraph("Title: Moths and lamps: a long story") + NAMES,
        paragraph("Moths and lamps: a long story", run="<w:b/>") + paragraph("Told at night", run="<w:b/>") + NAMES,
    ],
)
def test_a_title_is_told_by_its_type_or_by_the_names_below_it(head: str) -> None:
    review = read(document(head + paragraph(NIGHT)))
    assert (review.title, review.authors) == ("Moths and lamps: a long story", ("A. Wick", "B. Flint"))
    quotable = [review.text[one.start : one.end] for one in review.sections if one.kind in {"abstract", "body"}]
    assert quotable == [NIGHT]


def test_a_kind_of_article_is_no_title_and_a_heading_of_the_text_neither() -> None:
    one = paragraph("REVIEW") + paragraph("What moths make of lamps") + paragraph("Ann Wick") + paragraph(NIGHT)
    assert read(document(one)).title == "What moths make of lamps"
    other = paragraph("Lamps at dusk") + paragraph("Moths on walls", run="<w:b/>") + paragraph(NIGHT)
    assert read(document(other)).title == "Lamps at dusk"
    assert read(document(paragraph("Lamps") + paragraph("Ann Wick") + paragraph(NIGHT))).title == "Lamps"


def test_bold_lines_are_headings_where_no_style_is_used() -> None:
    body = paragraph("Lamps at dusk", run="<w:b/>") + paragraph("Background", run="<w:b/>") + paragraph(NIGHT)
    review = read(document(body + paragraph("Moths on walls", run="<w:b/>") + paragraph(DAY)))
    assert review.title == "Lamps at dusk"
    assert (words(review, "Background"), words(review, "Moths on walls")) == (NIGHT, DAY)


def test_notes_follow_and_text_boxes_are_told_once() -> None:
    box = "<mc:{0}><w:txbxContent>{1}</w:txbxContent></mc:{0}>"
    boxes = box.format("Choice", paragraph(DAY)) + box.format("Fallback", paragraph(DAY))
    body = (
        f'<w:p xmlns:mc="urn:mc"><w:r><w:t>{NIGHT}</w:t><mc:AlternateContent>{boxes}</mc:AlternateContent></w:r></w:p>'
    )
    notes = (
        '<w:footnote w:type="separator"><w:p/></w:footnote><w:footnote w:id="1">'
        + paragraph("Of glass.")
        + "</w:footnote>"
    )
    review = read(document(paragraph("Lamps", "Titel") + body, footnotes=notes))
    assert review.text.count(DAY) == 1
    assert words(review, "Footnotes") == "Of glass."


def test_a_document_that_cannot_be_read_is_refused_with_the_reason() -> None:
    whole = document(MANUSCRIPT)
    with pytest.raises(UnreadableReview, match="damaged"):
        docx.read(SourceFile("x.docx", whole[:-200]))
    with pytest.raises(UnreadableReview, match="without text"):
        docx.read(SourceFile("x.docx", document("")))
    locked = bytearray(whole)
    for at in (whole.index(b"PK\x03\x04", 4) + 6, whole.rindex(b"PK\x01\x02", 0, whole.rindex(b"PK\x01\x02")) + 8):
        locked[at] |= 1
    with pytest.raises(UnreadableReview, match="password"):
        docx.read(SourceFile("x.docx", bytes(locked)))


def test_a_document_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package, package.open("word/document.xml", "w") as part:
        for _ in range(201):
            part.write(bytes(1_000_000))
    with pytest.raises(UnreadableReview, match="200 MB"):
        docx.read(SourceFile("bomb.docx", packed.getvalue()))


@pytest.mark.parametrize("content", [b"PK\x03\x04 ppt/slides", b"\xd0\xcf\x11\xe0", b"# Lamps", b""])
def test_what_is_no_word_document_is_left_to_other_readers(content: bytes) -> None:
    assert not docx.recognises(SourceFile("x.docx", content))


@given(st.lists(st.tuples(st.integers(0, 3_000), st.binary(max_size=3)), min_size=1, max_size=6), st.booleans())
def test_any_change_of_a_document_is_read_or_refused(changes: list[tuple[int, bytes]], inside: bool) -> None:
    content = bytearray(MANUSCRIPT.encode() if inside else document(MANUSCRIPT))
    for at, put in changes:
        content[at : at + 2] = put
    whole = document(content.decode("utf-8", "replace")) if inside else bytes(content)
    try:
        (review,) = docx.read(SourceFile("x.docx", whole)).reviews
    except UnreadableReview:
        return
    end = 0
    for section in review.sections:
        assert end <= section.start < section.end <= len(review.text)
        end = section.end
