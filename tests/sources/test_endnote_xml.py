"""References that EndNote exported in XML: each a review, whatever styles its words are parted into."""

from __future__ import annotations

import pytest

from rag.errors import UnreadableReview
from rag.sources import Reading, read_bytes_as

HEAD = '<?xml version="1.0" encoding="UTF-8" ?><xml><records>'


def styled(words: str) -> str:
    return f'<style face="normal" font="default" size="100%">{words}</style>'


def record(title: str, number: str = "10.5555/lamps.1", more: str = "") -> str:
    return (
        "<record><rec-number>7</rec-number><ref-type name='Journal Article'>17</ref-type><contributors><authors>"
        f"<author>{styled('Wick, Ann B.')}</author><author>{styled('Flint, Bo')}</author></authors>"
        f"<tertiary-authors><author>{styled('Editor, Ed')}</author></tertiary-authors></contributors><titles>"
        f"<title>{styled(title)}{styled(' on moths')}</title><secondary-title>{styled('Journal of Lamps')}"
        f"</secondary-title></titles><periodical><full-title>{styled('J Lamps')}</full-title></periodical>"
        f"<pages>{styled('17-29')}</pages><volume>{styled('24')}</volume><number>{styled('8')}</number><dates><year>"
        f"{styled('2023')}</year></dates><electronic-resource-num>{styled(number)}</electronic-resource-num><abstract>"
        f"{styled('Background: Moths fly.&#xD;Results: Lamps drew moths at night.')}</abstract>{more}</record>"
    )


def read(*records: str) -> Reading:
    return read_bytes_as(f"{HEAD}{''.join(records)}</records></xml>".encode(), "Lamps.xml")


def test_a_reference_has_its_facts_and_its_abstract() -> None:
    (review,) = read(record("Effects of lamps")).reviews
    assert (review.title, review.authors) == ("Effects of lamps on moths", ("Ann B. Wick", "Bo Flint"))
    assert (review.year, review.doi, review.journal) == (2023, "10.5555/lamps.1", "Journal of Lamps")
    said = {section.heading: review.text[section.start : section.end] for section in review.sections}
    assert said["Abstract: Results"] == "Lamps drew moths at night."


def test_what_the_owner_noted_is_a_note() -> None:
    (review,) = read(
        record("Lamps", more=f"<research-notes>{styled('Ask Bo about the wicks.')}</research-notes>")
    ).reviews
    (note,) = [section for section in review.sections if section.provenance == "note"]
    assert review.text[note.start : note.end] == "Ask Bo about the wicks."


def test_each_record_is_a_review_and_one_without_a_title_is_told() -> None:
    reading = read(record("Lamps"), "<record><rec-number>8</rec-number></record>", record("Wicks", "10.5555/wicks.2"))
    assert [review.title for review in reading.reviews] == ["Lamps on moths", "Wicks on moths"]
    assert reading.refused == ("Lamps.xml: Record 2: it has no title",)


def test_a_damaged_file_gives_what_can_be_read_or_a_reason() -> None:
    cut = f"{HEAD}{record('Lamps')}{record('Wicks', '10.5555/wicks.2')[:400]}".encode()
    assert [review.title for review in read_bytes_as(cut, "Lamps.xml").reviews][:1] == ["Lamps on moths"]
    with pytest.raises(UnreadableReview, match="holds no reference"):
        read_bytes_as(f"{HEAD}<record></record></records></xml>".encode(), "Lamps.xml")
