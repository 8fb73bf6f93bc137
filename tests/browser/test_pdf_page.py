"""A quote from a PDF opens the page on which it stands, with its words marked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

import pytest

from rag.settings import PROJECT
from tests.browser.conftest import Visit, serving, visiting
from tests.browser.test_screenshot import picture
from tests.sources.pdfs import column, pdf

pytestmark = pytest.mark.browser
TITLE = ("Amber street lamps and the flight of moths:", "a randomised trial in forty villages")
ABSTRACT = (
    "Street lamps draw moths away from flowers. We randomly assigned 40 villages to amber or to white lamps for one "
    "summer and counted moths at dusk. At amber lamps 38% fewer moths were caught than at white lamps (95% CI 29 to "
    "46). Visits to flowers within 100 m of a lamp rose by 21%. Amber lamps keep more moths with their flowers."
)
LEFT = (
    "Moths visit flowers that open at dusk. A lamp that stands near holds them in its light until they tire, and the "
    "flowers near it set less seed. Lamps of longer wavelength were proposed as a remedy. Whether they keep moths at "
    "their flowers was not known from trials in which places were assigned by chance. We therefore compared amber with "
    "white lamps of the same brightness over one summer."
)
RIGHT = (
    "Forty villages with at least ten lamps were assigned by drawing lots. In each, five lamps were fitted with traps "
    "on twelve nights. Those who counted the moths did not know the colour of the lamp from which a trap came. Flowers "
    "of white campion in pots stood at 10, 50 and 100 m from the lamps, and visits were filmed. No village left the "
    "trial, and no harm to walkers or drivers was reported under either lamp."
)


def paper() -> bytes:
    """Return a page as journals print it: a title, an abstract across it, and two columns."""
    words = column(60, 70, ["Journal of Dusk Ecology 2024; 12: 101-109"], 8)
    words += column(60, 110, TITLE, 16, bold=True)
    words += column(60, 165, ["Ann Wick, Bo Flint and Cora Dale"], 10)
    words += column(60, 200, ["Abstract"], 11, bold=True)
    words += column(60, 218, wrap(ABSTRACT, 105))
    words += column(60, 305, ["Introduction"], 11, bold=True) + column(60, 323, wrap(LEFT, 50))
    words += column(310, 305, ["Methods"], 11, bold=True) + column(310, 323, wrap(RIGHT, 50))
    return pdf([words], {"Title": " ".join(TITLE), "Author": "Ann Wick, Bo Flint, Cora Dale"})


@pytest.fixture
def reader(browser: object, tmp_path: Path) -> Iterator[Visit]:
    sources = tmp_path / "library"
    sources.mkdir()
    (sources / "wick.pdf").write_bytes(paper())
    with serving(PROJECT, sources, tmp_path / "data") as (address, _), visiting(browser, address) as visit:
        yield visit(viewport={"width": 1200, "height": 1150})


def test_a_quote_from_a_pdf_opens_its_page_with_the_words_marked(reader: Visit, tmp_path: Path) -> None:
    answer = reader.ask("Do amber lamps draw fewer moths?")
    assert "38% fewer moths" in answer.inner_text()
    reader.page.get_by_role("button", name="On the page").first.click()
    dialog = reader.page.get_by_role("dialog")
    drawn = dialog.locator("img").first
    drawn.wait_for()
    reader.page.wait_for_function("document.querySelector('[role=dialog] img').naturalWidth > 600")
    reader.settle()
    picture(reader, tmp_path, "page.png")
