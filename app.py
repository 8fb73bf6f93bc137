"""The page, from top to bottom: what this is, the conversation so far, the shelf, the question that waits."""

import streamlit as st

from rag.ui import session

st.set_page_config(page_title="Ask the reviews", page_icon="📖")
st.title("Ask the reviews", anchor=False)
st.caption("Every answer rests on exact quotes from the reviews, each numbered and shown in its place.")
with st.bottom:
    st.chat_input("Ask a question about the reviews", key="typed", on_submit=session.ask_from, args=("typed",))
with st.sidebar:
    session.draw_new_conversation()
    st.subheader("On the shelf", anchor=False)

# What stands above is on the screen while the rest is imported.
from rag.errors import NoReviews, RagError  # noqa: E402
from rag.settings import Settings  # noqa: E402
from rag.ui.asking import answer, compared_anew  # noqa: E402
from rag.ui.model import draw_model  # noqa: E402
from rag.ui.opening import open_with_progress  # noqa: E402
from rag.ui.shelf import draw_shelf  # noqa: E402
from rag.ui.turn import STYLE, draw_answer, draw_question  # noqa: E402
from rag.ui.welcome import draw_not_opened, draw_nothing_to_ask, draw_welcome  # noqa: E402

st.html(STYLE)
session.keep_unfinished()
conversation = session.conversation()
revision, waiting = session.revision(), session.waiting()
places = [st.container() for _ in conversation]
for number, (exchange, place) in enumerate(zip(conversation, places, strict=True)):
    with place:
        anew = waiting is not None and waiting.replacing == number
        draw_question(waiting.question if waiting and anew else exchange.question, number)
        if not anew and not (revision and revision.number == number):
            with st.empty().container():  # where a new answer stands too, so that a rerun finds it in its place
                draw_answer(exchange, number)

newest = st.container()
if waiting and waiting.replacing is None:
    with newest:
        draw_question(waiting.question, len(conversation))

try:
    settings = Settings()
    library = open_with_progress(settings)
except RagError as problem:
    for number in {revision and revision.number, waiting and waiting.replacing} - {None}:
        with places[number].empty().container():
            draw_answer(conversation[number], number)
    (draw_nothing_to_ask if isinstance(problem, NoReviews) else draw_not_opened)(str(problem))
    st.stop()

with st.sidebar:
    chosen = draw_shelf(library)
    model = draw_model(settings)

if revision:
    revised = compared_anew(conversation[revision.number], revision, library)
    session.keep_revised(revision.number, revised)
    with places[revision.number].empty().container():
        draw_answer(revised, revision.number)
if waiting:
    number = len(conversation) if waiting.replacing is None else waiting.replacing
    place = (newest if waiting.replacing is None else places[number]).empty()
    with place.container():
        answered = answer(waiting, library, chosen, model)
    session.keep(answered, waiting.replacing)
    with place.container():
        draw_answer(conversation[number], number, newest=True)
elif not conversation:
    draw_welcome(library)
