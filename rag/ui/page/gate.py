"""The doors of a hosted page: its shared password, and the owner's."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import streamlit as st
from pydantic import SecretStr

from rag.store import Door
from rag.ui.page.keeping import reader
from rag.ui.page.visitors import visitor

# How long, in seconds, a browser that gave the password is not asked again, even after a reload.
_ADMITTED_SECONDS = 12 * 3600.0


@dataclass
class Gate:
    """A door, and the browsers that were let in; kept in this module, where no visitor can clear it."""

    name: str
    door: Door = field(default_factory=Door)
    admitted: dict[str, float] = field(default_factory=dict)

    def admit(self, browser: str, now: float) -> None:
        """Remember a browser that holds an id, for some hours; `now` is in seconds of a monotonic clock."""
        for one in [one for one, until in self.admitted.items() if until < now]:
            del self.admitted[one]
        if browser:
            self.admitted[browser] = now + _ADMITTED_SECONDS


READERS, OWNER = Gate("password"), Gate("owner's password")


def let_in(gate: Gate, password: SecretStr | None) -> bool:
    """Tell whether this visitor may go on; else draw the field for the password. Without a password all may."""
    if password is None:
        return True
    browser, now = reader() or "", time.monotonic()
    if st.session_state.get(gate.name) or now < gate.admitted.get(browser, -math.inf):
        return True
    with st.form(f"gate-{gate.name}", border=False, width=420):
        given = st.text_input(gate.name.capitalize(), type="password", autocomplete="current-password")
        sent = st.form_submit_button("Open")
    if not sent:
        return False
    who = visitor()
    if gate.door.opens(who, given, password.get_secret_value()):
        st.session_state[gate.name] = True
        gate.admit(browser, now)
        st.rerun()
    wait = gate.door.wait(who)
    seconds = math.ceil(wait)
    again = f" Too many guesses: wait {seconds} second{'s' if seconds > 1 else ''} before the next." if wait else ""
    st.error(f"This is not the {gate.name}.{again}", icon=":material/lock:")
    return False
