"""PubMed's XML: each record is a review with its own facts, whatever its references and its neighbours state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UnreadableReview
from rag.sources import pubmed_xml
from rag.sources.source_file import SourceFile
from rag.types import Review
from tests.sources.files import only_review, text_file

CITATION = """<MedlineCitation><PMID Version="1">10000001</PMID><Article>
<Journal><JournalIssue><Volume>12</Volume><Issue>3</Issue><PubDate><Year>2024</Year><Month>May</Month>
<Day>1</Day></PubDate></JournalIssue><Title>The journal of lamps</Title>
<ISOAbbreviation>J Lamp</ISOAbbreviation></Journal>
<ArticleTitle>[Lamps at <i>dusk</i>: CO<sub>2</sub> and moths].</ArticleTitle>
<Pagination><MedlinePgn>45-50</MedlinePgn></Pagination>
<ELocationID EIdType="doi" ValidYN="N">10.5555/wrong</ELocationID>
<ELocationID EIdType="doi" ValidYN="Y">10.5555/Lamp.9</ELocationID>
<Abstract><AbstractText Label="BACKGROUND">Moths come to lamps at 10<sup>-3</sup> lux.</AbstractText>
<AbstractText Label="UNLABELLED">They like glass.</AbstractText>
<CopyrightInformation>© 2024 The Lamplighters.</CopyrightInformation></Abstract>
<AuthorList><Author ValidYN="Y"><LastName>Wick</LastName><ForeName>Ann Q</ForeName><Suffix>Jr</Suffix>
<AffiliationInfo><Affiliation>Institute of Lamps.</Affiliation></AffiliationInfo></Author>
<Author ValidYN="N"><LastName>Wikc</LastName><ForeName>Ann</ForeName></Author>
<Author><LastName>Flint</LastName><Initials>B</Initials></Author>
<Author><CollectiveName>Dusk Group</CollectiveName></Author></AuthorList>
<GrantList><Grant><GrantID>D-7</GrantID><Agency>Dusk Trust</Agency><Country>Norway</Country></Grant></GrantList>
<PublicationTypeList><PublicationType>Journal Article</PublicationType><PublicationType>Review</PublicationType>
</PublicationTypeList><VernacularTitle>Lamper i skumringen.</VernacularTitle></Article>
<CommentsCorrectionsList><CommentsCorrections RefType="Cites"><PMID>20000002</PMID></CommentsCorrections>
</CommentsCorrectionsList>
<MeshHeadingList><MeshHeading><DescriptorName>Moths</DescriptorName>
<QualifierName>physiology</QualifierName></MeshHeading>
</MeshHeadingList><OtherAbstract Type="plain-language-summary">
<AbstractText>Lamps draw moths.</AbstractText></OtherAbstract>
<KeywordList><Keyword>lamps</Keyword><Keyword>glass</Keyword></KeywordList>
<CoiStatement>A.W. sells lamps.</CoiStatement></MedlineCitation>"""
RECORD = f"""<PubmedArticle>{CITATION}<PubmedData><ArticleIdList><ArticleId IdType="pubmed">10000001</ArticleId>
<ArticleId IdType="pmc">PMC1234567</ArticleId></ArticleIdList><ReferenceList><Reference>
<Citation>Roe M. On wicks. 2001.</Citation>
<ArticleIdList><ArticleId IdType="doi">10.5555/other.1</ArticleId>
<ArticleId IdType="pmc">PMC7654321</ArticleId></ArticleIdList>
</Reference></ReferenceList></PubmedData></PubmedArticle>"""
BARE = "<PubmedArticle><MedlineCitation><PMID>{0}</PMID><Article><ArticleTitle>Lamp {0}</ArticleTitle>{1}</Article>{2}"
BARE += "</MedlineCitation></PubmedArticle>"


def in_set(*records: str) -> str:
    return (
        f'<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet>\n<PubmedArticleSet>{"".join(records)}</PubmedArticleSet>'
    )


def read(*records: str) -> Review:
    return only_review(in_set(*records), pubmed_xml)


def bare(number: int, article: str = "", beside: str = "") -> str:
    return BARE.format(number, article, beside)


@pytest.mark.parametrize("text", [in_set(RECORD), RECORD, f"<MedlineCitationSet>{CITATION}</MedlineCitationSet>"])
def test_facts_are_those_of_the_record_itself(text: str) -> None:
    review = only_review(text, pubmed_xml)
    assert review.title == "Lamps at dusk: CO2 and moths"
    assert review.authors == ("Ann Q Wick Jr", "B Flint", "Dusk Group")
    assert (review.journal, review.date, review.year) == ("J Lamp", "2024 May 1", 2024)
    assert (review.id, review.pmid) == ("10.5555/lamp.9", "10000001")
    assert review.pmcid == ("PMC1234567" if "PubmedData" in text else None)
    assert (review.types, review.status, review.mesh) == (("Journal Article", "Review"), "", ("Moths",))


def test_every_field_stands_in_a_section_of_its_kind() -> None:
    review = read(RECORD)
    assert [(s.heading, s.kind, review.text[s.start : s.end]) for s in review.sections] == [
        ("Title", "bibliographic", "Lamps at dusk: CO2 and moths"),
        ("Original title", "bibliographic", "Lamper i skumringen."),
        ("Authors", "bibliographic", "Ann Q Wick Jr; B Flint; Dusk Group"),
        ("Affiliations", "bibliographic", "Institute of Lamps."),
        ("Citation", "bibliographic", "J Lamp. 2024 May 1;12(3):45-50"),
        ("Identifiers", "bibliographic", "PMID: 10000001 PMCID: PMC1234567 DOI: 10.5555/lamp.9"),
        ("Publication type", "bibliographic", "Journal Article; Review"),
        ("Abstract: Background", "abstract", "Moths come to lamps at 10^-3 lux."),
        ("Abstract", "abstract", "They like glass."),
        ("Copyright", "bibliographic", "© 2024 The Lamplighters."),
        ("Plain language summary", "abstract", "Lamps draw moths."),
        ("Keywords", "bibliographic", "lamps; glass"),
        ("MeSH terms", "entities", "Moths / physiology"),
        ("Funding", "bibliographic", "Dusk Trust: D-7 (Norway)"),
        ("Conflict of interest statement", "competing interests", "A.W. sells lamps."),
        ("References", "references", "Roe M. On wicks. 2001."),
    ]


@pytest.mark.parametrize(
    ("refers", "kind", "status"),
    [
        ("", "Journal Article", ""),
        ("RetractionIn", "Journal Article", "retracted"),
        ("", "Retracted Publication", "retracted"),
        ("RetractionOf", "Retraction of Publication", ""),
        ("ExpressionOfConcernIn", "Journal Article", "expression of concern"),
        ("ExpressionOfConcernFor", "Expression of Concern", ""),
        ("ErratumIn", "Journal Article", "corrected"),
        ("ErratumFor", "Published Erratum", ""),
        ("", "Preprint", "preprint"),
    ],
)
def test_a_status_is_that_of_the_record_and_never_of_the_one_it_refers_to(refers: str, kind: str, status: str) -> None:
    types = f"<PublicationTypeList><PublicationType>{kind}</PublicationType></PublicationTypeList>"
    corrections = f'<CommentsCorrectionsList><CommentsCorrections RefType="{refers}"/></CommentsCorrectionsList>'
    assert read(bare(1, types, corrections if refers else "")).status == status


@pytest.mark.parametrize(
    ("date", "year"),
    [
        ("<MedlineDate>2019 Dec-2020 Jan</MedlineDate>", 2019),
        ("<Year>2020</Year><Season>Summer</Season>", 2020),
        ("<Year>2020</Year><Month>07</Month>", 2020),
    ],
)
def test_dates_are_kept_as_they_are_printed(date: str, year: int) -> None:
    review = read(bare(1, f"<Journal><JournalIssue><PubDate>{date}</PubDate></JournalIssue></Journal>"))
    assert review.year == year


def test_a_record_without_an_abstract_is_a_review_and_one_without_a_title_is_told() -> None:
    untitled = bare(2).replace("Lamp 2", "[Not Available].")
    reading = pubmed_xml.read(
        text_file(in_set(bare(1), untitled, bare(3), "<DeleteCitation><PMID>9</PMID></DeleteCitation>"))
    )
    assert [review.pmid for review in reading.reviews] == ["1", "3"]
    assert reading.refused == ("Record 2 (PMID 2): it has no title",)


def test_a_damaged_record_stops_no_other_and_lends_it_nothing() -> None:
    cut = bare(2, '<ELocationID EIdType="doi">10.5555/two</ELocationID>').replace(
        "</MedlineCitation></PubmedArticle>", ""
    )
    reading = pubmed_xml.read(text_file(in_set(bare(1), cut, bare(3), bare(4).replace("</PMID>", ""))))
    assert [(review.pmid, review.doi) for review in reading.reviews] == [("1", None), ("3", None)]
    assert [line.split(":")[0] for line in reading.refused] == ["Record 2 (PMID 2)", "Record 4 (PMID 4)"]


def test_sets_one_after_another_in_a_file_are_all_read() -> None:
    reading = pubmed_xml.read(text_file(in_set(bare(1)) + "\n" + in_set(bare(2), bare(3))))
    assert [review.pmid for review in reading.reviews] == ["1", "2", "3"]


def test_a_chapter_of_a_book_has_the_book_for_its_journal() -> None:
    chapter = """<PubmedBookArticle><BookDocument><PMID>30000003</PMID><ArticleIdList>
    <ArticleId IdType="bookaccession">NBK1</ArticleId></ArticleIdList><Book><BookTitle>Light</BookTitle>
    <PubDate><Year>1993</Year></PubDate><AuthorList Type="editors">
    <Author><LastName>Editor</LastName></Author></AuthorList>
    </Book>    <ArticleTitle>Wicks</ArticleTitle><AuthorList Type="authors">
    <Author><LastName>Wick</LastName><ForeName>Ann</ForeName></Author>
    </AuthorList><PublicationType>Review</PublicationType><Abstract><AbstractText>Wicks burn.</AbstractText></Abstract>
    <ContributionDate><Year>2001</Year><Month>06</Month><Day>29</Day></ContributionDate></BookDocument></PubmedBookArticle>"""
    review = read(chapter)
    assert (review.title, review.journal, review.date) == ("Wicks", "Light", "2001-06-29")
    assert (review.authors, review.types, review.pmid) == (("Ann Wick",), ("Review",), "30000003")


def test_chemical_names_in_a_title_keep_their_brackets() -> None:
    assert read(bare(1).replace("Lamp 1", "Glow of [CpFe(CO)(2)](2)AlAr.")).title == "Glow of [CpFe(CO)(2)](2)AlAr"


@pytest.mark.parametrize("text", ["<html><PubmedArticle></html>", "PMID- 1", "<article><article-meta/></article>", ""])
def test_other_files_are_left_to_their_readers(text: str) -> None:
    assert not pubmed_xml.recognises(text_file(text))


WHOLE = in_set(RECORD, bare(2), bare(3))
PUT = st.sampled_from(["", "<PubmedArticle>", "</Article>", "&x;", "<PMID>4</PMID>", "\x00", "é"])


@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 40), PUT), min_size=1, max_size=4))
def test_whatever_happens_to_a_file_its_sections_are_spans_in_order_or_it_is_refused(
    changes: list[tuple[int, int, str]],
) -> None:
    text = WHOLE
    for place, length, put in changes:
        text = text[:place] + put + text[place + length :]
    check(text_file(text))


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_read_or_refused(content: bytes, framed: bool) -> None:
    check(SourceFile("lamp.xml", b"<PubmedArticleSet><PubmedArticle>" + content if framed else content, ""))


def check(file: SourceFile) -> None:
    pubmed_xml.recognises(file)
    try:
        reading = pubmed_xml.read(file)
    except UnreadableReview:
        return
    for review in reading.reviews:
        end = 0
        for section in review.sections:
            assert end <= section.start < section.end <= len(review.text)
            end = section.end
