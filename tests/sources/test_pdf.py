"""PDFs: reading order, what stands around the text, facts where they are sure, places on the page, refusals."""

from __future__ import annotations

import unicodedata
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rag.errors import UnreadableReview
from rag.sources import pdf
from rag.sources.pdf.ligatures import with_ligatures
from rag.sources.pdf.pages import UNNAMED, Glyphs
from rag.sources.source_file import Reading, SourceFile
from rag.types import Review
from tests.sources.pdfs import HEIGHT, WIDTH, Words, column, written
from tests.sources.pdfs import pdf as made

LEFT, RIGHT = 50, 310
TITLE = [Words(50, 90, "Street lamps and the flight of hawk moths", 18)]
NAMES = [Words(50, 115, "Ann Wick, Bo Flint and Cy Tallow", 11)]
OPENING = [
    Words(50, 140, "Institute of Lamps, University of Dusk", 8),
    Words(50, 162, "doi: 10.5555/lamp.42", 8),
    Words(50, 180, "Abstract", 12, bold=True),
    *column(50, 196, ["Hawk moths turn towards lamps at dusk and pay for it with a night of feeding, as we", "show."]),
]
INTRODUCTION = [
    "Moths have flown by the moon for longer than",
    "there were lamps to mislead them, and a night",
    "without one is a night of long straight flights",
    "over hedges and ponds. We asked how much of a",
    "night a single lamp takes, and whether the col-",
    "our of its light makes any difference to moths",
    "of several sizes in a valley with few houses.",
]
METHODS = [
    "Lamps stood on poles of equal height along two",
    "lanes. Each moth was weighed, marked with ink",
    "and let go at dusk; flight-time was taken by two",
    "people who did not know the lamp. The colour of",
    "the light was changed each night by lot. Those",
    "moths that came back were weighed once more be-",
    "fore they were let go, and all of the flight-",
    "times of a night were written into one book.",
]
REFERENCES = [
    "1. Moor P, Hedge Q. Moths of the lanes. J Dusk 2001;3:4-9.",
    "2. Pole R. On lamps and their makers. doi: 10.5555/other.1",
    "3. Ink S, Book T. A night of weighing. J Dusk 2009;11:1-7.",
]


def paper() -> list[list[Words]]:
    """Return the pages of a paper in two columns."""
    return [
        [
            *TITLE,
            *NAMES,
            *OPENING,
            *[Words(LEFT, 240, "Introduction", 12, bold=True), *column(LEFT, 256, INTRODUCTION)],
            *[Words(RIGHT, 240, "Methods", 12, bold=True), *column(RIGHT, 256, METHODS)],
        ],
        [
            *[Words(LEFT, 60, "Results", 12, bold=True), *column(LEFT, 76, RESULTS)],
            *[Words(RIGHT, 60, "References", 12, bold=True), *column(RIGHT, 76, REFERENCES, 8)],
        ],
    ]


RESULTS = [
    "Under a white lamp the moths lost four hours of",
    "feeding, under an amber one a little less than",
    "two (Table 1). No moth was heavier afterwards.",
]


def read(content: bytes, name: str = "lamps.pdf") -> Review:
    return pdf.read(SourceFile(name, content)).reviews[0]


def part(review: Review, heading: str) -> str:
    return "\n\n".join(review.text[s.start : s.end] for s in review.sections if s.heading == heading)


def outline(review: Review) -> list[tuple[str, str]]:
    return [(section.heading, section.kind) for section in review.sections]


def test_columns_are_read_one_after_the_other_below_what_runs_across_them() -> None:
    review = read(made(paper()))
    assert [heading for heading, _ in outline(review)] == [
        *("Title", "Authors", "Affiliations", "Citation", "Abstract"),
        *("Introduction", "Methods", "Results", "References"),
    ]
    assert part(review, "Introduction").startswith("Moths have flown by the moon for longer than there were lamps")
    assert part(review, "Methods").endswith("all of the flight-times of a night were written into one book.")


def test_a_divided_word_is_whole_again_and_a_compound_keeps_its_hyphen() -> None:
    review = read(made(paper()))
    assert "whether the colour of its light" in part(review, "Introduction")
    assert "weighed once more before they were let go, and all of the flight-times" in part(review, "Methods")


def test_facts_are_those_printed_on_the_first_page() -> None:
    review = read(made(paper()))
    assert review.title == "Street lamps and the flight of hawk moths"
    assert review.authors == ("Ann Wick", "Bo Flint", "Cy Tallow")
    assert (review.doi, review.id) == ("10.5555/lamp.42", "10.5555/lamp.42")


def test_a_doi_of_the_references_or_of_another_paper_is_not_its_own() -> None:
    first, second = paper()
    first = [words for words in first if "doi" not in words.text]
    note = Words(50, 152, "This article comments on the work with doi: 10.5555/other.7 and finds it good", 8)
    assert read(made([first, second])).doi is None
    assert read(made([[*first, note], second])).doi is None
    assert read(made([first, second], {"Subject": "J Lamp, doi:10.5555/lamp.42"})).doi == "10.5555/lamp.42"


def test_references_on_the_first_page_give_no_facts() -> None:
    first, _ = paper()
    first = [words for words in first if "doi" not in words.text]
    cited = [Words(RIGHT, 600, "References", 12, bold=True)]
    cited += [Words(RIGHT, 620, "1. Reed C. Moths in jars. Jar Lett. 1989;1:1-4.", 8)]
    cited += [Words(RIGHT, 632, "doi: 10.5555/jar.1", 8)]
    review = read(made([[*first, *cited]]))
    assert (review.title, review.journal, review.year, review.doi) == (TITLE[0].text, None, None, None)


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("Ann Wick, Bo Flint, Mausam", ("Ann Wick", "Bo Flint")),
        ("Department of Lamps, Wick Street", ()),
        ("Of lamps, moths and men", ()),
    ],
)
def test_authors_are_what_has_the_form_of_a_name(printed: str, told: tuple[str, ...]) -> None:
    first, second = paper()
    page = [Words(words.left, words.base, printed, words.size) if words in NAMES else words for words in first]
    assert read(made([page, second], {"Title": TITLE[0].text})).authors == told


def test_names_that_the_running_heads_contradict_are_not_told() -> None:
    pages = [[*page, Words(50, 40, "Reed et al. Lamps at dusk", 8)] for page in paper()]
    assert read(made([*pages, pages[1]])).authors == ()


def test_two_dois_on_the_first_page_are_none() -> None:
    first, second = paper()
    assert read(made([[*first, Words(300, 174, "doi: 10.5555/lamp.43", 8)], second])).doi is None


@pytest.mark.parametrize("stated", ["Microsoft Word - draft7.docx", "lamps.indd", "Another paper about something else"])
def test_a_title_that_the_file_states_and_no_page_shows_is_ignored(stated: str) -> None:
    assert read(made(paper(), {"Title": stated})).title == "Street lamps and the flight of hawk moths"


def test_a_title_that_the_file_states_tells_which_line_it_is() -> None:
    page = [Words(50, 60, "LAMP LETTERS OF THE WEST", 24), Words(50, 90, "A lamp for every lane", 14)]
    page += column(50, 120, INTRODUCTION)
    assert read(made([page], {"Title": "A Lamp for Every Lane"})).title == "A lamp for every lane"


def test_without_a_title_the_name_of_the_file_is_its_label() -> None:
    review = read(made([column(50, 100, INTRODUCTION)]), "box/Lamps 2.pdf")
    assert (review.title, review.authors, review.doi) == ("Lamps 2", (), None)
    assert outline(review) == [("Text", "body")]


def test_running_heads_and_numbers_of_pages_and_lines_are_left_out() -> None:
    pages = []
    for number in range(1, 7):
        lines = column(
            90, 140, [f"On night {number} of {place} the lamp was lit and moths came." for place in range(20)]
        )
        counted = [Words(60, line.base, str(20 * number + place)) for place, line in enumerate(lines)]
        head = Words(90, 50, f"Journal of Lamps 2020, {number % 2}:7", 8)
        pages.append([head, *lines, *counted, Words(290, 800, str(number + 11), 8)])
    review = read(made(pages))
    assert "Journal of Lamps" not in review.text
    assert review.text.count("moths came.") == 120
    assert Counter(word.isdigit() for word in review.text.split())[True] == 240


def test_a_paragraph_goes_on_behind_the_figure_between_its_halves() -> None:
    lines = [f"and so the story of lamp number {place} goes on without end" for place in range(9)]
    caption = Words(50, 110, "Figure 1. A lamp, drawn from life.", 8)
    pages = [
        [Words(50, 100, "A beginning long enough to fill its line and more"), *column(50, 112, lines)],
        [caption, *column(50, 140, [*lines, "until it is over."])],
    ]
    review = read(made(pages))
    assert outline(review) == [("Text", "body"), ("Figure 1", "body")]
    assert review.text.endswith("until it is over.\n\nFigure 1. A lamp, drawn from life.")


def test_cells_of_a_table_stand_with_their_headers() -> None:
    rows = [("Lamp", "Moths", "Hours lost"), ("white", "41", "4.0"), ("amber", "39", "1.8"), ("none", "40", "0.1")]
    cells = [
        Words(left, 300 + 14 * place, cell)
        for place, row in enumerate(rows)
        for left, cell in zip((60, 160, 260), row, strict=True)
    ]
    page = [*column(50, 100, INTRODUCTION), Words(50, 280, "Table 1. What a night cost."), *cells]
    review = read(made([page]))
    assert part(review, "Table 1") == "Table 1. What a night cost."
    assert part(review, "Table").split("\n\n")[0] == "Lamp: white; Moths: 41; Hours lost: 4.0"


def test_references_are_one_paragraph_each_and_no_text() -> None:
    review = read(made(paper()))
    assert part(review, "References").split("\n\n") == REFERENCES
    assert outline(review)[-1] == ("References", "references")


def test_raised_numbers_are_powers_after_numbers_and_references_after_words() -> None:
    page = column(50, 100, INTRODUCTION)
    page += [
        Words(50, 300, "There were 10"),
        Words(113.4, 296, "6", 6),
        Words(120, 300, "moths under every lamp of the"),
    ]
    page += [Words(50, 312, "valley"), Words(76.7, 308, "4,5", 6), Words(86, 312, ". None of them stayed.")]
    assert "There were 10^6 moths under every lamp of the valley [4,5]. None" in read(made([page])).text


def test_lines_that_are_stretched_to_the_width_of_their_column_are_no_rows_of_a_table() -> None:
    def stretched(line: str) -> str:
        return (" " * 5).join(line.split())

    lines = [
        "Moths fly to lamps",
        "and they feed less",
        "under white lamps",
        "than in the dark of",
        "the woods at night.",
    ]
    page = [
        *column(50, 60, list(map(stretched, lines))),
        *column(300, 60, ["Bats came to the lit bridges of a town."] * 5),
    ]
    text = read(made([page])).text
    assert " ".join(lines) in text and "Table" not in [one.heading for one in read(made([page])).sections]


def test_an_initial_over_several_lines_begins_its_word() -> None:
    page = [
        Words(50, 124, "M", 34),
        *column(82, 108, ["oths have flown by the moon for", "longer than"]),
    ]
    page += column(50, 132, INTRODUCTION[1:])
    assert read(made([page])).text.startswith(
        "Moths have flown by the moon for longer than there were lamps to mislead"
    )


@pytest.mark.parametrize("word", ["specific", "influence", "difference", "sufficient", "modified", "reflect"])
def test_joined_letters_that_a_font_does_not_name_are_told_by_their_width_and_what_follows(word: str) -> None:
    joined = next(letters for letters in ("ffi", "ffl", "ff", "fi", "fl") if letters in word)
    shown = "fi" + word.replace(joined, UNNAMED)
    wide = {"f": 3.0, "i": 2.0, "l": 2.0, UNNAMED: sum(3.0 if letter == "f" else 2.0 for letter in joined) - 0.3}
    widths = np.array([wide.get(letter, 5.0) for letter in shown])
    numbers, left = np.arange(len(widths)), np.cumsum(widths) - widths
    type_of = 0.0 * widths, 0 * widths + 10, numbers < 0, 0 * numbers, numbers < 0
    page = Glyphs(1, shown, numbers, left, left + widths, *type_of, 595.0, 842.0)
    assert unicodedata.normalize("NFKC", with_ligatures(page).text[2:]) == word


def test_what_is_printed_twice_to_look_bold_is_read_once() -> None:
    line = Words(50, 60, "Coffee for the staff of the office of lamps")
    again = Words(50.3, 60, line.text)
    assert read(made([[line, again, *column(50, 100, INTRODUCTION)]])).text.startswith(f"{line.text}\n\nMoths")


def test_a_page_that_is_turned_reads_like_one_that_is_not() -> None:
    upright, turned = (read(made(paper(), extra=extra)).text for extra in ("", "/Rotate 90"))
    assert turned == upright


def test_every_letter_of_the_text_has_its_place_on_a_page() -> None:
    content = made(paper())
    review = read(content)
    with pypdfium2.PdfDocument(content) as document:
        pages = [page.get_textpage() for page in document]
        found = 0
        for (start, page, number), end in zip(
            review.places, [*(place[0] for place in review.places[1:]), len(review.text)], strict=True
        ):
            words = review.text[start:end].rstrip()
            printed = pages[page - 1].get_text_range(number, len(words)).replace("\x02", "-").replace("\ufffe", "-")
            found += words == printed
    assert found == len(review.places)


@pytest.mark.parametrize("extra", ["", "/Rotate 90", "/Rotate 180", "/CropBox [20 20 570 820]"])
def test_the_boxes_of_a_quote_hold_its_words_and_no_others(extra: str) -> None:
    content = made(paper(), extra=extra)
    review = read(content)
    start = review.text.index("whether the colour")
    quote = review.text[start : start + 90]
    boxes = pdf.quote_boxes(content, review, start, start + len(quote))
    assert len(boxes) == 3
    assert {box.page for box in boxes} == {1}
    if "Rotate" not in extra:
        assert letters(under(content, boxes)) == letters(quote)


def under(content: bytes, boxes: tuple[pdf.Box, ...]) -> str:
    """Return what stands in boxes on pages that are not turned."""
    with pypdfium2.PdfDocument(content) as document:
        words = ""
        for box in boxes:
            page = document[box.page - 1]
            left, bottom, right, top = page.get_bbox()
            width, height = right - left, top - bottom
            sides = (
                left + box.left * width,
                top - box.bottom * height,
                left + box.right * width,
                top - box.top * height,
            )
            words += page.get_textpage().get_text_bounded(*sides)
    return words


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def test_the_page_of_a_quote_is_a_picture_with_its_words_marked() -> None:
    content = made(paper())
    review = read(content)
    start = review.text.index("Under a white lamp")
    (picture,) = pdf.page_pictures(content, review, start, start + 60)
    image = Image.open(BytesIO(picture))
    assert (image.format, image.width) == ("PNG", 1000)
    yellow = [color for _, color in image.getcolors(1_000_000) or [] if color[0] > 240 and color[2] < 200]
    assert yellow
    assert pdf.page_pictures(b"%PDF-1.7 another file", review, start, start + 60) == ()


IMAGE = "q 595 0 0 842 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x7f EI Q"


def scanned() -> bytes:
    return written(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents 4 0 R >>",
            f"<< /Length {len(IMAGE)} >>\nstream\n{IMAGE}\nendstream",
        ]
    )


def stamped(pages: int) -> bytes:
    """Return pages that are images with the same words printed on each of them."""
    stamp = f"{IMAGE} BT /F0 8 Tf 50 20 Td (Taken from the shelf of the lamp society of the west on a rainy day) Tj ET"
    font = "/Font << /F0 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    kids = " ".join(["3 0 R"] * pages)
    return written(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << {font} >> /Contents 4 0 R >>",
            f"<< /Length {len(stamp)} >>\nstream\n{stamp}\nendstream",
        ]
    )


def encrypted() -> bytes:
    lock = "/V 1 /R 2 /P -4 /O <" + "41" * 32 + "> /U <" + "42" * 32 + ">"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [] /Count 0 >>",
        f"<< /Filter /Standard {lock} >>",
    ]
    return written(objects, "/Encrypt 3 0 R /ID [<41> <41>]")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (scanned(), "holds images of pages and no text; run OCR first (ocrmypdf FILE FILE)"),
        (stamped(3), "holds images of pages and no text; run OCR first (ocrmypdf FILE FILE)"),
        (encrypted(), "is encrypted; save it without its password"),
        (b"%PDF-1.7\nand nothing else", "is a damaged PDF"),
        (made([[]]), "holds no text"),
        (made([[]] * 2_001), "has 2,001 pages; 2,000 are the most"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(UnreadableReview) as refusal:
        pdf.read(SourceFile("lamps.pdf", content))
    assert str(refusal.value) == f"lamps.pdf: the file {why}"


def test_pages_that_are_the_same_are_read_all_the_same() -> None:
    page = [Words(50, 60, "The same words on each page of the lamp book.")]
    assert read(made([page, page])).text == "\n\n".join([page[0].text] * 2)


def test_text_whose_fonts_do_not_tell_its_letters_is_told_and_left_out() -> None:
    garbled = column(50, 100, ["»É»·È¹¾ Æ»Ä»»È»Ì¿»Í ÅÉÊ·É·ÊÈÅË ·Ê¿ÅÄ·Â»Ä »ÊÈ¼ÅÈ¹ ¿»ÄÊ»È"] * 6)
    reading = pdf.read(SourceFile("lamps.pdf", made([garbled, column(50, 100, INTRODUCTION)])))
    assert reading.refused == (
        "page 1: text whose fonts do not tell its letters; run OCR first (ocrmypdf --force-ocr FILE FILE)",
    )
    assert reading.reviews[0].text.startswith("Moths have flown")


def test_the_sign_tells_a_pdf_and_nothing_else_does() -> None:
    assert pdf.recognises(SourceFile("lamps.txt", made([[]])))
    assert not pdf.recognises(SourceFile("lamps.pdf", b"Lamps at dusk"))


def test_several_threads_read_the_same() -> None:
    content = made(paper())
    with ThreadPoolExecutor(4) as pool:
        readings = list(pool.map(lambda _: read(content), range(8)))
    assert len(set(readings)) == 1


WHOLE = made(paper())


@settings(max_examples=60)
@given(st.binary(max_size=200) | st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)), st.binary(max_size=8))
def test_any_bytes_are_read_or_refused(start: bytes | int, place: int, junk: bytes) -> None:
    content = start if isinstance(start, bytes) else WHOLE[: max(start, place)]
    content = content[:place] + junk + content[place + len(junk) :]
    try:
        reading: Reading = pdf.read(SourceFile("lamps.pdf", content))
    except UnreadableReview:
        return
    for review in reading.reviews:
        end = 0
        for section in review.sections:
            assert end <= section.start < section.end <= len(review.text)
            end = section.end
        assert [place[0] for place in review.places] == sorted(place[0] for place in review.places)


def test_marks_that_stand_high_belong_to_the_names_that_they_touch() -> None:
    line, at = [], 50.0
    for name, mark in (("Ann Wick", "a,*"), (", Bo Flint", "b"), (", Cy Reed", "a")):
        line += [Words(at, 130, name, 11), Words(at + 5.5 * len(name), 123, mark, 7)]
        at += 5.5 * len(name) + 3.6 * len(mark)
    page = [
        Words(50, 100, "Lamps of many colours and the moths of one valley", 15),
        *line,
        *column(50, 170, INTRODUCTION),
    ]
    assert read(made([page])).authors == ("Ann Wick", "Bo Flint", "Cy Reed")


def test_what_stands_above_the_title_is_no_heading() -> None:
    page = [
        Words(50, 50, "Open Lamps", 18),
        Words(50, 100, "Lamps of many colours and the moths of one valley", 15),
        Words(50, 130, "Ann Wick, Bo Flint", 11),
        *column(50, 170, INTRODUCTION),
    ]
    assert "Open Lamps" not in {section.heading for section in read(made([page])).sections}


def test_keywords_without_a_stop_behind_their_label_are_no_abstract() -> None:
    first, second = paper()
    page = [*first, Words(50, 222, "Keywords Lamps · Moths · Street lighting", 9)]
    review = read(made([page, second]))
    assert [
        section.kind for section in review.sections if "Street lighting" in review.text[section.start : section.end]
    ] == ["bibliographic"]


def test_a_doi_that_a_dot_at_the_end_of_a_line_divides_is_whole_or_none() -> None:
    first, second = paper()
    page = [word for word in first if "doi" not in word.text]
    page += [*column(50, 700, ["doi: 10.5555/journal.lamp.", "0042"], 8)]
    assert read(made([page, second])).doi in ("10.5555/journal.lamp.0042", None)


def test_the_year_is_the_last_that_receipt_and_copyright_state() -> None:
    first, second = paper()
    notes = column(50, 700, ["Received 2 May 2011, accepted 9 January 2012", "© 2012 The Authors"], 7)
    assert read(made([[*first, *notes], second])).year == 2012


def test_a_title_in_the_type_of_the_text_is_whole_without_its_label() -> None:
    first, second = paper()
    others = [word for word in first if word not in TITLE]
    stated = {"Title": "Street lamps and the flight of hawk moths"}
    page = [Words(50, 90, "Title: Street lamps and the flight of hawk moths", 10), *others]
    assert read(made([page, second], stated)).title == stated["Title"]
