"""What became of papers, in files as users have them: retracted, of concern, corrected, in several versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.pipeline import ask
from rag.settings import Settings
from rag.shelf import Catalogue, open_library
from rag.shelf.versions import spoken_for
from rag.sources import read_folder
from tests.engine import no_model
from tests.sources.pdfs import Words, column, pdf

LAMPS = "Amber lamps halve the number of moths at village windows: a randomised trial"
ABSTRACT = (
    "Moths gather at bright windows in summer. We randomised 240 households to amber or white lamps for eight weeks. "
    "Amber lamps halved the number of moths at the window. No harm was reported by any household."
)
BODY = [
    "Moths gather at bright windows in summer, and lamps are blamed for it in most villages.",
    "We randomised 240 households to amber or white lamps for eight weeks and counted moths.",
    "Amber lamps halved the number of moths at the window in all but two of the villages.",
    "No harm was reported by any household, and nobody asked for the white lamp back.",
] * 4


def abstract_text(title: str, notices: str = "", pmid: int = 92000011, number: int = 1) -> str:
    return f"""{number}. J Moth. 2015 May;9(5):11-19. doi: 10.5555/jm.{pmid}.

{title}.

Wick A(1), Flint B(1).

Author information:
(1)Institute of Moths, Bergen, Norway.

{notices}{ABSTRACT}

DOI: 10.5555/jm.{pmid}
PMID: {pmid} [Indexed for MEDLINE]


"""


def medline(title: str, *more: str, pmid: int = 92000011, text: str = ABSTRACT) -> str:
    lines = [f"PMID- {pmid}", "DP  - 2015 May", f"TI  - {title}", f"AB  - {text}", "FAU - Wick, Ada", "AU  - Wick A"]
    return "\n".join([*lines, "LA  - eng", "JT  - Journal of moths", f"AID - 10.5555/jm.{pmid} [doi]", *more, "", ""])


def pubmed_xml(title: str, related: str = "", types: str = "", pmid: int = 92000011, text: str = ABSTRACT) -> str:
    kinds = "".join(f"<PublicationType>{kind}</PublicationType>" for kind in types.split("|") if kind)
    return f"""<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><Journal><JournalIssue>
<PubDate><Year>2015</Year></PubDate></JournalIssue><Title>Journal of moths</Title></Journal>
<ArticleTitle>{title}</ArticleTitle><Abstract><AbstractText>{text}</AbstractText></Abstract>
<AuthorList><Author><LastName>Wick</LastName><ForeName>Ada</ForeName></Author></AuthorList>
<PublicationTypeList>{kinds}<PublicationType>Journal Article</PublicationType></PublicationTypeList></Article>
<CommentsCorrectionsList>{related}</CommentsCorrectionsList></MedlineCitation></PubmedArticle>"""


def pubmed_set(*records: str) -> str:
    return f"<?xml version='1.0'?><PubmedArticleSet>{''.join(records)}</PubmedArticleSet>"


def refers(kind: str, pmid: int, source: str = "J Moth. 2017;11(1):9") -> str:
    named = f"<RefSource>{source}</RefSource><PMID>{pmid}</PMID>"
    return f'<CommentsCorrections RefType="{kind}">{named}</CommentsCorrections>'


def jats(
    title: str,
    kind: str = "research-article",
    related: str = "",
    doi: str = "10.5555/jm.1",
    more: str = "",
    text: str = ABSTRACT,
    journal: str = "Journal of Moths",
    year: int = 2015,
) -> str:
    return f"""<article xmlns:xlink="http://www.w3.org/1999/xlink" article-type="{kind}"><front><journal-meta>
<journal-title-group><journal-title>{journal}</journal-title></journal-title-group></journal-meta><article-meta>
<article-id pub-id-type="doi">{doi}</article-id>{more}<title-group><article-title>{title}</article-title></title-group>
<contrib-group>
<contrib contrib-type="author"><name><surname>Wick</surname><given-names>Ada</given-names></name></contrib>
<contrib contrib-type="author"><name><surname>Flint</surname><given-names>Bo</given-names></name></contrib>
</contrib-group>
<pub-date pub-type="epub"><year>{year}</year></pub-date>{related}
<abstract><p>{text}</p></abstract></article-meta></front>
<body><sec><title>Results</title><p>{" ".join(BODY)}</p></sec></body></article>"""


def leads(kind: str, doi: str) -> str:
    return f'<related-article related-article-type="{kind}" ext-link-type="doi" xlink:href="{doi}" id="r1"/>'


def ris(title: str, *more: str, doi: str = "10.5555/jm.1", text: str = ABSTRACT) -> str:
    lines = ["TY  - JOUR", "AU  - Wick, Ada", f"TI  - {title}", "JO  - Journal of Moths", "PY  - 2015", f"AB  - {text}"]
    return "\n".join([*lines, f"DO  - {doi}", *more, "ER  - ", "", ""])


def web_page(title: str, banner: str = "", doi: str = "10.5555/jm.1") -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in BODY)
    return f"""<!DOCTYPE html><html><head><title>{title} | Journal of Moths</title>
<meta name="citation_title" content="{title}"><meta name="citation_author" content="Ada Wick">
<meta name="citation_journal_title" content="Journal of Moths"><meta name="citation_doi" content="{doi}">
<meta name="citation_publication_date" content="2015/05/01"></head><body><main>{banner}<h1>{title}</h1>
<h2>Abstract</h2><p>{ABSTRACT}</p><h2>Results</h2>{paragraphs}</main></body></html>"""


def printed(title: str, *above: str, below: str = "doi: 10.5555/jm.1") -> bytes:
    head = [Words(50, 40 + 14 * at, line, 9) for at, line in enumerate(above)]
    words = [
        *head,
        *column(50, 90, [title], 16, bold=True),
        Words(50, 120, "Ada Wick and Bo Flint"),
        Words(50, 134, "Institute of Moths, Bergen, Norway", 8),
        Words(50, 165, "Abstract", 11, bold=True),
        *column(50, 180, ABSTRACT.replace(". ", ".\n").split("\n")),
        Words(50, 250, "Results", 11, bold=True),
        *column(50, 266, BODY),
        Words(50, 800, f"Journal of Moths 2015; {below}", 8),
    ]
    return pdf([words])


NOTICE_TEXT = (
    "The editors retract this article, as the counts of moths could not be reproduced by the authors themselves."
)
OTHER = "White lamps and moths on the balconies of a northern town"
BIBTEX = f"""@article{{wick2015,
 title = {{{{RETRACTED}} {LAMPS}}},
 author = {{Wick, Ada}},
 year = {{2015}},
 doi = {{10.5555/jm.1}},
 journal = {{J Moth}},
 abstract = {{{ABSTRACT}}}
}}
"""
CSL_JSON = f"""[{{"id": "w", "type": "article-journal", "title": "RETRACTED ARTICLE: {LAMPS}",
 "abstract": "{ABSTRACT}", "DOI": "10.5555/jm.1", "issued": {{"date-parts": [[2015]]}}}}]"""
RETRACTION_LIST = """Record ID,Title,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature
1,Lamps,10.5555/JM.1,0,Retraction
"""
# Files, and what became of the papers in them by their DOI or PMID; behind an arrow the version that is asked.
CASES: dict[str, tuple[dict[str, str | bytes], dict[str, str]]] = {
    "abstracts as text, retracted above the abstract": (
        {
            "abstract-moths.txt": abstract_text(
                LAMPS, "Retraction in\n    J Moth. 2017 Jan;11(1):9. doi: 10.5555/jm.9.\n\n"
            )
            + abstract_text(OTHER, pmid=92000012, number=2)
        },
        {"10.5555/jm.92000011": "retracted", "10.5555/jm.92000012": ""},
    ),
    "abstracts as text, with an expression of concern and a comment": (
        {
            "abstract-moths.txt": abstract_text(
                LAMPS, "Comment in\n    J Moth. 2016;10:1.\n\nExpression of concern in\n    J Moth. 2017;11:9.\n\n"
            )
        },
        {"10.5555/jm.92000011": "expression of concern"},
    ),
    "abstracts as text, of a comment on a retracted paper": (
        {
            "abstract-moths.txt": abstract_text(
                "Do amber lamps work?", "Comment on\n    RETRACTED: J Moth. 2015;9:11-19.\n\n"
            )
        },
        {"10.5555/jm.92000011": ""},
    ),
    "abstracts as text, a notice and an update that name others by DOI": (
        {
            "abstract-moths.txt": abstract_text(LAMPS)
            + abstract_text(
                "Erratum on lamps", "Erratum for\n    J Moth. 2015;9:11. doi: 10.5555/jm.92000011.\n\n", 92000012, 2
            )
            + abstract_text(OTHER, pmid=92000013, number=3)
            + abstract_text(
                f"{OTHER} and villages", "Update of\n    J Moth. 2014;8:1. doi: 10.5555/jm.92000013.\n\n", 92000014, 4
            )
        },
        {
            "10.5555/jm.92000011": "corrected",
            "10.5555/jm.92000012": "",
            "10.5555/jm.92000013": " -> 10.5555/jm.92000014",
            "10.5555/jm.92000014": "",
        },
    ),
    "MEDLINE, retracted by its type and its notice": (
        {
            "pubmed-moths.nbib": medline(
                LAMPS, "PT  - Retracted Publication", "RIN - J Moth. 2017;11(1):9. PMID: 92000019"
            )
            + medline(OTHER, "PT  - Journal Article", pmid=92000012)
        },
        {"10.5555/jm.92000011": "retracted", "10.5555/jm.92000012": ""},
    ),
    "MEDLINE, the notice is loaded and the paper's record is older": (
        {
            "paper.nbib": medline(LAMPS),
            "notice.nbib": medline(
                f"Retraction: {LAMPS}",
                "PT  - Retraction of Publication",
                "ROF - J Moth. 2015;9(5):11-19. PMID: 92000011",
                pmid=92000019,
                text=NOTICE_TEXT,
            ),
        },
        {"10.5555/jm.92000011": "retracted", "10.5555/jm.92000019": ""},
    ),
    "MEDLINE, an erratum in and an erratum for": (
        {
            "moths.nbib": medline(LAMPS, "EIN - J Moth. 2016;10(1):3. PMID: 92000018")
            + medline(
                "Erratum for Wick 2015.", "PT  - Published Erratum", "EFR - J Moth. 2015. PMID: 92000011", pmid=92000018
            )
        },
        {"10.5555/jm.92000011": "corrected", "10.5555/jm.92000018": ""},
    ),
    "PubMed XML, a notice of retraction and an older record": (
        {
            "set.xml": pubmed_set(
                pubmed_xml(LAMPS),
                pubmed_xml(
                    f"Retraction: {LAMPS}",
                    refers("RetractionOf", 92000011),
                    "Retraction of Publication",
                    92000019,
                    NOTICE_TEXT,
                ),
            )
        },
        {"92000011": "retracted", "92000019": ""},
    ),
    "PubMed XML, a comment on a retracted paper and its reply": (
        {
            "set.xml": pubmed_set(
                pubmed_xml(
                    "Moths and lamps: a comment on a retracted trial",
                    refers("CommentOn", 92000011),
                    "Comment|Letter",
                    92000013,
                ),
                pubmed_xml(
                    "Moths and lamps: the authors reply to a comment", refers("CommentIn", 92000013), "Letter", 92000014
                ),
            )
        },
        {"92000013": "", "92000014": ""},
    ),
    "PubMed XML, retracted and published anew": (
        {"set.xml": pubmed_set(pubmed_xml(LAMPS, refers("RetractedandRepublishedIn", 92000016), "", 92000011))},
        {"92000011": "retracted"},
    ),
    "PubMed XML, a preprint whose record names the article of another title": (
        {
            "set.xml": pubmed_set(
                pubmed_xml(
                    "Do lamps draw moths? Counts in nine villages",
                    refers("UpdateIn", 92000022, "J Moth. 2016;10:4"),
                    "Preprint",
                    92000021,
                ),
                pubmed_xml(LAMPS, refers("UpdateOf", 92000021, "medRxiv. 2015 Jan 4:2015.01.04.1"), "", 92000022),
            )
        },
        {"92000021": "preprint -> 92000022", "92000022": ""},
    ),
    "PubMed XML, an update of a Cochrane review": (
        {
            "cochrane.xml": pubmed_set(
                pubmed_xml(
                    "Lamps for keeping moths from windows", refers("UpdateIn", 92000032), "Systematic Review", 92000031
                ),
                pubmed_xml(
                    "Lamps and nets for keeping moths from windows",
                    refers("UpdateOf", 92000031),
                    "Systematic Review",
                    92000032,
                    f"{ABSTRACT} Two trials are new in this update.",
                ),
            )
        },
        {"92000031": " -> 92000032", "92000032": ""},
    ),
    "RIS, two editions of a Cochrane review by their DOIs": (
        {
            "a.ris": ris("Lamps for keeping moths from windows", doi="10.1002/14651858.CD099123.pub2"),
            "b.ris": ris(
                "Lamps for keeping moths from windows",
                doi="10.1002/14651858.CD099123.pub3",
                text=f"{ABSTRACT} An update.",
            ),
        },
        {"10.1002/14651858.cd099123.pub2": " -> 10.1002/14651858.cd099123.pub3", "10.1002/14651858.cd099123.pub3": ""},
    ),
    "RIS, marked in the title": ({"refs.ris": ris(f"RETRACTED: {LAMPS}")}, {"10.5555/jm.1": "retracted"}),
    "RIS, withdrawn in the title": (
        {"refs.ris": ris(f"WITHDRAWN: {LAMPS}") + ris("Withdrawn patients in trials of lamps", doi="10.5555/jm.2")},
        {"10.5555/jm.1": "retracted", "10.5555/jm.2": ""},
    ),
    "RIS, a publisher's notice names the paper": (
        {
            "paper.ris": ris(LAMPS),
            "notice.ris": ris(
                f"Retraction notice to “{LAMPS}” [J Moths 9 (2015) 11–19]", doi="10.5555/jm.99", text=NOTICE_TEXT
            ),
        },
        {"10.5555/jm.1": "retracted", "10.5555/jm.99": ""},
    ),
    "RIS, a correction names the paper": (
        {
            "paper.ris": ris(LAMPS) + ris(OTHER, doi="10.5555/jm.2"),
            "notice.ris": ris(
                f"Correction to: {LAMPS}", doi="10.5555/jm.98", text="In Table 2 the columns were exchanged."
            ),
        },
        {"10.5555/jm.1": "corrected", "10.5555/jm.2": "", "10.5555/jm.98": ""},
    ),
    "BibTeX, marked in braces": (
        {"library.bib": BIBTEX},
        {"10.5555/jm.1": "retracted"},
    ),
    "CSL JSON, a retracted article": (
        {"zotero.json": CSL_JSON},
        {"10.5555/jm.1": "retracted"},
    ),
    "JATS, a notice beside the paper": (
        {
            "paper.nxml": jats(LAMPS),
            "notice.nxml": jats(
                f"Retraction: {LAMPS}",
                "retraction",
                leads("retracted-article", "10.5555/jm.1"),
                "10.5555/jm.9",
                text=NOTICE_TEXT,
            ),
        },
        {"10.5555/jm.1": "retracted", "10.5555/jm.9": ""},
    ),
    "JATS, the paper names its notice": (
        {"paper.nxml": jats(LAMPS, related=leads("retraction-forward", "10.5555/jm.9"))},
        {"10.5555/jm.1": "retracted"},
    ),
    "JATS, an expression of concern beside the paper, and a correction of another": (
        {
            "paper.nxml": jats(LAMPS),
            "other.nxml": jats(OTHER, doi="10.5555/jm.2"),
            "concern.nxml": jats(
                "Expression of concern on a trial of lamps",
                "expression-of-concern",
                leads("object-of-concern", "10.5555/jm.1"),
                "10.5555/jm.8",
            ),
            "correction.nxml": jats(
                "Correction: White lamps", "correction", leads("corrected-article", "10.5555/jm.2"), "10.5555/jm.7"
            ),
        },
        {"10.5555/jm.1": "expression of concern", "10.5555/jm.2": "corrected", "10.5555/jm.8": "", "10.5555/jm.7": ""},
    ),
    "JATS, a commentary on a retracted article": (
        {
            "comment.nxml": jats(
                "What the amber lamps teach us",
                "article-commentary",
                leads("commentary-article", "10.5555/jm.1"),
                "10.5555/jm.6",
            )
        },
        {"10.5555/jm.6": ""},
    ),
    "a web page that says above its title that it is retracted": (
        {"page.html": web_page(LAMPS, "<p>This article has been retracted. See the retraction notice.</p>")},
        {"10.5555/jm.1": "retracted"},
    ),
    "a preprint's web page that was withdrawn": (
        {
            "page.html": web_page(LAMPS, "<p>This article has been withdrawn.</p>", "10.1101/2015.01.04.2015").replace(
                "Journal of Moths", "medRxiv"
            )
        },
        {"10.1101/2015.01.04.2015": "retracted"},
    ),
    "a PDF that is marked above its title": (
        {"paper.pdf": printed("Amber lamps halve the number of moths", "RETRACTED ARTICLE")},
        {"10.5555/jm.1": "retracted"},
    ),
    "a paper as PDF without a mark, and as a retracted record": (
        {
            "paper.pdf": printed("Amber lamps halve the number of moths"),
            "refs.ris": ris("RETRACTED: Amber lamps halve the number of moths"),
        },
        {"10.5555/jm.1": "retracted"},
    ),
    "a paper as PDF without numbers, and as a retracted record": (
        {
            "paper.pdf": printed("Amber lamps halve the number of moths", below="11-19"),
            "refs.ris": ris("RETRACTED: Amber lamps halve the number of moths"),
        },
        {"10.5555/jm.1": "retracted"},
    ),
    "a preprint, its article and the article as PDF": (
        {
            "preprint.nxml": jats(
                "Amber lamps halve the number of moths", doi="10.1101/2014.01.04.2014", journal="bioRxiv", year=2014
            ),
            "article.nxml": jats("Amber lamps halve the number of moths"),
            "article.pdf": printed("Amber lamps halve the number of moths"),
        },
        {"10.1101/2014.01.04.2014": "preprint -> 10.5555/jm.1", "10.5555/jm.1": ""},
    ),
    "a paper about retracted papers": (
        {"refs.ris": ris("Retracted papers in the study of moths: a survey")},
        {"10.5555/jm.1": ""},
    ),
    "a list of retractions": (
        {"paper.ris": ris(LAMPS) + ris(OTHER, doi="10.5555/jm.2"), "watch.csv": RETRACTION_LIST},
        {"10.5555/jm.1": "retracted", "10.5555/jm.2": ""},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_files_tell_what_became_of_papers(name: str, tmp_path: Path) -> None:
    files, expected = CASES[name]
    for file, content in files.items():
        (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    reviews = read_folder(tmp_path).reviews
    versions, name_of = spoken_for(Catalogue(reviews)), {one.id: one.doi or one.pmid for one in reviews}
    found = {
        name_of[one.id]: f"{one.status} -> {name_of[versions[one.id]]}" if one.id in versions else one.status
        for one in reviews
    }
    assert found == expected


def test_only_what_still_stands_is_quoted_and_the_rest_by_name(tmp_path: Path) -> None:
    nets = "Nets for keeping moths from windows in villages"
    files = {
        "wick.ris": ris(f"RETRACTED: {LAMPS}", doi="10.5555/jm.1"),
        "flint.ris": ris(
            OTHER, doi="10.5555/jm.2", text="White lamps drew moths to windows. Moths at the window fell by a tenth."
        ),
        "a.ris": ris(nets, doi="10.1002/14651858.CD099123.pub2", text="Nets kept 30 of 100 moths from the window."),
        "b.ris": ris(nets, doi="10.1002/14651858.CD099123.pub3", text="Nets kept 70 of 100 moths from the window."),
    }
    for file, content in files.items():
        (tmp_path / "pages" / file).parent.mkdir(exist_ok=True)
        (tmp_path / "pages" / file).write_text(content)
    with no_model():
        library = open_library(Settings(seeds=tmp_path / "pages", data=tmp_path / "data"))

    def quoted(question: str) -> set[str]:
        return {citation.quote.review_id for citation in ask(question, library).quoted}

    assert quoted("How many moths were kept from the window by nets?") == {"10.1002/14651858.cd099123.pub3"}
    assert "10.5555/jm.1" not in quoted("Did lamps halve the number of moths at the window?")
    assert quoted("What does 10.5555/jm.1 say about moths at the window?") == {"10.5555/jm.1"}
    assert quoted("What does a.ris say about nets?") == {"10.1002/14651858.cd099123.pub2"}
    earlier, later = (library.index.reviews[f"10.1002/14651858.cd099123.pub{number}"] for number in (2, 3))
    assert library.spoken_for == {earlier.id: later.id} and not library.changed(later)
