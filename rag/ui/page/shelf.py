"""In the sidebar: the reviews on the shelf, and which of them to ask."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from rag.exports import file_line, reading_html, review_links, wording
from rag.shelf import Catalogue, Library, is_own, label
from rag.sources import FileReport
from rag.types import Review
from rag.ui.page.filters import filtered_by_hand
from rag.ui.page.labels import label_text
from rag.ui.page.session import chosen_among, tick
from rag.ui.page.welcome import draw_missing

# With more reviews than the first number, all can be ticked at once; with more than the second, only some are drawn.
_MANY, _ALL, _SOME = 4, 60, 20
_SHOWN_ENTITIES = 40
_REASONS = 5  # of one file


def draw_shelf(library: Library) -> list[str]:
    """Draw the reviews in the sidebar, or of very many those that are looked for; return the ids of those to ask."""
    shown = library.reviews
    if len(shown) > _MANY:
        shown = shown.part([review.id for review in filtered_by_hand(library)])
        _choose_many(shown)
    for review in _listed(shown):
        _draw_review(review, library)
    chosen = [review.id for review in chosen_among(shown)]
    if not chosen:
        wrong = "Tick at least one to ask it." if shown else "Take a filter off to see some."
        st.warning(f"No review is chosen. {wrong}", icon=":material/info:")
    _draw_files(library)
    draw_missing(library)
    return chosen


def _listed(reviews: Sequence[Review]) -> Sequence[Review]:
    """Return the reviews to draw: all, or of more than a page can bear those that the reader looks for."""
    if len(reviews) <= _ALL:
        return reviews
    wanted = (st.text_input("Find a review", key="find", placeholder="Title or author", max_chars=200) or "").casefold()
    found = [review for review in reviews if wanted in f"{review.title} {' '.join(review.authors)}".casefold()]
    st.caption(f"{min(_SOME, len(found)):,} of {len(reviews):,} reviews shown, {len(chosen_among(reviews)):,} asked")
    return found[:_SOME]


def _draw_review(review: Review, library: Library) -> None:
    key = f"ask {review.id}"
    st.session_state[key] = bool(chosen_among([review]))
    st.checkbox(label_text(label(review)), key=key, on_change=_tick, args=(review, key))
    st.html(f'<div class="shelf">{_facts(review, library)}{_page_says(review)}{_entities(review)}</div>')


def _tick(review: Review, key: str) -> None:
    """Take over the tick that was set or removed: a callback."""
    tick([review], {review.id} if st.session_state[key] else ())


def _choose_many(reviews: Catalogue) -> None:
    with st.container(horizontal=True):
        st.button("All", on_click=tick, args=(reviews, reviews.place.keys()), type="tertiary")
        st.button("None", on_click=tick, args=(reviews, ()), type="tertiary")


def _facts(review: Review, library: Library) -> str:
    published = ", ".join(str(part) for part in (review.journal, review.date or review.year) if part)
    own = f"Your file: {review.files[0].split('/', 1)[1]}" if is_own(review) else ""
    version = library.spoken_for.get(review.id)
    asked = f"Another version is asked: {label(library.index.reviews[version])}" if version else ""
    changes = f"Changed between versions: {'; '.join(library.changed(review))}" if library.changed(review) else ""
    lines = [escape(line) for line in (_byline(review), published, own, asked, changes) if line]
    return (
        f'<p class="title" dir="auto">{escape(review.title)}</p><p class="facts">'
        + "<br>".join([*lines, *review_links(review)])
        + "</p>"
    )


def _byline(review: Review) -> str:
    """Return the authors as the page gives them, which may be the first one "et al."."""
    others = " et al." if len(review.authors) == 1 and " et al." in label(review) else ""
    return ", ".join(review.authors) + others


def _page_says(review: Review) -> str:
    """Return what the page adds of its own (TL;DR, key findings), marked as such."""
    own = [section for section in review.sections if section.kind == "summary" and section.provenance == "page"]
    if not own:
        return ""
    parts = "".join(
        f"<h4>{escape(section.heading)}</h4>{_entries(review.text[section.start : section.end])}" for section in own
    )
    return (
        "<details><summary>The page’s own summary</summary>"
        f"<p>Written by the page, not by the authors.</p>{parts}</details>"
    )


def _entries(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    tag = "li" if len(lines) > 1 else "p"
    items = "".join(f'<{tag} dir="auto">{escape(wording(line))}</{tag}>' for line in lines)
    return f"<ul>{items}</ul>" if tag == "li" else items


def _entities(review: Review) -> str:
    by_kind: dict[str, list[str]] = {}
    for entity in review.entities:
        names = by_kind.setdefault(entity.kind, [])
        if entity.name not in names:
            names.append(entity.name)
    if review.mesh:
        by_kind["MeSH terms"] = list(review.mesh)
    rows = "".join(f"<dt>{escape(kind)}</dt><dd>{escape(_some(names))}</dd>" for kind, names in by_kind.items())
    return f"<details><summary>Genes, diseases and other terms</summary><dl>{rows}</dl></details>" if rows else ""


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN_ENTITIES
    return ", ".join(names[:_SHOWN_ENTITIES]) + (f" and {more} more" if more > 0 else "")


def _draw_files(library: Library) -> None:
    """Draw what was not read and what should be looked at, and the button that shows how each file was read."""
    _draw_reasons([file for file in library.files if file.refused and not file.reviews], "not read")
    _draw_reasons([file for file in library.files if (file.refused or file.warnings) and file.reviews], "to look at")
    if library.files and st.button("How the files were read", type="tertiary", icon=":material/plagiarism:"):
        _draw_reading(library)


def _draw_reasons(files: Sequence[FileReport], what: str) -> None:
    """Draw each file once, with what was not read in it, and what of it should be looked at."""
    if files:
        with st.expander(f"{len(files):,} file{'s' if len(files) > 1 else ''} {what}", icon=":material/warning:"):
            for file in files[:_ALL]:
                st.text(_reasons(file))
            if len(files) > _ALL:
                st.caption(f"and {len(files) - _ALL:,} more: python -m rag index names them all")


def _reasons(file: FileReport) -> str:
    """Return the name of a file and below it what is said of it, without its name again.

    >>> print(_reasons(FileReport("a.zip/b.pdf", refused=("a.zip/b.pdf: the file is empty",))))
    a.zip/b.pdf
    – the file is empty
    """
    said = []
    for line in dict.fromkeys((*file.refused, *file.warnings)):
        name, _, why = line.partition(": ")
        said.append(why if file.file.endswith(name) else line)
    more = [f"– and {len(said) - _REASONS:,} more: python -m rag index names them all"] if len(said) > _REASONS else []
    return "\n".join([file.file, *(f"– {line}" for line in said[:_REASONS]), *more])


@st.dialog("How the files were read", width="large")
def _draw_reading(library: Library) -> None:
    """Draw one review as the product sees it: the line on its file, its facts, its sections coloured by kind."""
    reviews = {review.id: review for review in library.reviews}
    chosen = st.selectbox("Review", list(reviews), format_func=lambda review_id: label(reviews[review_id]))
    for file in library.files:
        if chosen in file.reviews:
            st.caption(label_text(file_line(file)))
    st.html(f'<div class="reading">{reading_html(reviews[chosen])}</div>')
