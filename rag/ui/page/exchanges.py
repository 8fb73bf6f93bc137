"""The conversation: the exchanges so far, then what waits to be answered, asked of the open library."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rag.errors import NoReviews, RagError
from rag.exports import PAGE_STYLE
from rag.settings import Settings
from rag.shelf import Library
from rag.types import Exchange
from rag.ui.page import keeping, linked, session
from rag.ui.page.asking import answer, compared_again
from rag.ui.page.files import draw_adding, draw_undo, with_own_files
from rag.ui.page.model import draw_model
from rag.ui.page.opening import open_with_progress
from rag.ui.page.saving import draw_save
from rag.ui.page.shelf import draw_shelf
from rag.ui.page.turn import draw_answer, draw_question
from rag.ui.page.visitors import within_budget
from rag.ui.page.welcome import draw_not_opened, draw_nothing_to_ask, draw_welcome

if TYPE_CHECKING:
    from rag.writing import LanguageModel

# On a hosted page the reason, which may name folders of the server, is for the log.
_FOR_STRANGERS = "The reviews cannot be searched right now. The owner of this page can find the reason in its log."


def draw_conversation(beside: DeltaGenerator) -> None:
    """Draw what was asked and answered, open the library, and answer what waits.

    `beside` is the place for what is done with the whole conversation.
    """
    st.html(PAGE_STYLE)
    keeping.restore()
    session.keep_unfinished()
    keeping.keep()
    linked.take_question()
    notices = st.container()
    places, newest = _draw_exchanges()
    welcome = st.empty()
    settings = Settings()
    try:
        library = open_with_progress(settings)
    except RagError as problem:
        _draw_as_before(places)
        message = _FOR_STRANGERS if settings.hosted else str(problem)
        (draw_nothing_to_ask if isinstance(problem, NoReviews) else draw_not_opened)(message)
        st.stop()
    library = with_own_files(library)
    refused = linked.choose_reviews(library.reviews)
    with st.sidebar:
        draw_adding(library)
        chosen = draw_shelf(library)
        model = draw_model(settings)
    if revision := session.revision():
        revised = compared_again(session.conversation()[revision.number], revision, library)
        session.keep_revised(revision.number, revised)
        keeping.keep()
        with places[revision.number].empty().container():
            draw_answer(revised, revision.number)
    if refused and (waiting := session.waiting()):
        session.keep(Exchange(waiting.question, library.reviews, None, refused))
        with newest:
            draw_answer(session.conversation()[-1], 0)
    elif waiting := session.waiting():
        place = newest if waiting.replacing is None else places[waiting.replacing]
        _answer(waiting, place, library, chosen, within_budget(model, settings))
    elif not session.conversation():
        with welcome.container():
            draw_welcome(library)
    with notices:
        keeping.draw_notices()
        draw_undo()
    with beside:
        _draw_whole()


def _draw_exchanges() -> tuple[list[DeltaGenerator], DeltaGenerator]:
    """Draw the exchanges but the one to be answered again; return the place of each, and of the newest question."""
    conversation = session.conversation()
    revision, waiting = session.revision(), session.waiting()
    places = [st.container() for _ in conversation]
    for number, (exchange, place) in enumerate(zip(conversation, places, strict=True)):
        with place:
            again = waiting is not None and waiting.replacing == number
            draw_question(waiting.question if waiting and again else exchange.question, number)
            if not again and not (revision and revision.number == number):
                with st.empty().container():  # where a new answer stands too, so that a rerun finds it in its place
                    draw_answer(exchange, number)
    newest = st.container()
    if waiting and waiting.replacing is None:
        with newest:
            draw_question(waiting.question, len(conversation))
    return places, newest


def _draw_whole() -> None:
    """Draw what is done with the whole conversation, and the way to earlier ones."""
    with st.container(horizontal=True, gap="xsmall"):
        if session.conversation():
            draw_save(session.conversation(), "all", "Save all")
        if session.conversation() or ((own := keeping.own_files()) and own.stamp):
            keeping.draw_forget()
        keeping.draw_earlier()


def _draw_as_before(places: list[DeltaGenerator]) -> None:
    """Draw the answers that were to be made again as they were: there is no library to make them from."""
    revision, waiting = session.revision(), session.waiting()
    again = {revision.number if revision else None, waiting.replacing if waiting else None}
    for number in (one for one in again if one is not None):
        with places[number].empty().container():
            draw_answer(session.conversation()[number], number)


def _answer(
    waiting: session.Waiting,
    place: DeltaGenerator,
    library: Library,
    chosen: list[str],
    model: LanguageModel | None,
) -> None:
    number = len(session.conversation()) if waiting.replacing is None else waiting.replacing
    spot = place.empty()
    with spot.container():
        answered = answer(waiting, library, chosen, model)
    session.keep(answered, waiting.replacing)
    keeping.keep()
    with spot.container():
        draw_answer(session.conversation()[number], number, newest=True)
