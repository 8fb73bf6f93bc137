"""Trials and earlier works that several reviews rest on."""

from __future__ import annotations

from rag.pipeline import ask
from tests.compared import AGAINST, FOR, lamps
from tests.engine import open_shelf, settings_for

_REFERENCES = """# {title}

**Authors:** {author}

J Test · DOI: {doi} · 2022

## Text

Salt was weighed{named}.

## References

{references}
"""


def _cited(**lists: tuple[str, str]) -> set[str]:
    pages = {
        f"{name}.md": _REFERENCES.format(
            title=f"Salt, {name}", author=f"Ann {name.title()}", doi=f"10.5555/{name}", named=named, references=entries
        )
        for name, (named, entries) in lists.items()
    }
    key = "shared-" + "-".join(f"{name}{abs(hash(value)) % 999}" for name, value in lists.items())
    answer = ask("Compare the reviews on salt", open_shelf(settings_for(key, pages)).library)
    assert answer.comparison is not None
    return {source.name for source in answer.comparison.shared_sources}


def test_a_trial_that_both_quotes_name_is_marked_with_their_numbers():
    answer = ask("Compare the reviews on headache", lamps().library)
    assert answer.comparison is not None
    shared = next(source for source in answer.comparison.shared_sources if source.name == "AURORA")
    assert set(shared.review_ids) == {FOR, AGAINST}
    assert {answer.citations[n - 1].quote.review_id for n in shared.citations} == {FOR, AGAINST}


def test_one_entry_in_both_reference_lists_is_one_work():
    entry = "Müller K, Roth A. Salt and the kidney in old age. Kidney J. 2019;4:1-9."
    assert _cited(north=("", f"1. {entry}"), south=("", f"7. {entry}")) == {"Müller 2019"}


def test_another_paper_of_the_same_author_and_year_is_not_the_same():
    one, other = "Müller K. Salt and the kidney. Kidney J. 2019.", "Müller K. Feathers of arctic gulls. Bird J. 2019."
    assert _cited(east=("", f"1. {one}"), west=("", f"1. {other}")) == set()


def test_a_registered_trial_in_two_texts_is_shared_and_a_bare_number_is_not():
    assert _cited(up=(" in NCT01234567", "1. None."), down=(" in NCT01234567", "1. None.")) == {"NCT01234567"}
    assert _cited(left=(" [1]", "1. None."), right=(" [1]", "1. None.")) == set()
