"""What no training may see is told by the key alone, the same everywhere."""

from __future__ import annotations

from rag.training.held_back import excluded, is_held_back


def test_about_a_tenth_is_set_aside_and_always_the_same():
    aside = [number for number in range(5000) if is_held_back(f"PMC{number}")]
    assert 400 < len(aside) < 600
    assert aside[:3] == [3, 17, 19]


def test_a_list_names_articles_and_questions_however_they_are_spaced(tmp_path):
    listed = tmp_path / "excluded.txt"
    listed.write_text("# kept back\nPMC102323\nPMID:10066109\nQ:Is  Moss good for COUGH?\n", "utf-8")
    assert excluded(listed) >= {"PMC102323", "10066109", "is moss good for cough?"}
    assert not any(key.startswith("#") for key in excluded(listed))
