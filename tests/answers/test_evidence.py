"""A question becomes quotes, or the decision that the reviews do not hold the answer."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from _pytest.mark import ParameterSet

from rag.answers.evidence import DESCRIBES, GONE_THROUGH, Evidence, gather, publication_facts
from rag.answers.judgement import judgement
from rag.answers.matching import build_matcher
from rag.pipeline import ask
from rag.questions import content_terms
from rag.questions.publication_facts import states_field
from rag.settings import Settings
from rag.shelf.library import Library
from rag.shelf.opening import open_library
from rag.types import PROSE
from tests.conftest import SEEDS
from tests.engine import (
    Shelf,
    cited,
    evidence,
    herons,
    invented,
    lexical,
    no_model,
    open_shelf,
    question,
    quotes,
    settings_for,
)
from tests.invented import APNOEA, CEMENT, PAGES, PHAGE
from tests.trials import BATHS, MUSIC, sleepless


def wrong(*case: object, says: str) -> ParameterSet:
    """A case whose outcome is wrong as yet."""
    return pytest.param(*case, marks=pytest.mark.xfail(reason=f"{says}; issue 14", strict=False))


def shown(found: Evidence) -> list[str]:
    """Return the quotes that answer, or else those that come closest."""
    return [quote.text for quote in found.quotes or found.closest]


@pytest.fixture(scope="module")
def seeds(library: Library) -> Shelf:
    return Shelf(library, Settings(seeds=SEEDS))


PLANTED = [
    ("How many patients did PT-41 cure?", "17 of 23 patients", PHAGE),
    ("What were the side effects of phages?", "Fever and chills", PHAGE),
    ("Which enzymes dissolve the biofilm?", "depolymerases", PHAGE),
    ("Why is an infected joint replacement hard to cure?", "hide in a biofilm", PHAGE),
    ("What did the CASTOR trial find?", "from 14% to 6%", CEMENT),
    ("Was kidney injury seen with vancomycin?", "4 of 210 patients", CEMENT),
    ("Why do surgeons like cement?", "easy to handle", CEMENT),
    ("How many adults took part in SERENA?", "412 adults", APNOEA),
    ("What did mandibular splints do to blood pressure?", "1.9 mmHg", APNOEA),
    ("Why did patients stop using the mask?", "noise and a dry mouth", APNOEA),
    ("Does singing ease agitation in nursing homes?", "eased agitation", "sha256"),
    ("Does memory get better with music?", "Memory did not improve", "sha256"),
]


@pytest.mark.parametrize(("question", "fact", "review_id"), PLANTED)
def test_a_planted_fact_is_shown_from_its_review(question: str, fact: str, review_id: str) -> None:
    found = evidence(question, invented())
    told = found.quotes or found.closest
    assert any(fact in quote.text and quote.review_id.startswith(review_id) for quote in told)
    assert (found.missing, found.nearest) == ((), ())


NEAR_MISSES = (
    "What did the POLLUX trial find?",
    "How many adults were enrolled in the SELENE trial?",
    "Did PT-42 clear the infection?",
    "Does icaB decide whether a phage can attach?",
    "Was teicoplanin cement any good?",
    "Does daptomycin work in cement spacers?",
    "What lowered blood pressure by 3.5 mmHg?",
    "18 of 23 patients",
    "What does vancomycin cement cost?",
    "How are phages manufactured?",
    "Do splints work in mice?",
    "Do phages work in children?",
    "Median survival with phages",
    "What do the reviews say about CRISPR?",
    "What is the capital of Australia?",
    "wibble frobnicate zxcvb",
    "Staphylococcus aureus",
    "Can listening to music cure insomnia?",
)
OTHER_DOSE = "Kidney injury after 9 g of vancomycin"


@pytest.mark.parametrize("question", [*NEAR_MISSES, wrong(OTHER_DOSE, says="another dose counts as the one asked for")])
def test_a_near_miss_is_not_answered_and_what_was_near_is_shown(question: str) -> None:
    found = evidence(question, invented())
    assert quotes(found) == []
    assert found.nearest or found.closest


@pytest.mark.parametrize("question", [*NEAR_MISSES, OTHER_DOSE])
def test_without_the_model_a_near_miss_is_not_answered_either(question: str) -> None:
    assert quotes(evidence(question, lexical())) == []


def test_a_question_about_stroke_is_not_answered_without_stroke() -> None:
    assert all("stroke" in quote for quote in quotes(evidence("Does CPAP prevent stroke?", invented())))


# What one review says of one thing, asked of what another review is about; "deafness" is in none.
CROSSED = (
    "Did PT-41 lower blood pressure?",
    "Does music cause kidney injury?",
    "Do masks cause fever?",
    "Does CPAP dissolve biofilm?",
    "Does vancomycin cause deafness?",
)


@pytest.mark.parametrize("question", CROSSED)
def test_half_of_a_question_is_no_answer_to_it(question: str) -> None:
    found = evidence(question, invented())
    assert found.missing or not found.quotes


def test_what_was_near_is_distinct_and_from_the_reviews_asked() -> None:
    found = evidence("What did the POLLUX trial find?", invented())
    spans = [(quote.review_id, quote.start) for quote in found.nearest]
    assert len(set(spans)) == len(spans) > 1
    (only,) = {quote.review_id for quote in evidence("What did the POLLUX trial find?", invented(), CEMENT).nearest}
    assert only == CEMENT


@pytest.mark.parametrize(
    ("question", "held", "missing"),
    [
        wrong("How do phages and daptomycin work?", "hage", "daptomycin", says="nothing is quoted"),
        ("How many patients were cured by PT-41, and what does it cost?", "17 of 23", "cost"),
        wrong("What are the side effects of phages and of Kymriah?", "Fever", "Kymriah", says="nothing is quoted"),
    ],
)
def test_an_answer_to_a_part_names_the_part_that_is_missing(question: str, held: str, missing: str) -> None:
    found = evidence(question, invented())
    assert any(held in quote for quote in quotes(found))
    assert missing in " ".join(found.missing)
    assert not any(missing in quote for quote in quotes(found))


@pytest.mark.parametrize(
    ("question", "held", "missing"),
    [
        ("Did vancomycin cement or teicoplanin cement lower reinfection?", "14% to 6%", "teicoplanin"),
        ("Which trial tested masks, POLLUX or SERENA?", "SERENA", "POLLUX"),
    ],
)
def test_of_two_things_one_of_which_is_nowhere_the_other_comes_close(question: str, held: str, missing: str) -> None:
    found = evidence(question, invented())
    assert not found.quotes and missing in " ".join(found.missing)
    assert any(held in quote.text for quote in (*found.closest, *found.nearest))


@pytest.mark.xfail(reason="nothing is quoted for the part that is there; issue 14")
def test_a_part_that_is_an_everyday_word_is_missed_too() -> None:
    found = evidence("What is the effect of splints and pacemakers on blood pressure?", invented())
    assert any("1.9 mmHg" in quote for quote in quotes(found))
    assert "pacemakers" in " ".join(found.missing)


@pytest.mark.parametrize(
    "question",
    [
        "How many patients did PT-41 cure?",
        "What were the side effects of phages?",
        "What is known about biofilm?",
        "Compare the reviews",
    ],
)
def test_a_page_s_summary_is_not_quoted_for_what_the_authors_say_in_the_same_words(question: str) -> None:
    texts = quotes(evidence(question, invented()))
    for repeated in ("17 of 23 patients.", "side effects."):
        assert not any(text.endswith(repeated) for text in texts)


@pytest.mark.xfail(reason="the page's repetition is quoted although the abstract says it; issue 14")
def test_the_abstract_is_quoted_for_the_microenvironment_rather_than_the_page(seeds: Shelf) -> None:
    found = evidence("tumour micro-environment", seeds)
    assert any(quote.provenance == "authors" and "microenvironment" in quote.text for quote in found.quotes)
    assert not any(quote.text.startswith("Challenges in solid tumors include") for quote in found.quotes)


@pytest.mark.parametrize(
    "question",
    [
        "What do the reviews say about biofilm?",
        "Do both reviews on joint replacements mention biofilm?",
        "Does Vandermolen agree with Quennell on biofilm?",
        "What do the 2021 and 2024 reviews say about biofilm?",
    ],
)
def test_every_review_that_has_something_to_say_is_heard(question: str) -> None:
    assert cited(ask(question, invented().library)) == {PHAGE, CEMENT}


def test_a_review_that_is_silent_is_not_quoted() -> None:
    found = evidence("Do the phage review and the music review agree on biofilm?", invented())
    assert cited(found) == {PHAGE}
    assert PHAGE in found.speaking and APNOEA not in found.speaking


@pytest.mark.parametrize("question", ["What is known about biofilm?", "What did the POLLUX trial find?", "mask"])
def test_quoted_reviews_speak_and_speaking_ones_were_asked(question: str) -> None:
    for scope in [(), (CEMENT,), (PHAGE, APNOEA)]:
        found = evidence(question, invented(), *scope)
        assert cited(found) <= found.speaking <= set(scope or invented().ids())


FACTS = [
    ("Who wrote the phage review?", ["Ilse Vandermolen, Tobias Okafor"]),
    ("Who wrote the cement paper?", ["Marisol Quennell 1, Dai Prosser 2, Hanne Lindqvist 1"]),
    ("Who are the authors of Masks, Splints and Pressure?", ["Rowan Achterberg, Siân Mallory"]),
    ("What is the PMID of the cement paper?", ["PMID: 35550088 DOI: 10.5555/cement.88"]),
    ("Which journal published the sleep apnoea paper?", ["Nocturne Med · DOI: 10.5555/noct.19.3 · 2019"]),
    ("What is the title of the music paper?", ["Singing and listening: what music does for people with dementia"]),
    (
        "Who funded the sleep apnoea review?",
        ["The Nightingale Foundation paid for this work under grant NF-207."],
    ),
    (
        "Any conflicts of interest in the cement review?",
        ["MQ holds shares in Cemora AG.", "The other authors declare no competing interests."],
    ),
    ("What keywords does the cement paper give?", ["Keywords: bone cement; vancomycin; biofilm."]),
    ("What other names does icaA have?", ["icaA (intercellular adhesion protein A) [NCBI Gene 4405] {aka ica1, BIOF}"]),
    ("Which species are listed?", ["Staphylococcus epidermidis (species) [taxon 1282]"]),
    (
        "Which references does the apnoea paper cite?",
        ["Hollis P. Tonsils and snoring in adolescents. Sleep Rep. 1999;1:1-9."],
    ),
]


@pytest.mark.parametrize(("question", "lines"), FACTS)
@pytest.mark.parametrize("shelf", [invented, lexical])
def test_a_fact_of_publication_is_the_page_s_own_line(shelf, question: str, lines: list[str]) -> None:
    found = evidence(question, shelf())
    assert quotes(found) == lines
    assert found.missing == ()


def test_when_a_paper_was_published_is_said_by_the_lines_with_its_date() -> None:
    assert quotes(evidence("When was the phage review published?", invented())) == [
        "Implant Biol Lett · DOI: 10.5555/phage.2024.17 · 2024-03-08"
    ]
    assert set(quotes(evidence("When was the cement paper published?", invented()))) == {
        ". 2021 Sep;14(3):201-219.",
        "doi: 10.5555/cement.88. Epub 2021 Jun 30.",
    }


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Who wrote the music paper?", "authors"),
        ("What is the DOI of the music paper?", "DOI"),
        ("When was the music review published?", "date of publication"),
        ("In which journal did the music paper appear?", "journal"),
        ("Who funded the phage review?", "funding"),
        ("What is the PMID of the phage paper?", "PMID"),
        ("What conflicts of interest are declared in the music paper?", "competing interests"),
        ("Which papers does the music review cite?", "references"),
    ],
)
def test_a_fact_that_the_page_lacks_is_said_to_be_lacking(question: str, missing: str) -> None:
    found = evidence(question, invented())
    assert (quotes(found), found.missing) == ([], (missing,))


def test_of_two_facts_the_one_that_is_lacking_is_missing() -> None:
    found = evidence("Who wrote the phage review and who funded it?", invented())
    assert (quotes(found), found.missing) == (["Ilse Vandermolen, Tobias Okafor"], ("funding",))


def test_a_question_about_all_papers_is_answered_by_each_that_states_it() -> None:
    assert cited(evidence("Who are the authors?", invented())) == {PHAGE, CEMENT, APNOEA}
    assert cited(evidence("Which DOIs do the papers have?", invented())) == {PHAGE, CEMENT, APNOEA}


@pytest.mark.parametrize(
    "question",
    [
        "Which references does the cement paper list?",
        "Does the cement paper cite Pinion?",
        "Which paper cites Grindle?",
    ],
)
def test_reference_lists_answer_questions_about_references(question: str) -> None:
    found = evidence(question, invented())
    assert {quote.kind for quote in found.quotes} == {"references"}
    assert cited(found) == {CEMENT}


@pytest.mark.parametrize(
    "question", ["Tonsils and snoring in adolescents", "Hollis", "daptomycin elution", "Who is Pinion?", "rifampicin"]
)
def test_reference_lists_answer_nothing_else(question: str) -> None:
    found = evidence(question, invented())
    assert quotes(found) == []
    assert not any(quote.kind == "references" for quote in found.nearest)


@pytest.mark.parametrize(
    "question", ["Which reasons are cited for stopping the mask?", "How do I cite the cement paper?"]
)
def test_the_word_cite_alone_does_not_ask_for_references(question: str) -> None:
    found = evidence(question, invented())
    assert found.quotes
    assert not any(quote.kind == "references" for quote in found.quotes)


@pytest.mark.parametrize(
    "question",
    [
        "In which year was PT-41 first given to a patient?",
        "Which year did the CASTOR trial start?",
        "What volume of cement is used?",
        "Where can I get a phage?",
        pytest.param(
            "Where did the patients with kidney injury come from?",
            marks=pytest.mark.xfail(reason="answered with the addresses of the authors; issue 14"),
        ),
    ],
)
def test_a_question_about_the_matter_is_not_answered_with_a_fact_of_publication(question: str) -> None:
    assert not any(quote.kind == "bibliographic" for quote in evidence(question, invented()).quotes)


def test_what_a_gene_does_is_quoted_from_the_findings() -> None:
    texts = quotes(evidence("Which gene decides whether a phage can attach?", invented()))
    assert any("decides whether a phage can attach" in text for text in texts)


def test_one_reference_can_be_asked_for() -> None:
    texts = quotes(evidence("Which reference of the cement paper is about daptomycin?", invented()))
    assert [text[:10] for text in texts] == ["Grindle H."]


@pytest.mark.xfail(reason="the words that name the paper also pick the lines that hold them; issue 14")
def test_the_words_that_name_a_paper_do_not_pick_among_its_lines() -> None:
    texts = quotes(evidence("What MeSH terms does the cement paper have?", invented()))
    assert any(text.startswith("Anti-Bacterial Agents") for text in texts)
    assert any(text.startswith("Bone Cements") for text in texts)


def test_a_review_named_by_its_journal_is_asked_for_its_findings() -> None:
    texts = quotes(evidence("What does Journal of Orthopaedic Reviews say about biofilm?", invented()))
    assert any("biofilm" in text for text in texts)


def test_no_line_is_quoted_twice_where_passages_overlap() -> None:
    found = evidence("Which references does the heron paper list?", herons())
    assert len(found.quotes) == 24
    assert len({quote.start for quote in found.quotes}) == 24


def test_a_question_about_the_whole_is_answered_in_the_authors_words_by_each_review() -> None:
    found = evidence("What are the reviews about?", invented())
    assert cited(found) == found.speaking == set(invented().ids())
    assert {quote.kind for quote in found.quotes} <= set(PROSE)
    assert {quote.provenance for quote in found.quotes} == {"authors"}
    by_review = [[q.start for q in found.quotes if q.review_id == review_id] for review_id in invented().ids()]
    assert all(starts == sorted(starts) for starts in by_review)


def test_the_summary_of_one_review_quotes_that_one() -> None:
    assert cited(evidence("Summarise the phage review", invented(), PHAGE)) == {PHAGE}


def test_what_was_typed_earlier_steers_and_what_was_typed_now_decides() -> None:
    asked = replace(question("Do phages help against gentamicin?", invented()), carried=frozenset({"phage"}))
    given = gather(asked, invented().library)
    assert all("gentamicin" in text for text in quotes(given))


# What is missing, and what a machine without the reader does.


@pytest.mark.parametrize("question", [*NEAR_MISSES, *CROSSED])
@pytest.mark.parametrize("shelf", [invented, lexical])
def test_what_is_said_to_be_missing_is_nowhere_in_what_can_be_searched(shelf, question: str) -> None:
    known = shelf().library.index.vocabulary
    for missing in evidence(question, shelf()).missing:
        assert not any(set(term.forms) <= known.stems for term in content_terms(missing)), missing


def test_what_has_another_name_in_the_library_is_not_missing() -> None:
    assert evidence("Was renal injury seen with vancomycin?", invented()).missing == ()


def test_the_missing_word_is_named_as_it_was_asked() -> None:
    assert evidence("What did the POLLUX trial find?", invented()).missing == ("POLLUX",)


@pytest.mark.parametrize("text", ["How many patients did PT-41 cure?", "What did the POLLUX trial find?", "mask"])
@pytest.mark.parametrize("shelf", [invented, lexical])
def test_the_same_question_gives_the_same_evidence_of_a_library_opened_anew(shelf, text: str) -> None:
    again = open_library(shelf().settings) if shelf is invented else shelf().library
    one, other = evidence(text, shelf()), evidence(text, Shelf(again, shelf().settings))
    assert one == other


def test_without_the_reader_the_reviews_are_asked_all_the_same() -> None:
    bare = Shelf(replace(invented().library, reader=None), invented().settings)
    found = evidence("How many patients did PT-41 cure?", bare)
    assert any("17 of 23" in quote for quote in shown(found))
    assert found.confidence is not None and 0 <= found.confidence <= 1
    assert quotes(evidence("What did the POLLUX trial find?", bare)) == []


@pytest.mark.parametrize("text", [*NEAR_MISSES, *CROSSED, "What is known about biofilm?", "mask"])
def test_the_confidence_decides_between_an_answer_the_closest_and_silence(text: str) -> None:
    found = evidence(text, invented())
    assert found.confidence is not None and 0 <= found.confidence <= 1
    if found.closest:
        assert judgement().closest <= found.confidence < judgement().answered
    elif not found.quotes:
        assert found.nearest and found.confidence < judgement().closest
    assert not (found.quotes and found.closest) and not (found.nearest and (found.quotes or found.closest))


def described_by_walking(text: str, shelf: Shelf) -> set[str]:
    """Return the reviews whose facts are quoted for a paper that words describe, by reading every review."""
    library, asked = shelf.library, question(text, shelf)
    matcher = build_matcher(asked.rest, library)

    def held(wording: str) -> bool:
        return bool(matcher.coverage(matcher.strengths(wording)) >= DESCRIBES)

    stating = [
        (review, review.text[start:end])
        for review in library.reviews
        for passage in library.passages_of(review.id)
        for start, end in passage.sentences
        if any(states_field(field, review, passage, start, end) for field in asked.fields)
    ]
    titled = {review.id for review in library.reviews if held(review.title)}
    about = titled or {review.id for review in library.reviews if held(library.prose(review))}
    holding = {review.id for review, line in stating if held(line)}
    return holding or {review.id for review, _ in stating if review.id in about}


@pytest.mark.parametrize("asks", ["Who wrote on {}?", "What is the DOI of the paper on {}?"])
def test_a_described_paper_is_found_as_if_every_review_were_read(asks: str) -> None:
    words = sorted({word for page in PAGES.values() for word in re.findall(r"\b[a-z]{5,}\b", page)})
    asked = [asks.format(about) for about in (*words, *map(" and ".join, zip(words[::2], words[1::2], strict=False)))]
    described = [text for text in asked if (one := question(text, invented())).rest and not one.named]
    found = [publication_facts(question(text, invented()), invented().library) for text in described]
    assert [cited(facts) if facts else set() for facts in found] == [
        described_by_walking(text, invented()) for text in described
    ]
    assert len({frozenset(cited(facts)) for facts in found if facts}) > len(invented().library.reviews)


def test_a_described_paper_among_many_is_found_without_reading_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    page = "# On lamp {0}\n\n**Authors:** Ann Wick{0}\n\n## Abstract\n\nThe keeper of house {0} lit it. {1}\n"
    told = {77: "Herons nest behind the lighthouse."}
    many = {f"{n:03}.md": page.format(n, told.get(n, "Nothing else was seen.")) for n in range(2 * GONE_THROUGH)}
    with no_model():
        shelf = open_shelf(settings_for("two hundred lamps", many, with_model=False))
    read: list[str] = []
    passages_of = Library.passages_of

    def noted(library: Library, review_id: str) -> object:
        read.append(review_id)
        return passages_of(library, review_id)

    monkeypatch.setattr(Library, "passages_of", noted)
    assert quotes(evidence("Who wrote the paper on nesting herons?", shelf)) == ["Ann Wick77"]
    assert len(set(read)) <= GONE_THROUGH
    read.clear()
    assert quotes(evidence("Who wrote the paper on wibble frobnicate?", shelf)) == []
    assert len(set(read)) <= GONE_THROUGH


def test_of_several_papers_that_answer_each_is_heard():
    found = evidence("Does anything shorten the time to fall asleep in adults with insomnia?", sleepless())
    assert {one.review_id for one in found.quotes} == {BATHS, MUSIC}


def test_what_a_study_found_is_quoted_and_not_what_it_wanted_to_know():
    told = quotes(evidence("Do warm baths shorten the time to fall asleep?", sleepless()))
    assert any("9 minutes shorter" in one for one in told) and not any("wanted to know" in one for one in told)


@pytest.mark.parametrize(
    "asked", ["What are the limitations of the warm bath trial?", "weaknesses of the study of warm baths for insomnia"]
)
def test_the_limitations_of_a_study_are_found_in_whatever_words_they_are_asked_for(asked):
    assert quotes(evidence(asked, sleepless())) == ["A limitation of our study is that nobody was blinded."]


def test_side_effects_are_what_the_study_tells_of_harms():
    pages = {"kola.md": KOLA}
    told = quotes(evidence("Side effects of bitter kola in knee pain?", open_shelf(settings_for("kola", pages))))
    assert told == ["Adverse events were as frequent with kola as with placebo."]


def test_an_adjective_stands_for_the_organ_that_it_is_derived_from():
    pages = {"npc.md": NASOPHARYNGEAL}
    found = evidence("Does salted fish cause cancer of the nasopharynx?", open_shelf(settings_for("npc", pages)))
    assert "nasopharynx" not in found.missing and found.confidence and found.confidence > 0.1


def test_a_paper_by_an_author_whom_no_paper_has_is_not_found():
    for asked in ("Papers by Smithers 2014", "What does Smithers 2014 say about insomnia?"):
        found = evidence(asked, sleepless())
        assert not found.quotes and found.missing == ("Smithers 2014",)


KOLA = """# Bitter kola for knee pain: a randomised trial

**DOI:** 10.5555/kola.1

## Methods

We randomised 80 adults with knee pain to bitter kola or placebo for six weeks.

## Results

Pain fell by 12 points more with kola than with placebo (P = 0.02). Adverse events were as frequent with kola as with \
placebo.

## Conclusion

Bitter kola eases knee pain.
"""
NASOPHARYNGEAL = """# Salted fish and nasopharyngeal carcinoma: a case-control study

**DOI:** 10.5555/npc.1

## Results

Eating salted fish in childhood was associated with an increased risk of nasopharyngeal carcinoma (odds ratio 2.1).

## Conclusion

Salted fish is a cause of nasopharyngeal carcinoma.
"""
