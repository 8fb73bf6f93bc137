"""What a paper states of itself is read from its own words, and never from what it says of others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.shelf.paper_facts import paper_facts
from rag.sources.plain import read
from rag.sources.source_file import SourceFile
from rag.types import Review


def paper(abstract: str, below: str = "", title: str = "Amber lamps and sleep") -> Review:
    text = f"# {title}\n\nAnn Wick, Bo Flint\n\n## Abstract\n\n{abstract}\n{below}"
    return read(SourceFile("page.md", text.encode(), text)).reviews[0]


def participants(abstract: str, below: str = "") -> str | None:
    stated = paper_facts(paper(abstract, below), lambda span: True).participants
    return stated.value if stated else None


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("We randomised 120 volunteers to amber or white lamps.", "120"),
        ("In a trial, 755 patients with insomnia (ISI score of 20 or more) were recruited from 27 practices.", "755"),
        ("Fifty subjects affected by insomnia not requiring drugs were enrolled.", "50"),
        ("A trial was conducted with 44 shift workers in lamp-lit halls.", "44"),
        ("The study involved 60 middle-aged Danish adults.", "60"),
        ("Participants were 81 healthy male undergraduates assigned to one of two lamps.", "81"),
        ("Of 2,182 people with fever, 536 were enrolled in the trial.", "536"),
        ("We interviewed 636 patients and 615 controls, matched by age.", "1251"),
        ("Lamps were tried in 41 patients with migraine, 47 with vertigo, and 86 with neither.", "174"),
        ("Male patients (n=80) were randomly divided into two groups of 40 each.", "80"),
        ("A total of 2,249 included patients were followed.", "2249"),
        ("One hundred and nine patients were included.", "109"),
        ("We recruited one hundred and ninety four tired and restless workers.", "194"),
        ("Two hundred patients scheduled to travel by night were taken.", "200"),
        ("Two hundred and six patients were included.", "206"),
        ("Twenty-six tired subjects were enrolled and 19 completed the study.", "26"),
        ("We enrolled fifty tired children between 8 and 12 years of age.", "50"),
        ("In the trial 76 nurses (97% female; aged 46 years) participated.", "76"),
        ("Adults were randomly allocated to lamps (102 patients) or to darkness (109 patients).", "211"),
        ("Classes were assigned to lamps (n = 26 classes, 432 children) or not (n = 27 classes, 493 children).", "925"),
        ("We included patients from clinics (12 nights) and from halls (14 nights).", None),
        ("Twelve sites and 300 lamps were included.", None),
        ("One group (20 patients) received lamps, the patients being randomly assigned.", None),
        ("All slept well, and 5 patients had headaches.", None),
        ("Eight men and 15 women were included.", None),
        ("Of 900 adults screened 300 were eligible.", None),
        ("We studied 208 individual sequences of microbes.", None),
        ("In each group 15 persons slept under lamps.", None),
        ("Seventeen halls enrolled between 16 and 20 subjects.", None),
        ("Data were not available for 19 children.", None),
        ("Soldiers were assigned to lamps (n = 20; 16 males & 4 females) or not (n = 23; 15 men and 8 women).", None),
        ("Group A slept outdoors, 19 lambs; B indoors, 23 lambs; C in a barn, 30 lambs.", None),
        ("The sessions of the trial were supervised by two physiotherapists.", None),
        ("A subgroup of 20 participants was asked about the trial.", None),
        ("A previous study of 200 healthy volunteers found that lamps keep people awake.", None),
    ],
)
def test_participants_are_all_who_entered_and_no_part_of_them(sentence: str, count: str | None) -> None:
    assert participants(sentence) == count


def test_a_trial_is_told_more_closely_by_its_own_words() -> None:
    review = paper("Adults were randomly assigned to amber lamps.", title="Amber lamps: a clinical trial")
    assert [design.value for design in paper_facts(review, lambda span: True).designs] == ["trial", "randomised trial"]


def test_a_crossover_that_drew_lots_is_a_randomised_trial_too() -> None:
    review = paper("Twelve adults took part in a randomised study of lamps.", title="A crossover study of amber lamps")
    designs = [design.value for design in paper_facts(review, lambda span: True).designs]
    assert designs == ["crossover trial", "randomised trial"]


def test_a_protocol_by_its_record_tells_what_is_planned() -> None:
    review = replace(paper("Lamps will be lit.", title="Amber lamps: a cluster randomised trial"), types=("Protocol",))
    designs = {design.value for design in paper_facts(review, lambda span: True).designs}
    assert designs == {"protocol", "cluster randomised trial", "randomised trial"}


def test_a_trial_on_guidelines_is_a_trial() -> None:
    review = paper("Offices were randomised to e-mail or to none.", title="E-mail and adherence to lamp guidelines")
    assert [design.value for design in paper_facts(review, lambda span: True).designs] == ["randomised trial"]


def test_what_a_paper_tells_of_the_study_of_others_is_not_its_own() -> None:
    below = "\n## Participants\n\nA trial by Reed et al. in 40 patients found the same."
    assert participants("We plan to find out whether lamps help.", below) is None


def test_a_text_without_an_abstract_that_is_short_is_one() -> None:
    text = "# Amber lamps\n\nAnn Wick\n\n## What we did\n\nConsecutive patients (n=255) under lamps were included.\n"
    review = read(SourceFile("page.md", text.encode(), text)).reviews[0]
    stated = paper_facts(review, lambda span: True).participants
    assert stated and stated.value == "255"


@pytest.mark.parametrize(
    ("heading", "said", "told"),
    [
        ("Disclosures", "This study was funded by the Lamp Trust.", "This study was funded by the Lamp Trust."),
        ("Competing interests", "None. The trial was supported by Moth.", "The trial was supported by Moth."),
        ("Acknowledgements", "We thank all. Potential Financial Conflicts of Interest: none disclosed.", None),
    ],
)  # fmt: skip
def test_who_paid_is_told_where_it_is_declared(heading: str, said: str, told: str | None) -> None:
    stated = paper_facts(paper("We counted.", f"\n## {heading}\n\n{said}\n"), lambda span: True).funding
    assert (stated.value if stated else None) == told


def test_who_paid_for_the_study_comes_before_who_paid_its_authors() -> None:
    below = "\n## Acknowledgements\n\nWick has grants from the Bulb Fund. The study was sponsored by the Lamp Trust.\n"
    funding = paper_facts(paper("Adults slept.", below), lambda span: True).funding
    assert funding and funding.value == "The study was sponsored by the Lamp Trust."


def test_who_paid_is_told_by_the_thanks_where_no_part_is_headed_so() -> None:
    below = "\n## Acknowledgements\n\nWe thank all sleepers. The Lamp Fund funded the work.\n"
    funding = paper_facts(paper("Adults slept.", below), lambda span: True).funding
    assert funding and funding.value == "The Lamp Fund funded the work."


def test_a_report_of_a_case_is_on_one_person() -> None:
    stated = paper_facts(paper("We saw a 60-year-old lamplighter.", title="A case report of lamp sickness"), bool)
    assert stated.participants and stated.participants.value == "1"


def test_a_paper_that_tells_what_was_done_and_found_is_a_study_though_it_states_no_design():
    own = ("We watched 40 hives for a year.", "Losses were 5%.", "Stores lasted longer.")
    review = paper("Bees are known to rest. " + " ".join(own) + " Hives need care.", title="Bees at rest")

    def is_study(*sentences: str) -> bool:
        return paper_facts(review, lambda span: review.text[slice(*span)] in sentences).is_study

    assert is_study(*own) and not is_study(own[0])


def test_where_the_roles_of_sentences_are_unknown_nothing_is_taken_for_a_study():
    assert paper_facts(paper("Bees are known to rest. Losses were 5%."), lambda span: True).is_study is False
