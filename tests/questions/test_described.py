"""Which papers a question describes: by the words before "papers", or by what stands behind them."""

from __future__ import annotations

import pytest

from rag.questions.described import described


def read(text: str) -> tuple[str, list[str], list[str]] | None:
    found = described(text)
    if not found:
        return None
    shared, sides = ([text[slice(*span)].strip() for span in spans] for spans in (found.shared, found.sides))
    return found.kind, shared, sides


@pytest.mark.parametrize(
    ("text", "kind", "shared", "sides"),
    [
        ("What did the childhood zinc studies find for pneumonia?", "study", ["childhood zinc"], []),
        ("Survival across the CPFE papers", "paper", ["CPFE"], []),
        ("How many stopped in each of the smoking cessation trials?", "trial", ["smoking cessation"], []),
        ("What do the trials of supraglottic airways say about leaks?", "trial", ["supraglottic airways"], []),
        ("Do the studies of stomach contents in ventilated patients agree?", "study",
         ["stomach contents in ventilated patients"], []),
        ("Sore throat in the trials of masks and tubes?", "trial", [], ["masks", "tubes"]),
        ("Compare the knee trials of kola and risedronate", "trial", ["knee"], ["kola", "risedronate"]),
        ("Compare the craniotomy trials by Gupta and Ryu", "trial", ["craniotomy"], []),
        ("Compare the asthma trials on lung function", "trial", ["asthma"], []),
        ("What does each trial of metformin report?", "trial", ["metformin"], []),
    ],
)  # fmt: skip
def test_the_words_that_say_what_papers_are_on_are_found(text, kind, shared, sides):
    assert read(text) == (kind, shared, sides)


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
