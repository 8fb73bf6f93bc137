"""Questions about facts of publication are told from questions about findings, and the lines that state them found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.questions.parsing import MAX_QUESTION_CHARS
from rag.questions.publication_facts import FIELD_NAMES, asked_fields, states_field
from rag.settings import PROJECT
from rag.sources import read_review
from rag.text.chunking import chunk_review
from rag.types import Review
from tests.growth import at_once

SUMMARY, PUBMED = (read_review(path) for path in sorted((PROJECT / "seeds").glob("0*.txt")))


def bug(reason: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(reason=reason)


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("Who wrote it?", "authors"),
        ("Who are the authors of the review?", "authors"),
        ("Who is the first author?", "authors"),
        ("By whom was it written?", "authors"),
        ("Which journal was it published in?", "journal"),
        ("Where was it published?", "journal"),
        ("What is the DOI?", "doi"),
        ("What is its PMID?", "pmid"),
        ("PubMed ID?", "pmid"),
        ("What is its PMC number?", "pmcid"),
        ("Where can I read the full text?", "url"),
        ("When was it published?", "date"),
        ("What is the publication date?", "date"),
        ("Which pages?", "pages"),
        ("Which volume?", "volume"),
        ("Which issue number?", "issue"),
        ("What is its title?", "title"),
        ("Are there conflicts of interest?", "competing interests"),
        ("Did the authors disclose any ties to industry?", "competing interests"),
        ("Who funded it?", "funding"),
        ("Which grants supported it?", "funding"),
        ("What are the affiliations?", "affiliations"),
        ("Which university?", "affiliations"),
        ("What are the MeSH terms?", "mesh"),
        ("Which keywords?", "keywords"),
        ("What type of article is it?", "publication type"),
        ("Is it a trial or a review?", "publication type"),
        ("What is the e-mail of the corresponding author?", "email"),
        ("Is it open access?", "copyright"),
        ("Which genes are listed?", "genes"),
        ("Which diseases does the page link?", "diseases"),
        ("Which species are annotated?", "species"),
        ("Which chemicals are indexed?", "chemicals"),
        ("What is the NCBI gene id of CD19?", "entities"),
        ("How should I cite it?", "citation"),
        ("What references does it cite?", "references"),
    ],
)
def test_a_fact_of_publication_is_asked_for(question, field):
    for wording in (question, question.lower(), question.upper()):
        fields, spans = asked_fields(wording)
        assert field in fields and spans


@pytest.mark.parametrize(
    "question",
    [
        "Why is it hard to use CAR-T cells against solid tumors?",
        "What is the tumor microenvironment?",
        "Which antigens are targeted?",
        "Do the authors think that it is safe?",
        "What do the reviews say about lupus?",
        "How do T cells find a tumor?",
        "What is the issue with solid tumors?",
        "How many patients relapse?",
        "How are genes edited?",
        "Which diseases can be treated?",
        "Who benefits most?",
        "",
        "?",
        pytest.param("When do cytokines appear?", marks=bug("'when … appear' is a date of publication; issue 16")),
        pytest.param(
            "Which pathways link proteins to cancer?", marks=bug("'link proteins' is a list of the page; issue 16")
        ),
        pytest.param(
            "Which drugs attach to the receptor?", marks=bug("'drugs attach' is a list of the page; issue 16")
        ),
        pytest.param("Where can I find CD19?", marks=bug("'where can I find' is a web address; issue 16")),
        pytest.param("Which reference range is normal?", marks=bug("'which reference' is a reference list; issue 16")),
        pytest.param("How new are in vivo CAR-T cells?", marks=bug("'how new' is a date of publication; issue 16")),
        pytest.param(
            "Is kidney disease also called nephropathy?", marks=bug("'also called' is a list of the page; issue 16")
        ),
    ],
)
def test_a_question_about_findings_asks_for_none(question):
    assert asked_fields(question) == ((), [])


@pytest.mark.parametrize(
    ("question", "fields"),
    [
        ("Who wrote it, when, and what is the DOI?", {"authors", "doi"}),
        ("Did the authors declare competing interests?", {"competing interests"}),
        ("Which are the competing interests of the authors?", {"competing interests"}),
        ("Which journal, volume and issue?", {"journal", "issue"}),
    ],
)
def test_several_facts_are_asked_for_and_authors_only_when_they_are_meant(question, fields):
    assert set(asked_fields(question)[0]) >= fields
    assert ("authors" in asked_fields(question)[0]) == ("authors" in fields)


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from("who wrote the doi of volume issue genes list when".split())).map(" ".join)
)
def test_fields_are_named_once_and_spans_are_stretches_of_the_question(text):
    fields, spans = asked_fields(text)
    assert len(set(fields)) == len(fields) and set(fields) <= FIELD_NAMES.keys()
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert bool(spans) or not fields


def stated(field: str, review: Review) -> list[str]:
    return [
        review.text[start:end]
        for passage in chunk_review(review)
        for start, end in passage.sentences
        if states_field(field, review, passage, start, end)
    ]


@pytest.mark.parametrize(
    ("field", "review", "held"),
    [
        ("authors", SUMMARY, "Mouldy Sioud, Nicholas Paul Casey"),
        ("authors", PUBMED, "Ugur Uslu"),
        ("journal", PUBMED, "Nat Biotechnol"),
        ("doi", SUMMARY, "10.3390/ijms27020909"),
        ("doi", PUBMED, "10.1038/s41587-024-02446-2"),
        ("date", SUMMARY, "2026-01-16"),
        ("date", PUBMED, "2025 Apr"),
        ("pages", PUBMED, "506-515"),
        ("volume", PUBMED, "43(4)"),
        ("issue", PUBMED, "43(4)"),
        ("title", SUMMARY, "Engineering Immunity"),
        ("title", PUBMED, "Beyond the blood"),
        ("competing interests", PUBMED, "C.H.J. is an inventor"),
        ("references", PUBMED, "Melenhorst"),
        ("genes", SUMMARY, "CD19"),
        ("diseases", SUMMARY, "systemic lupus erythematosus"),
        ("species", SUMMARY, "Homo sapiens"),
        ("entities", SUMMARY, "MONDO:0007915"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_the_line_that_states_a_fact_is_found(field, review, held):
    lines = stated(field, review)
    assert any(held in line for line in lines)
    assert not any("immunotherapy, triumphing" in line or "has emerged as" in line for line in lines)


@pytest.mark.parametrize(
    ("field", "review"),
    [
        ("journal", SUMMARY),
        ("pages", SUMMARY),
        ("volume", SUMMARY),
        ("funding", SUMMARY),
        ("funding", PUBMED),
        ("keywords", PUBMED),
        ("genes", PUBMED),
        ("chemicals", SUMMARY),
        ("references", SUMMARY),
        ("competing interests", SUMMARY),
        ("email", PUBMED),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_a_fact_that_the_page_does_not_state_is_in_no_line(field, review):
    assert stated(field, review) == []


@pytest.mark.parametrize("field", sorted(FIELD_NAMES))
@pytest.mark.parametrize("review", [SUMMARY, PUBMED], ids=lambda review: review.id)
def test_a_fact_is_never_stated_by_prose(field, review):
    prose = [p for p in chunk_review(review) if p.kind in ("abstract", "summary")]
    assert not any(states_field(field, review, p, *span) for p in prose for span in p.sentences)


ATTACKS = [
    "who ",
    "which ",
    "when ",
    "where was ",
    "where is ",
    "is ",
    "was a ",
    "genes ",
    "gene id ",
    "link ",
    "linked a ",
]
ATTACKS += [
    "issue ",
    "conflicts ",
    "money ",
    "company ",
    "links ",
    "mesh ",
    "how many ",
    "the x authors ",
    "a",
    "a ",
    "ids ",
]
ATTACKS += ["list a a a ", "where are x ", "-", "a-", "appear", "proteins entit"]


def test_a_long_question_is_read_at_once():
    for unit in (*ATTACKS, "hi."):
        with at_once(unit):
            asked_fields((unit * MAX_QUESTION_CHARS)[:MAX_QUESTION_CHARS])
