"""Which papers a question describes: by the words before "papers", or by what stands behind them."""

from __future__ import annotations

import pytest

from rag.questions.described import described, one_described


def read(text: str) -> tuple[str, list[str]] | None:
    found = described(text)
    return (found.kind, [text[slice(*span)].strip() for span in found.on]) if found else None


@pytest.mark.parametrize(
    ("text", "kind", "on"),
    [
        ("What did the childhood zinc studies find for pneumonia?", "study", ["childhood zinc"]),
        ("Survival across the CPFE papers", "paper", ["CPFE"]),
        ("How many stopped in each of the smoking cessation trials?", "trial", ["smoking cessation"]),
        ("What do the trials of supraglottic airways say about leaks?", "trial", ["supraglottic airways"]),
        ("Do the studies of stomach contents in ventilated patients agree?", "study",
         ["stomach contents in ventilated patients"]),
        ("Sore throat in the trials of masks and tubes?", "trial", ["masks", "tubes"]),
        ("Compare the knee trials of kola and risedronate", "trial", ["knee", "kola", "risedronate"]),
        ("Compare the craniotomy trials by Gupta and Ryu", "trial", ["craniotomy"]),
        ("Compare the asthma trials on lung function", "trial", ["asthma"]),
        ("What does each trial of metformin report?", "trial", ["metformin"]),
    ],
)  # fmt: skip
def test_the_words_that_say_what_papers_are_on_are_found(text, kind, on):
    assert read(text) == (kind, on)


@pytest.mark.parametrize(
    "text",
    [
        "What do the reviews say about relapse?",
        "Do these two studies agree?",
        "Does the trial of metformin mention nausea?",
        "Which randomised trials are there?",
        "Compare the reviews on relapse",
    ],
)
def test_papers_of_which_nothing_is_said_or_one_alone_are_not_described(text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("Which index did the honey study use?", ["honey"]),
        ("Weaknesses of the 12 week tiropramide versus octylonium trial?", ["12 week tiropramide versus octylonium"]),
        ("What was tried in the crossover study of vests for COPD?", ["crossover", "vests for COPD"]),
        ("Nausea in the trial of metformin?", ["metformin"]),
    ],
)
def test_the_words_that_say_which_single_paper_is_meant_are_found(text, on):
    found = one_described(text)
    assert found and [text[slice(*span)].strip() for span in found.on] == on


@pytest.mark.parametrize("text", ["Why was the trial stopped?", "Do the zinc trials agree?", "A study of zinc", "zinc"])
def test_a_paper_of_which_nothing_is_said_is_not_described(text):
    assert one_described(text) is None
