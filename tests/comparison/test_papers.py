"""Which papers a question sets side by side, in whatever words it says which it means."""

import pytest

from rag.comparison import papers_meant
from rag.questions import understand, with_rows
from tests.trials import BEES, BEETS, SALT, SLEEP, trials


def meant(question: str) -> tuple[set[str], set[str]]:
    library = trials().library
    found = papers_meant(with_rows(understand(question, library), library), library)
    return {review.id for review in found.reviews}, set(found.likely)


@pytest.mark.parametrize(
    ("question", "papers"),
    [
        ("Compare the trials of what one eats or drinks against hypertension", {SALT, BEETS}),
        ("beetroot juice versus a salt substitute for hypertension", {SALT, BEETS}),
    ],
)
def test_papers_are_those_that_a_question_likely_means_in_other_words_too(question, papers):
    assert papers <= meant(question)[0]


@pytest.mark.parametrize("question", ["Compare the trials of beetroot juice and a salt substitute"])
def test_papers_on_something_else_are_not_meant(question):
    papers, likely = meant(question)
    assert not (papers - likely) & {BEES, SLEEP}
