"""What stands between a visitor and Streamlit's server: the settings of a hosted page, the headers, the guard."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.middleware import Middleware

from rag.errors import BadSettings
from rag.settings import Settings
from rag.ui.server.guard import Guard
from rag.ui.server.headers import Headers
from rag.ui.server.scripts import SCROLL

# What a hosted page changes of `.streamlit/config.toml`; see "Hosting" in the documentation of Streamlit's options.
HOSTED: dict[str, object] = {
    "client.allowedOrigins": [],
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "server.disconnectedSessionTTL": 60,
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
}
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def middleware() -> list[Middleware]:
    """Return the ASGI middleware of the page, outermost first; on a hosted page its settings take hold as well.

    Where settings cannot be read the page is held to be hosted; it says itself which they are.
    """
    from streamlit import config, net_util
    from streamlit.runtime.secrets import secrets_singleton

    # Some hosts keep the secrets in a place of their own, which Streamlit knows and puts into the environment.
    secrets_singleton.load_if_toml_exists()
    try:
        settings = Settings()
        hosted, frame_ancestors, uploads = settings.hosted, settings.frame_ancestors, settings.uploads
    except BadSettings:
        hosted, frame_ancestors, uploads = True, "", False
    if hosted:
        for name, value in HOSTED.items():
            config.set_option(name, value, "RAG_HOSTED")
        # For each foreign Origin Streamlit would ask a stranger's server for its own address, in the event loop.
        net_util.get_external_ip = lambda: None
    scripts = [*_INLINE_SCRIPT.findall(_index()), SCROLL]
    return [Middleware(Headers, frame_ancestors=frame_ancestors, scripts=scripts), Middleware(Guard, uploads=uploads)]


def _index() -> str:
    """Return the HTML that Streamlit serves for every page."""
    from streamlit import file_util

    return (Path(file_util.get_static_dir()) / "index.html").read_text("utf-8")
