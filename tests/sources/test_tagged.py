"""Records of tagged fields: each is a review with its own lines, its facts from its own tags alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UnreadableReview
from rag.sources import tagged
from rag.types import Review
from tests.sources.files import only_review, text_file

MEDLINE = """\
PMID- 10000001
OWN - NLM
DP  - 2021 May 4
TI  - Moths at street lamps, and what the
      dusk has to do with it.
LID - 31 [pii]
LID - 10.5555/Lamp.3 [doi]
AB  - BACKGROUND: Moths fly to lamps. Nobody knows why.
      METHODS: We counted 412 moths at
      12 lamps (95% CI 380-440) RESULTS: White lamps drew more moths.
CI  - (c) 2021 The Authors.
FAU - van der Wick, Ada M
AU  - van der Wick AM
AD  - Institute of Dusk, Harbour Town.
FAU - Flint, Bo, Jr
AU  - Flint B Jr
CN  - Dusk Watch Group
PT  - Journal Article
PT  - Review
TA  - J Lamp Stud
JT  - Journal of lamp studies
GR  - HT-77/Harbour Trust
CIN - J Lamp Stud. 2021;3:50. doi: 10.5555/comment.1. PMID: 999
MH  - *Moths/physiology
MH  - Light, Artificial
OT  - dusk
COIS- BF sells lamps.
AID - 10.5555/lamp.3 [doi]
PMC - PMC123456
SO  - J Lamp Stud. 2021 May 4;3(2):41-49. doi: 10.5555/lamp.3.
"""
RIS = """\
TY  - JOUR
AU  - Wick, Ada
AU  - Flint, B.
TI  - Honey from rooftop hives.
PY  - 2019
DA  - 2019/07/04/
T2  - Bee Letters
DO  - https://doi.org/10.5555/HONEY.1
AB  - Background: Hives stand on roofs. Results: Honey was 12% darker.
KW  - honey
KW  - roofs
N1  - Read this again. It may be wrong.
M3  - Review
UR  - https://bees.example/1
ER  -
"""
WOS = """\
FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Wick, A
   Flint, B
AF Wick, Ada
   Flint, Bo
TI Kites over the
   harbour
SO KITE REVIEW
AB Kites rise
   in the evening.
DT Retracted Publication
PD DEC 16
PY 2020
DI 10.5555/kite.7
PM 10000007
CR Roe M, 2001, KITE REV, V1, P2, DOI 10.5555/other.1
ER

EF
"""
ENDNOTE = """\
%0 Journal Article
%A Wick, Ada
%T Bells at noon
%J Bell Lett
%D 2018
%R 10.5555/bell.4
%X Bells ring.

They ring at noon.
%Z A note of mine
"""


def read(text: str) -> Review:
    return only_review(text, tagged)


def reviews(text: str) -> tuple[Review, ...]:
    return tagged.read(text_file(text)).reviews


def wording(review: Review, heading: str) -> list[str]:
    return [" ".join(review.text[s.start : s.end].split()) for s in review.sections if s.heading == heading]


def test_a_record_of_pubmed_gives_its_facts() -> None:
    review = read(MEDLINE)
    assert review.title == "Moths at street lamps, and what the dusk has to do with it"
    assert review.authors == ("Ada M van der Wick", "Bo Flint Jr", "Dusk Watch Group")
    assert (review.doi, review.pmid, review.pmcid) == ("10.5555/lamp.3", "10000001", "PMC123456")
    assert (review.journal, review.date, review.year) == ("J Lamp Stud", "2021 May 4", 2021)
    assert review.types == ("Journal Article", "Review")
    assert review.mesh == ("Moths / physiology", "Light, Artificial")
    assert review.url == "https://pubmed.ncbi.nlm.nih.gov/10000001/"


def test_the_text_of_a_record_is_its_lines_and_its_sections_are_spans_of_them() -> None:
    review = read(MEDLINE)
    assert review.text == MEDLINE.strip()
    assert wording(review, "Abstract: Methods") == ["We counted 412 moths at 12 lamps (95% CI 380-440)"]
    assert wording(review, "Abstract: Results") == ["White lamps drew more moths."]
    assert wording(review, "Competing interests") == ["BF sells lamps."]
    assert wording(review, "Funding") == ["HT-77/Harbour Trust"]
    assert wording(review, "Copyright") == ["(c) 2021 The Authors."]


def test_a_label_in_the_middle_of_an_abstract_without_labels_is_text() -> None:
    review = read("TY  - JOUR\nTI  - T\nAB  - Moths came. NOTE: lamps were on.\nER  - \n")
    assert wording(review, "Abstract") == ["Moths came. NOTE: lamps were on."]


def test_a_comment_on_a_paper_lends_it_no_fact() -> None:
    comment = "CIN - J Lamp Stud. 2021;3:50. doi: 10.5555/comment.1. PMID: 999\n"
    review = read(f"PMID- 7\nTI  - Lamps.\nAB  - They glow.\n{comment}")
    assert (review.doi, review.pmid, review.status) == (None, "7", "")


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("PT  - Retracted Publication", "retracted"),
        ("RIN - J Lamp Stud. 2022;4:1", "retracted"),
        ("ECI - J Lamp Stud. 2022;4:1", "expression of concern"),
        ("EIN - J Lamp Stud. 2022;4:1", "corrected"),
        ("PT  - Preprint", "preprint"),
        ("ROF - J Lamp Stud. 2022;4:1", ""),
        ("PT  - Retraction of Publication", ""),
        ("PT  - Published Erratum", ""),
    ],
)
def test_what_has_become_of_a_paper_is_told_by_its_own_record(line: str, status: str) -> None:
    assert read(f"{MEDLINE}{line}\n").status == status


def test_older_records_name_authors_by_initials() -> None:
    assert read("PMID- 7\nTI  - Lamps.\nAU  - Wick A\nAU  - Flint BC\n").authors == ("Wick A", "Flint BC")


@pytest.mark.parametrize("between", ["\n", "\r\n", "", "\ufeff", "\n\n\n"])
def test_records_keep_apart_however_files_were_set_behind_each_other(between: str) -> None:
    other = "PMID- 8\nDP  - 2001\nTI  - Bells at noon.\nAB  - Bells ring.\nSO  - Bell Lett. 2001."
    first, second = reviews(f"{MEDLINE.rstrip()}{between}{other}")
    assert (first.pmid, first.year, second.pmid, second.year) == ("10000001", 2021, "8", 2001)
    assert (first.text, second.text) == (MEDLINE.strip(), other)


def test_a_record_without_a_number_takes_nothing_from_the_one_above() -> None:
    first, second = reviews(f"{MEDLINE}\nTI  - Bells at noon.\nAB  - Bells ring.\nDP  - 2001\n")
    assert (second.title, second.pmid, second.year, second.doi) == ("Bells at noon", None, 2001, None)
    assert first.text == MEDLINE.strip()


def test_a_record_without_a_title_is_refused_and_stops_no_other() -> None:
    reading = tagged.read(text_file(f"PMID- 5\nAB  - Alone.\n\n{MEDLINE}"))
    assert [review.pmid for review in reading.reviews] == ["10000001"]
    assert reading.refused == ("Record 1: it has no title",)


def test_a_title_that_is_not_available_in_english_is_that_of_the_paper() -> None:
    assert read("PMID- 7\nTI  - [Not Available].\nTT  - Motten am Licht.\n").title == "Motten am Licht"
    assert read("PMID- 7\nTI  - [Moths at the light].\nTT  - Motten am Licht.\n").title == "Moths at the light"


def test_a_record_of_ris_gives_its_facts_and_its_notes_are_no_words_of_the_authors() -> None:
    review = read(RIS)
    assert (review.title, review.authors) == ("Honey from rooftop hives", ("Ada Wick", "B. Flint"))
    assert (review.journal, review.date, review.doi) == ("Bee Letters", "2019/07/04", "10.5555/honey.1")
    assert (review.types, review.url) == (("Review",), "https://bees.example/1")
    (note,) = [section for section in review.sections if section.heading == "Notes"]
    assert (note.provenance, note.kind) == ("note", "summary")
    assert wording(review, "Abstract: Results") == ["Honey was 12% darker."]


@pytest.mark.parametrize("between", ["\n", "", "\n\nProvider: Hive Search\nContent: text\n\n", "\n2.\n"])
def test_records_of_ris_end_where_they_say_so(between: str) -> None:
    other = RIS.replace("Honey", "Wax").replace("HONEY.1", "wax.1").strip()
    first, second = reviews(f"{RIS.strip()}{between}{other}")
    assert [review.doi for review in (first, second)] == ["10.5555/honey.1", "10.5555/wax.1"]
    assert "Provider" not in first.text + second.text


def test_a_line_of_an_abstract_that_looks_like_a_tag_is_no_field() -> None:
    review = read("TY  - JOUR\nTI  - T\nAB  - Lamps in the\nUK - and moths\nin the dark.\nER  - \n")
    assert wording(review, "Abstract") == ["Lamps in the UK - and moths in the dark."]


def test_first_authors_may_have_a_tag_of_their_own() -> None:
    review = read(RIS.replace("AU  - Wick", "A1  - Wick"))
    assert review.authors == ("Ada Wick", "B. Flint")


def test_a_number_of_pubmed_is_believed_where_the_database_is_pubmed() -> None:
    assert read(RIS.replace("ER", "AN  - 12345678\nDB  - PubMed\nER")).pmid == "12345678"
    assert read(RIS.replace("ER", "AN  - 12345678\nDB  - Embase\nER")).pmid is None


def test_old_identifiers_with_angle_brackets_are_whole() -> None:
    review = read(RIS.replace("https://doi.org/10.5555/HONEY.1", "10.1002/0001(199801)1:2<33::AID-B7>3.0.CO;2-X"))
    assert review.doi == "10.1002/0001(199801)1:2<33::aid-b7>3.0.co;2-x"


def test_an_identifier_that_breaks_off_is_none() -> None:
    assert read(RIS.replace("HONEY.1", "Bee|t.570.1")).doi is None


def test_an_export_of_web_of_science_is_read() -> None:
    review = read(WOS)
    assert (review.title, review.authors) == ("Kites over the harbour", ("Ada Wick", "Bo Flint"))
    assert (review.journal, review.date, review.doi, review.pmid) == (
        "KITE REVIEW",
        "2020 Dec 16",
        "10.5555/kite.7",
        "10000007",
    )
    assert review.status == "retracted"
    assert wording(review, "References") == ["Roe M, 2001, KITE REV, V1, P2, DOI 10.5555/other.1"]


def test_an_export_of_endnote_is_read_with_all_paragraphs_of_its_abstract() -> None:
    review = read(ENDNOTE)
    assert (review.title, review.year, review.doi) == ("Bells at noon", 2018, "10.5555/bell.4")
    assert wording(review, "Abstract") == ["Bells ring. They ring at noon."]


def test_an_export_of_endnote_may_leave_out_the_types() -> None:
    text = ENDNOTE.replace("%0 Journal Article\n", "").replace("\n\n", "\n")
    assert [review.title for review in reviews(f"{text}\n{text}")] == ["Bells at noon", "Bells at noon"]


def test_records_that_all_lack_a_title_are_refused() -> None:
    file = text_file("TY  - GEN\nN1  - nothing\nER  -\n")
    assert tagged.recognises(file)
    with pytest.raises(UnreadableReview, match="Record 1: it has no title"):
        tagged.read(file)


@pytest.mark.parametrize(
    "text",
    [
        "Moths at lamps\n\nTY - an essay on types.\n",
        f"# How to write RIS\n\n{'It is a long story. ' * 12}\n\nTY  - JOUR\nTI  - T\n",
        "DNA - the molecule\nRNA - the other one\n",
        "",
    ],
)
def test_other_texts_are_not_taken_for_records(text: str) -> None:
    assert not tagged.recognises(text_file(text))


@given(st.data())
def test_any_change_of_a_file_leaves_sections_in_order_or_is_refused(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([MEDLINE, RIS, WOS, ENDNOTE, f"{MEDLINE}\n{MEDLINE}"]))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    put = data.draw(
        st.text(max_size=8) | st.sampled_from(["\n", "\n\n", "PMID- 1\n", "TY  - JOUR\n", "ER  - ", "\ufeff"])
    )
    file = text_file(text[:start] + put + text[end:])
    try:
        reading = tagged.read(file)
    except UnreadableReview:
        return
    for review in reading.reviews:
        end = 0
        for section in review.sections:
            assert end <= section.start < section.end <= len(review.text)
            end = section.end
