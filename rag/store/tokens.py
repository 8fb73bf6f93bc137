"""Names that nobody guesses, and what the database keeps in their place."""

from __future__ import annotations

import re
from hashlib import sha256
from secrets import token_urlsafe

_TOKEN_BYTES = 16
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def new_token() -> str:
    """Return 128 random bits in 22 letters that may stand in an address."""
    return token_urlsafe(_TOKEN_BYTES)


def is_token(text: str) -> bool:
    """Tell whether a text may be a token."""
    return _TOKEN.fullmatch(text) is not None


def hashed(secret: str) -> str:
    """Return the SHA-256 of a text's UTF-8, in hexadecimal; whoever reads it cannot use what it stands for."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
