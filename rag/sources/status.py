"""What has become of a paper, as far as its title and its types of publication tell, or the title of a notice."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.types import Status

_PAPER = r"(?: (?:article|paper|publication|chapter|manuscript))?"
_MARK = rf"(?:retracted|withdrawn){_PAPER}"
# In capitals it needs nothing behind it, in a title that is not all in capitals.
_RETRACTED = re.compile(
    rf"[\W_]*{_MARK}\s*[\])}}:.–—-]\W*|[\W_]*(?-i:RETRACTED|WITHDRAWN)(?-i:(?=.*[a-z]))(?: (?-i:ARTICLE))? "
    rf"|.*[\[(]\s*{_MARK}\s*[\]).:]",
    re.IGNORECASE,
)
# "Retraction notice to “Lamps and moths” [J Moth 9 (2015)]", "Author Correction: Lamps and moths"
_ON_ANOTHER = re.compile(
    r"(?:(?:author|publisher)['’]?s? )?(?:(?P<retracted>retraction|withdrawal)|(?P<concern>(?:editorial )?expression of"
    r" concern)|(?P<corrected>correction|corrigendum|erratum))(?: notice| note)?"
    r"(?:\s*[:.–—-]\s*| (?:to|of|for|on):?\s+)(?P<of>.+)",
    re.IGNORECASE | re.DOTALL,
)
_BECAME: dict[str, Status] = {
    "retracted": "retracted",
    "concern": "expression of concern",
    "corrected": "corrected",
}
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


def without_mark(title: str) -> str:
    """Return a title without the mark before it that its paper is retracted.

    >>> without_mark("RETRACTED: Lamps and moths")
    'Lamps and moths'
    """
    marked = _RETRACTED.match(title[:2_000])
    return title[marked.end() :] if marked and marked.end() < len(title) else title


def named_by_notice(title: str) -> tuple[Status, str]:
    """Return what the title of a notice says has become of another paper, and the words that begin with its title.

    >>> named_by_notice("Corrigendum to: Lamps and moths (2015)"), named_by_notice("Correction of myopia with lamps")
    (('corrected', 'Lamps and moths (2015)'), ('corrected', 'myopia with lamps'))
    """
    found = _ON_ANOTHER.match(title[:2_000])
    return (next(status for name, status in _BECAME.items() if found[name]), found["of"]) if found else ("", "")
