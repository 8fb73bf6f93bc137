"""The page, from top to bottom: what this is, the conversation so far, the shelf, the question that waits."""

import streamlit as st

from rag.ui import session

st.set_page_config(page_title="Ask the reviews", page_icon="📖")
st.title("Ask the reviews", anchor=False)
st.caption("Every answer is made of exact quotes from the reviews, each numbered and shown in its place.")
with st.bottom:
    st.chat_input("Ask a question about the reviews", key="typed", on_submit=session.ask_from, args=("typed",))
with st.sidebar:
    session.draw_new_conversation()
    st.subheader("On the shelf", anchor=False)

# What stands above is on the screen while the rest is imported.
from rag.errors import NoReviews, RagError  # noqa: E402
from rag.settings import Settings  # noqa: E402
from rag.ui.asking import answer, compared_anew  # noqa: E402
from rag.ui.opening import open_with_progress  # noqa: E402
from rag.ui.shelf import draw_shelf  # noqa: E402
from rag.ui.turn import STYLE, draw_answer, draw_question  # noqa: E402
from rag.ui.welcome import draw_not_opened, draw_nothing_to_ask, draw_welcome  # noqa: E402

st.html(STYLE)
settings = Settings()
conversation = session.conversation()
revision = session.revision()
places = [st.container() for _ in conversation]
for number, (exchange, place) in enumerate(zip(conversation, places, strict=True)):
    with place:
        draw_question(exchange.question, number)
        if not (revision and revision.number == number):
            draw_answer(exchange, number)

waiting = session.waiting()
newest = st.container()
if waiting:
    with newest:
        draw_question(waiting.question, len(conversation))

try:
    library = open_with_progress(settings)
except RagError as problem:
    if revision:
        with places[revision.number]:
            draw_answer(conversation[revision.number], revision.number)
    (draw_nothing_to_ask if isinstance(problem, NoReviews) else draw_not_opened)(str(problem))
    st.stop()

with st.sidebar:
    chosen = draw_shelf(library)

if revision:
    revised = compared_anew(conversation[revision.number], revision, library)
    session.keep_revised(revision.number, revised)
    with places[revision.number]:
        draw_answer(revised, revision.number)
if waiting:
    session.keep(answer(waiting, library, chosen))
    with newest:
        draw_answer(conversation[-1], len(conversation) - 1, newest=True)
elif not conversation:
    draw_welcome(library)
