"""An article in JATS as a review: its own facts, every paragraph in its place, tables that read row by row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UnreadableReview
from rag.sources import jats
from rag.sources.source_file import SourceFile
from rag.types import Review
from tests.sources.files import only_review, text_file

META = """
<article-id pub-id-type="pmid">10000001</article-id>
<article-id pub-id-type="pmc">1234567</article-id>
<article-id pub-id-type="doi">10.5555/Lamp.9</article-id>
<article-categories><subj-group subj-group-type="heading"><subject>Review Article</subject></subj-group>
<subj-group subj-group-type="Discipline"><subject>Entomology</subject></subj-group></article-categories>
<title-group><article-title>Lamps at <italic>dusk</italic><xref ref-type="fn"><sup>*</sup></xref>: CO<sub>2</sub> and
moths<fn><p>Read at the moth evening.</p></fn></article-title><subtitle>A review</subtitle></title-group>
<contrib-group>
<contrib contrib-type="author"><name><surname>Wick</surname><given-names>Ann Q</given-names><suffix>Jr</suffix></name>
<xref ref-type="aff" rid="a1"><sup>1</sup></xref></contrib>
<contrib contrib-type="author"><name-alternatives><name name-style="eastern"><surname>灯</surname>
<given-names>火</given-names></name>
<name name-style="western"><surname>Deng</surname><given-names>Huo</given-names></name>
</name-alternatives></contrib>
<contrib contrib-type="author"><collab>Dusk Group<contrib-group><contrib contrib-type="author">
<name><surname>Member</surname><given-names>A</given-names></name></contrib></contrib-group></collab></contrib>
<contrib contrib-type="editor"><name><surname>Flint</surname><given-names>Bo</given-names></name></contrib>
</contrib-group>
<aff id="a1"><label>1</label><institution>Institute of Lamps</institution><country>Norway</country></aff>
<pub-date pub-type="pmc-release"><year>2026</year></pub-date>
<pub-date pub-type="epub"><day>3</day><month>12</month><year>2023</year></pub-date>
<pub-date pub-type="collection"><year>2024</year></pub-date>
<volume>12</volume><issue>3</issue><fpage>45</fpage><lpage>50</lpage>
<related-article related-article-type="companion" id="r1"/>
<abstract><title>Abstract</title><sec><title>Background</title><p>Moths come to lamps.</p></sec>
<sec><title>Funding</title><p>None was needed.</p></sec></abstract>
<abstract abstract-type="plain-language-summary"><title>In short</title><p>Lamps draw moths.</p></abstract>
<kwd-group><kwd>lamps</kwd><kwd>moths</kwd></kwd-group>
<funding-group><award-group><funding-source>Dusk Trust</funding-source><award-id>D-7</award-id></award-group>
</funding-group>
"""
BODY = """
<sec><label>1.</label><title>Introduction</title>
<p>Moths are drawn<sup><xref ref-type="bibr">1</xref>,<xref ref-type="bibr">2</xref></sup> to lamps.<sup><xref
ref-type="bibr">3</xref></sup> They weigh 10<sup>−3</sup> kg, at 4 W/m<sup>2</sup>, and 10<sup>9</sup> fly [<xref
ref-type="bibr">4</xref>].</p></sec>
<sec><title>Methods</title><sec><title>Lamps</title><p>We lit
<list><list-item><label>1.</label><p>glass lamps;</p></list-item>
<list-item><label>2.</label><p>oil lamps.</p></list-item></list>
All burned<fig id="f1"><label>Fig. 1</label><caption><title>Lamps</title><p>They glow.</p></caption></fig> at dusk,
where <inline-formula><alternatives>
<tex-math>\\documentclass{x}\\begin{document}$\\alpha \\le 2$\\end{document}</tex-math>
<math><mi>α</mi><mo>≤</mo><mn>2</mn></math></alternatives></inline-formula> holds.</p></sec></sec>
<sec><title>Conflict of interest</title><p>A.W. sells lamps.</p></sec>
"""
TABLE = """<table-wrap><label>Table 1</label><caption><p>Moths at lamps.</p></caption><table><thead>
<tr><th rowspan="2">Lamp</th><th colspan="2">Moths</th></tr><tr><th>male</th><th>female</th></tr></thead><tbody>
<tr><td colspan="3">Indoors</td></tr>
<tr><td rowspan="2">glass</td><td>7<xref ref-type="table-fn">a</xref></td><td>12<sup>b</sup></td></tr>
<tr><td>8</td><td/></tr><tr><td>oil</td><td colspan="2">none</td></tr></tbody></table>
<table-wrap-foot><fn><label>a</label><p>At dusk.</p></fn></table-wrap-foot></table-wrap>"""
BACK = """
<ack><p>We thank the moths.</p></ack>
<sec><title>Ethics approval</title><p>No moth was harmed.</p></sec>
<app-group><app><title>Appendix A</title><p>More lamps.</p></app></app-group>
<ref-list><title>References</title>
<ref><label>1</label><element-citation><person-group><name><surname>Roe</surname><given-names>M</given-names></name></person-group>
<article-title>On wicks</article-title><source>J Wick</source><year>2001</year><volume>7</volume><fpage>4</fpage>
<pub-id pub-id-type="doi">10.5555/other.1</pub-id></element-citation></ref>
<ref><label>2.</label><mixed-citation><name><surname>Poe</surname> <given-names>N</given-names></name>,
<source>Oil</source>, 1999.</mixed-citation></ref></ref-list>
"""


def article(meta: str = META, body: str = BODY, back: str = BACK, kind: str = "review-article", after: str = "") -> str:
    journal = "<journal-meta><journal-title>Lamp Science</journal-title></journal-meta>"
    return (
        f'<article article-type="{kind}"><front>{journal}'
        f"<article-meta>{meta}</article-meta></front><body>{body}</body><back>{back}</back>{after}</article>"
    )


def read(text: str) -> Review:
    return only_review(text, jats)


def wording(review: Review, heading: str) -> str:
    return "\n".join(review.text[s.start : s.end] for s in review.sections if s.heading == heading)


def placed(review: Review) -> dict[str, tuple[str, str]]:
    return {s.heading: (s.kind, review.text[s.start : s.end]) for s in review.sections}


def test_facts_are_those_of_the_article_itself() -> None:
    review = read(article())
    assert review.title == "Lamps at dusk: CO2 and moths: A review"
    assert review.authors == ("Ann Q Wick Jr", "Huo Deng", "Dusk Group")
    assert (review.journal, review.date, review.year) == ("Lamp Science", "2024", 2024)
    assert (review.id, review.doi) == ("10.5555/lamp.9", "10.5555/lamp.9")
    assert (review.pmid, review.pmcid) == ("10000001", "PMC1234567")
    assert (review.types, review.status) == (("Review Article",), "")
    assert wording(review, "Citation") == "Lamp Science. 2024;12(3):45-50"
    assert wording(review, "Affiliations") == "1 Institute of Lamps, Norway"


def test_every_statement_stands_in_a_section_of_its_kind() -> None:
    found = placed(read(article()))
    assert found["Abstract: Background"] == ("abstract", "Moths come to lamps.")
    assert found["Abstract: Funding"] == ("abstract", "None was needed.")
    assert found["Plain language summary"] == ("abstract", "Lamps draw moths.")
    assert found["Keywords"] == ("bibliographic", "lamps; moths")
    assert found["Funding"] == ("bibliographic", "Dusk Trust: D-7")
    assert found["Conflict of interest"] == ("competing interests", "A.W. sells lamps.")
    assert found["Acknowledgements"] == ("bibliographic", "We thank the moths.")
    assert found["Ethics approval"] == ("bibliographic", "No moth was harmed.")
    assert found["Appendix A"] == ("body", "More lamps.")
    assert found["References"][0] == "references"
    assert found["References"][1].split("\n\n") == [
        "1. Roe M. On wicks. J Wick. 2001;7:4. doi:10.5555/other.1",
        "2. Poe N, Oil, 1999.",
    ]


def test_markers_stand_before_the_stop_and_are_glued_to_no_word_or_number() -> None:
    assert wording(read(article()), "Introduction") == (
        "Moths are drawn [1,2] to lamps [3]. They weigh 10^−3 kg, at 4 W/m², and 10^9 fly [4]."
    )


def test_a_title_loses_its_notes_and_nothing_that_stands_raised() -> None:
    title = "<article-title>Moth GLOW<sup>31</sup> in <sup>14</sup>C light<xref ref-type='fn'>1</xref></article-title>"
    assert read(article(f"<title-group>{title}</title-group>")).title == "Moth GLOW^31 in 14C light"


def test_a_paragraph_goes_on_after_its_list_and_around_its_figure() -> None:
    review = read(article())
    assert wording(review, "Methods: Lamps").split("\n\n") == [
        "We lit",
        "1. glass lamps;",
        "2. oil lamps.",
        "All burned at dusk, where α ≤ 2 holds.",
    ]
    assert wording(review, "Fig. 1") == "Fig. 1. Lamps. They glow."


def test_a_row_of_a_table_names_its_columns() -> None:
    lines = wording(read(article(body=f"<sec><title>Results</title>{TABLE}</sec>")), "Table 1").split("\n\n")
    assert lines == [
        "Table 1. Moths at lamps.",
        "Indoors",
        "Lamp: glass; Moths, male: 7 [a]; Moths, female: 12 [b]",
        "Lamp: glass; Moths, male: 8",
        "Lamp: oil; Moths: none",
        "[a] At dusk.",
    ]


@pytest.mark.parametrize(
    ("kind", "related", "title", "status"),
    [
        ("research-article", "", "Lamps", ""),
        ("research-article", "", "RETRACTED: Lamps", "retracted"),
        ("research-article", "", "[Retracted] Lamps", "retracted"),
        ("research-article", "", "Retracted lamps and what became of them", ""),
        ("research-article", "retraction-forward", "Lamps", "retracted"),
        ("research-article", "concern-forward", "Lamps", "expression of concern"),
        ("research-article", "correction-forward", "Lamps", "corrected"),
        ("research-article", "commentary-forward", "Lamps", ""),
        ("research-article", "retracted-article", "Lamps and an earlier paper", ""),
        ("retraction", "retracted-article", "Retracted: Lamps", ""),
        ("correction", "corrected-article", "Correction: Lamps", ""),
        ("preprint", "", "Lamps", "preprint"),
    ],
)
def test_a_status_is_that_of_the_article_and_never_of_the_one_it_speaks_of(
    kind: str, related: str, title: str, status: str
) -> None:
    meta = f"<title-group><article-title>{title}</article-title></title-group>"
    meta += f'<related-article related-article-type="{related}"/>' if related else ""
    assert read(article(meta, kind=kind)).status == status


@pytest.mark.parametrize(
    ("dates", "date"),
    [
        (
            '<pub-date pub-type="epub"><year>2019</year></pub-date>'
            '<pub-date pub-type="ppub"><year>2020</year></pub-date>',
            "2020",
        ),
        (
            '<pub-date date-type="collection"><year>2020</year></pub-date><pub-date date-type="pub" '
            'publication-format="electronic"><day>4</day><month>7</month><year>2020</year></pub-date>',
            "2020-07-04",
        ),
        ('<pub-date pub-type="ppub"><month>Jul-Sep</month><year>2020</year></pub-date>', "2020 Jul-Sep"),
        ('<pub-date pub-type="pmc-release"><year>2020</year></pub-date>', None),
    ],
)
def test_the_date_is_that_of_the_issue_before_that_online(dates: str, date: str | None) -> None:
    assert read(article(f"<title-group><article-title>Lamps</article-title></title-group>{dates}")).date == date


def test_the_reviews_and_translations_of_an_article_are_not_the_article() -> None:
    after = (
        '<sub-article article-type="referee-report"><front-stub>'
        '<article-id pub-id-type="doi">10.5555/other.2</article-id>'
        "<title-group><article-title>Decision</article-title></title-group></front-stub>"
        "<body><p>Reject the lamps.</p></body></sub-article><response><body><p>We disagree.</p></body></response>"
    )
    review = read(article("<title-group><article-title>Lamps</article-title></title-group>", after=after))
    assert "Reject" not in review.text
    assert "disagree" not in review.text
    assert review.doi is None


def test_each_article_of_a_set_is_a_review_and_one_without_a_title_is_told() -> None:
    second = article().replace("Lamp.9", "Lamp.10").replace("10000001", "10000002")
    untitled = article("<article-id pub-id-type='doi'>10.5555/x</article-id>")
    reading = jats.read(
        text_file(f"<?xml version='1.0'?><pmc-articleset>{article()}{untitled}{second}</pmc-articleset>")
    )
    assert [review.doi for review in reading.reviews] == ["10.5555/lamp.9", "10.5555/lamp.10"]
    assert reading.refused == ("Article 2: it has no title",)


def test_chapters_of_a_book_are_reviews_of_their_own() -> None:
    chapter = (
        '<book-part book-part-type="chapter"><book-part-meta>'
        "<title-group><title>{0}</title></title-group></book-part-meta><body><p>{0} burn.</p></body></book-part>"
    )
    book = (
        "<book><book-meta><book-title-group><book-title>Light</book-title></book-title-group>"
        "<pub-date><year>2011</year></pub-date></book-meta><book-body>"
        f"{chapter.format('Wicks')}{chapter.format('Oils')}</book-body></book>"
    )
    reviews = jats.read(text_file(book)).reviews
    assert [(r.title, r.journal, r.year) for r in reviews] == [("Wicks", "Light", 2011), ("Oils", "Light", 2011)]
    assert "Oils" not in reviews[0].text


def test_an_article_whose_end_is_missing_takes_nothing_from_the_next() -> None:
    first = article(
        "<title-group><article-title>Lamps</article-title></title-group>", "<sec><p>Lamps glow.</p>", "", ""
    )
    second = article(META, "<p>Moths fly.</p>")
    reading = jats.read(text_file(f"<pmc-articleset>{first[: first.index('</body>')]}{second}</pmc-articleset>"))
    assert [review.doi for review in reading.reviews] == [None, "10.5555/lamp.9"]
    assert "Moths fly" not in reading.reviews[0].text
    assert "Moths fly" in reading.reviews[1].text


def test_entities_are_characters_and_those_that_a_file_defines_are_not_expanded() -> None:
    meta = "<title-group><article-title>Lamps &amp; &alpha;-light &mdash; R&D</article-title></title-group>"
    assert read(article(meta)).title == "Lamps & α-light — R&D"
    bomb = '<!DOCTYPE article [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    assert read(bomb + article(meta.replace("R&D", "&b;"))).title == "Lamps & α-light — &b;"


def test_a_damaged_article_is_read_as_far_as_it_goes_and_that_is_told() -> None:
    whole = article()
    reading = jats.read(text_file(whole[: whole.index("They weigh") + 20]))
    assert "damaged" in reading.refused[0]
    assert reading.reviews[0].doi == "10.5555/lamp.9"
    assert "Moths are drawn" in reading.reviews[0].text


def test_names_with_a_prefix_and_other_encodings_are_read() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-2"?>' + article(META.replace("Ann Q", "Łucja"))
    prefixed = text.replace("<article ", '<j:article xmlns:j="urn:jats" ').replace("</article>", "</j:article>")
    file = SourceFile("lamp.xml", prefixed.encode("iso-8859-2", "xmlcharrefreplace"), "")
    assert jats.recognises(file)
    assert jats.read(file).reviews[0].authors[0] == "Łucja Wick Jr"


@pytest.mark.parametrize(
    "text",
    [
        "<html><body><article><p>Lamps</p></article></body></html>",
        "<!DOCTYPE html><article><article-meta>",
        "<PubmedArticleSet><PubmedArticle/></PubmedArticleSet>",
        "# Lamps\n\nIn JATS, <article-meta> stands in <front>.",
        "",
    ],
)
def test_other_files_are_left_to_their_readers(text: str) -> None:
    assert not jats.recognises(text_file(text))


WHOLE = f"<?xml version='1.0'?>{article(body=BODY + TABLE)}"


PUT = st.sampled_from(["", "<p>", "</sec>", "&x;", "<article>", "\x00", "é"])


@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 30), PUT), min_size=1, max_size=4))
def test_whatever_happens_to_a_file_its_sections_are_spans_in_order_or_it_is_refused(
    changes: list[tuple[int, int, str]],
) -> None:
    text = WHOLE
    for place, length, put in changes:
        text = text[:place] + put + text[place + length :]
    check(text_file(text))


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_or_refused(content: bytes, framed: bool) -> None:
    check(SourceFile("lamp.xml", b"<article><article-meta>" + content if framed else content, ""))


def check(file: SourceFile) -> None:
    jats.recognises(file)
    try:
        reading = jats.read(file)
    except UnreadableReview:
        return
    for review in reading.reviews:
        assert review.doi in {None, "10.5555/lamp.9"} or review.doi.startswith("10.5555/")
        end = 0
        for section in review.sections:
            assert end <= section.start < section.end <= len(review.text)
            end = section.end


def test_elements_that_are_nested_too_deeply_are_refused_or_cut_and_nothing_breaks() -> None:
    for name in ("sec", "italic", "list", "sup"):
        check(text_file(article(META, f"<p>{f'<{name}>' * 3_000}moths{f'</{name}>' * 3_000}</p>")))
