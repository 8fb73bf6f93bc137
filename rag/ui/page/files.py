"""“Add papers”: files of the reader's own, papers by their numbers, and files taken away and brought back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

import streamlit as st

from rag.errors import FilesNotChanged, RagError
from rag.exports import file_line
from rag.settings import Settings
from rag.shelf import Library, OwnFiles
from rag.sources import FileReport, Holdings
from rag.ui.page.keeping import own_files
from rag.ui.page.labels import label_text

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

Where = Literal["conversation", "shelf"]
_KEPT_IN: dict[Where, str] = {"conversation": "in this conversation", "shelf": "on the shelf"}
_YOURS = (
    "Files of this conversation are read on this server, asked together with the shelf, and seen by no one else. They "
    "are removed with “Forget”, or a day after they were last used."
)
_KINDS = "PDF, Word, HTML, XML, Markdown, text, zip, exports of PubMed and of reference managers"
_OPEN_LIBRARIES = 16


@dataclass(frozen=True, slots=True)
class Removed:
    """A file that was taken away, and from where."""

    name: str
    where: Where

    def __str__(self) -> str:
        return f"{self.name} ({_KEPT_IN[self.where]})"


def with_own_files(library: Library) -> Library:
    """Return the shelf together with the files of this conversation, if there are any that can be asked."""
    own = own_files()
    if not own or not (stamp := own.stamp):
        return library
    own.folder.touch()
    try:
        return _joined(own.folder.name, stamp, library.index.manifest.fingerprint, own, library)
    except RagError as problem:
        st.warning(f"Your files cannot be asked now: {label_text(str(problem))}", icon=":material/warning:")
        return library


@st.cache_resource(max_entries=_OPEN_LIBRARIES, show_spinner="Preparing your files")
def _joined(folder: str, stamp: str, fingerprint: str, _own: OwnFiles, _library: Library) -> Library:
    return _own.library(_library)


def draw_adding(library: Library) -> None:
    """Draw the button that opens the ways to add papers and to take files away."""
    settings = Settings()
    if settings.uploads and st.button("Add papers", key="add-papers", icon=":material/add:", type="tertiary"):
        _draw_dialog(library, settings)


@st.dialog("Add papers", width="large")
def _draw_dialog(library: Library, settings: Settings) -> None:
    ways = ["Files", "Take away"] if settings.hosted or settings.offline else ["Files", "By number", "Take away"]
    first, *between, last = st.tabs(ways)
    with first:
        _draw_upload(settings)
    for place in between:
        with place:
            _draw_numbers(library, settings)
    with last:
        _draw_files(settings)


def _draw_upload(settings: Settings) -> None:
    # Another key after each upload empties the field, and the server's memory with it.
    turn: int = st.session_state.setdefault("uploads", 0)
    with st.form("upload", border=False):
        given: list[UploadedFile] = st.file_uploader(_KINDS, accept_multiple_files=True, key=f"upload-{turn}")
        where: Where = "conversation"
        if not settings.hosted:
            where = st.radio("Keep them", ["shelf", "conversation"], format_func=_KEPT_IN.__getitem__, horizontal=True)
        wanted = st.form_submit_button("Add these files", type="primary")
    st.caption(_YOURS)
    if wanted and given:
        st.session_state.uploads = turn + 1
        _tell(_kept(given, where, settings))


def _kept(given: Sequence[UploadedFile], where: Where, settings: Settings) -> Iterator[str]:
    """Keep some files and yield a line on each; whatever is wrong with one, the others are kept."""
    own = own_files(begin=True)
    progress = st.progress(0.0)
    for done, file in enumerate(given):
        progress.progress(done / len(given), text=f"Reading {label_text(file.name)}")
        try:
            yield from map(_line, _added(file.name, file.getvalue(), where, own, settings))
        except FilesNotChanged as problem:
            yield str(problem)


def _added(name: str, content: bytes, where: Where, own: OwnFiles | None, settings: Settings) -> Iterator[FileReport]:
    if where == "shelf":
        yield FileReport(Holdings(settings.seeds).put(name, content), "kept on the shelf")
    elif own:
        yield from own.add_each(name, content)
    else:
        raise FilesNotChanged(f"{name} was not kept: this browser takes no cookies, by which it would be known.")


def _line(file: FileReport) -> str:
    return "; ".join(filter(None, [file_line(file) if file.kind else "", *file.refused, *file.warnings]))


def _draw_numbers(library: Library, settings: Settings) -> None:
    with st.form("numbers", border=False):
        label = "PMID, PMCID, DOI, NCT or arXiv numbers, to be fetched for the shelf"
        typed = st.text_input(label, key="numbers", max_chars=2000, placeholder="32706000, 10.1000/182")
        wanted = st.form_submit_button("Fetch")
    if wanted and typed:
        _tell(_fetched(typed, library, settings))


def _fetched(typed: str, library: Library, settings: Settings) -> Iterator[str]:
    from rag.services import add, open_web

    numbers = [number for number in typed.replace(",", " ").replace(";", " ").split() if number]
    with st.spinner("Asking PubMed and others"):
        yield from map(str, add(numbers, library.reviews, settings.seeds, open_web(settings)))


def _draw_files(settings: Settings) -> None:
    """Draw the files that can be taken away."""
    own = own_files()
    places: dict[Where, Holdings] = {"conversation": own.holdings} if own else {}
    if not settings.hosted:
        places["shelf"] = Holdings(settings.seeds)
    files = [Removed(name, where) for where, holdings in places.items() for name in holdings.names]
    if not files:
        st.caption("There is no file that you could take away.")
        return
    with st.form("removal", border=False):
        file = st.selectbox("File", files, format_func=str)
        wanted = st.form_submit_button("Take it away")
    if wanted:
        _remove(file, settings)


def _remove(file: Removed, settings: Settings) -> None:
    try:
        _holdings(file, settings).take_away(file.name)
    except FilesNotChanged as problem:
        st.error(label_text(str(problem)), icon=":material/error:")
        return
    st.session_state.removed = file
    st.rerun()


def draw_undo() -> None:
    """Draw what was taken away last, with the button that brings it back."""
    file: Removed | None = st.session_state.get("removed")
    if not file:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{label_text(file.name)} was taken away.", width="content")
        st.button("Bring it back", key="undo", type="tertiary", icon=":material/undo:", on_click=partial(_undo, file))


def _undo(file: Removed) -> None:
    """Bring a file back: a callback."""
    st.session_state.removed = None
    try:
        _holdings(file, Settings()).bring_back(file.name)
    except FilesNotChanged as problem:
        st.session_state.notice = label_text(str(problem))


def _holdings(file: Removed, settings: Settings) -> Holdings:
    own = own_files()
    if file.where == "shelf" and not settings.hosted:
        return Holdings(settings.seeds)
    if file.where == "conversation" and own:
        return own.holdings
    raise FilesNotChanged(f"{file.name} is no longer there.")


def _tell(lines: Iterator[str]) -> None:
    """Draw the page anew, with some lines above it."""
    st.session_state.notice = "  \n".join(label_text(line) for line in lines)
    st.rerun()
