"""Pages of records, as Zotero and Web of Science write them: a review a record, nothing of another."""

from __future__ import annotations

from rag.sources.formats import read_content
from rag.types import PROSE
from tests.sources.test_html import COLD, WARM

SAID = "We counted moths at 31 lamps and few of them fed."
ZOTERO = """<!DOCTYPE html><html><head><title>Zotero Report</title></head><body><ul class="report combineChildItems">
<li id="item_1" class="item journalArticle"><h2>Moths at street lamps</h2><table>
<tr><th>Item Type</th><td>Journal Article</td></tr>
<tr><th class="author">Author</th><td>Ada Wick</td></tr><tr><th class="author">Author</th><td>Bo Flint</td></tr>
<tr><th>Abstract</th><td>We counted moths at 31 lamps and few of them fed.</td></tr>
<tr><th>Date</th><td>2021-05-04</td></tr><tr><th>Publication</th><td>J Lamps</td></tr>
<tr><th>Extra</th><td>PMID: 10000001
PMCID: PMC1000001</td></tr>
<tr><th>Rights</th><td>All who look at the moths of this town may look at this, too.</td></tr>
<tr><th>Accessed</th><td>2/3/2023, 9:14:22 AM</td></tr><tr><th>Date Added</th><td>2/3/2023, 9:14:22 AM</td></tr></table>
<h3 class="tags">Tags:</h3><ul class="tags"><li>dusk</li></ul>
<h3 class="notes">Notes:</h3>
<ul class="notes"><li><div><p>Ask Jo about the lamps.</p><p>And the moths.</p></div></li></ul></li>
<li id="item_2" class="item journalArticle"><h2>Bats at bridges</h2><table><tr><th>Author</th><td>Quin Hedge</td></tr>
<tr><th>DOI</th><td>10.5555/bats.9</td></tr><tr><th>Date</th><td>2019</td></tr>
</table></li></ul></body></html>"""
TAGGED = """<html><body><table><tr><td valign="top">FN </td><td>Clarivate</td></tr></table>{records}</body></html>"""
RECORD = """<table><tr><td valign="top">PT </td><td>J</td></tr><tr><td>AU </td><td>Wick, A<br>\n   Flint, B</td></tr>
<tr><td>AF </td><td>Wick, Ada<br>\n   Flint, Bo</td></tr><tr><td>TI </td><td>{title}</td></tr>
<tr><td>SO </td><td>J LAMPS</td></tr><tr><td>AB </td><td>{said}</td></tr>
<tr><td>CR </td><td>Roe M, 1999, DUSK, V1, P2</td></tr>
<tr><td>PY </td><td>2021</td></tr><tr><td>DI </td><td>{doi}</td></tr></table><hr>"""
FULL = """<table><tr><td><b>Title:</b> {title}</td></tr>
<tr><td><b>Author(s):</b> Wick, A (Wick, Ada); Flint, B (Flint, Bo)</td></tr>
<tr><td><b>Source:</b> <i>J LAMPS</i> <b>Pages:</b> 3-9 <b>DOI:</b> {doi} <b>Published:</b> MAR 2021</td></tr>
<tr><td><b>Abstract:</b> {said}</td></tr><tr><td><b>KeyWords Plus:</b> NIGHT; TOWN</td></tr>
<tr><td><b>Times Cited:</b> 12</td></tr></table><hr>"""


def test_a_report_of_zotero_has_a_review_an_item_and_what_its_reader_noted_is_a_note() -> None:
    reading = read_content(ZOTERO.encode(), "Zotero Report.html")
    moths, bats = reading.reviews
    assert (moths.title, moths.authors, moths.journal) == ("Moths at street lamps", ("Ada Wick", "Bo Flint"), "J Lamps")
    assert (moths.date, moths.doi, moths.pmid, moths.pmcid) == ("2021-05-04", None, "10000001", "PMC1000001")
    assert (bats.title, bats.year, bats.doi, bats.authors) == (
        "Bats at bridges",
        2019,
        "10.5555/bats.9",
        ("Quin Hedge",),
    )
    abstract, note = (one for one in moths.sections if one.kind in PROSE)
    assert "may look at this, too." in moths.text[note.start : note.end]
    assert moths.text[abstract.start : abstract.end] == SAID and abstract.provenance == "authors"
    assert "Ask Jo about the lamps. And the moths." in moths.text[note.start : note.end]
    assert note.provenance == "note"
    assert "9:14" not in moths.text


def test_a_report_in_another_language_is_read_by_its_form() -> None:
    said = f"{COLD} {WARM}"
    page = (
        '<html><body><ul><li class="item"><h2>Honey in cellars</h2><table><tbody><tr><th>Eintragsart</th>'
        '<td>Zeitschriftenartikel</td></tr><tr><th class="author">Autor</th><td>Ada Wick</td></tr>'
        f"<tr><th>Zusammenfassung</th><td>{said}</td></tr><tr><th>Datum</th><td>10/2021</td></tr>"
        "<tr><th>Heruntergeladen am</th><td>2/3/2023, 9:14:22 AM</td></tr><tr><th>DOI</th><td>"
        '<a href="http://doi.org/10.5555/honey.1">10.5555/honey.1</a></td></tr></tbody></table>'
        '<h3 class="notes">Notizen:</h3><ul class="notes"><li><p>Jo fragen.</p></li></ul></li></ul></body></html>'
    )
    (review,) = read_content(page.encode(), "Bericht.html").reviews
    assert (review.title, review.authors, review.year) == ("Honey in cellars", ("Ada Wick",), 2021)
    assert review.doi == "10.5555/honey.1"
    assert [(one.kind, one.provenance) for one in review.sections if one.kind in PROSE] == [
        ("abstract", "authors"), ("summary", "note")
    ]  # fmt: skip


def test_records_of_web_of_science_are_read_by_their_tags_and_by_their_labels() -> None:
    for record in (RECORD, FULL):
        dois = ("10.5555/lamp.3", "10.5555/lamp.4")
        page = TAGGED.format(records="".join(record.format(title=f"Moths {doi}", said=SAID, doi=doi) for doi in dois))
        reviews = read_content(page.encode(), "savedrecs.html").reviews
        assert [review.doi for review in reviews] == list(dois)
        for review in reviews:
            assert (review.authors, review.journal, review.year) == (("Ada Wick", "Bo Flint"), "J LAMPS", 2021)
            prose = [review.text[one.start : one.end] for one in review.sections if one.kind in PROSE]
            assert prose == [SAID]


def test_an_article_with_a_table_of_labels_is_no_page_of_records() -> None:
    text = f"<p>{COLD}</p><p>{WARM}</p><h2>Jars</h2><p>{COLD} {WARM}</p>"
    rows = "".join(f"<tr><td>{name}</td><td>Wick 2021</td></tr>" for name in ("Title", "Author", "Year"))
    (review,) = read_content(
        f"<html><body><h1>Lamps at dusk</h1>{text}<table>{rows}</table></body></html>".encode(), "a.html"
    ).reviews
    assert review.title == "Lamps at dusk" and review.text.count(COLD) == 2
