"""Questions across papers as they are learned from: a row asked of each paper, or of its abstract alone."""

from rag.training.rows import read_compared


def test_every_row_names_papers_of_its_question() -> None:
    for one in read_compared():
        for row in one.rows:
            assert row.evidence.keys() <= {*one.papers} and {*row.near, *row.direction} <= {*one.papers}


def test_a_row_is_asked_beside_what_the_question_is_on_and_without_its_other_rows() -> None:
    (one,) = [c for c in read_compared() if c.question.startswith("Acupuncture or pressing points")]
    asked = [one.asked(row) for row in one.rows]
    assert asked[0].name == one.rows[0].aspect == "how many sessions"
    assert "Acupuncture" in asked[0].text and "needled" not in asked[0].text
    assert [term.text for term in asked[0].terms if not term.aside][-1] == "sessions"


def test_no_sentence_both_answers_and_only_comes_near() -> None:
    cells = [cell for one in read_compared() for cell in one.cells()]
    assert cells and all(cell.evidence.isdisjoint(cell.near) for cell in cells)
    assert any(not cell.evidence for cell in cells)
