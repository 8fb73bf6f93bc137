"""What has become of a paper, as far as its title and its types of publication tell."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PAPER = r"(?: (?:article|paper|publication|chapter|manuscript))?"
_RETRACTED = re.compile(rf"[\W_]*retracted{_PAPER}\s*[\])}}:.–—-]|.*[\[(]\s*retracted{_PAPER}\s*[\]).:]", re.IGNORECASE)
_NOTICE = re.compile(
    r"(?:partial )?retraction(?: of publication| notice)?|(?:published )?erratum|(?:author |publisher )?correction"
    r"|corrected article|corrigendum|addendum|.*\bconcern",
    re.IGNORECASE,
)


def is_notice(types: Iterable[str]) -> bool:
    """Return whether types of publication are those of a notice: what it says has become of another paper."""
    return any(_NOTICE.fullmatch(kind.replace("-", " ")) for kind in types)


def says_retracted(title: str, types: Iterable[str] = ()) -> bool:
    """Return whether a title is marked as that of a retracted paper: not one about retractions, not a notice of one.

    >>> says_retracted("RETRACTED: Lamps and moths"), says_retracted("Retracted papers in the study of moths")
    (True, False)
    """
    return bool(_RETRACTED.match(title[:2_000])) and not is_notice(types)
