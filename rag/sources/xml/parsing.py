"""The XML of a file as elements: nothing is fetched, no entity of the file's own is expanded."""

from __future__ import annotations

import re
from html.entities import html5
from typing import Any

from rag.sources.source_file import SourceFile

# lxml's elements, which have no types.
Element = Any

_DECLARATION = re.compile(r"<\?xml\s[^<>]{0,300}\?>")
# One with entities of its own stays, so that those are known to be such and are left as they are.
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[\]<>]{0,1000}>")
_ENCODING = re.compile(rb"\s*<\?xml\s[^<>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,30})[\"']")
_OTHER_ENCODING = re.compile(
    r"iso-8859-\d{1,2}|windows-125\d|gb2312|gbk|gb18030|big5|shift_jis|euc-jp|euc-kr|koi8-r", re.IGNORECASE
)
_AMPERSAND = re.compile(r"&(?:(#\w{1,10}|[A-Za-z][\w.-]{0,60});)?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]+)")
_FIRST = 50_000  # characters, in which the first element is
_BEGINNING = re.compile(
    r"\s*+(?>(?><!--.*?-->|<[?!](?!doctype\s+html\b)(?:[^<>\[\]]|\[[^\]]*+\])*+>)\s*+)*+<(?!html[\s>])[a-z]",
    re.IGNORECASE | re.DOTALL,
)
_OF_XML = frozenset(["amp", "lt", "gt", "quot", "apos"])
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def begins_as_xml(text: str) -> bool:
    """Return whether a text begins with an element that is none of a web page, after comments and the like."""
    return bool(_BEGINNING.match(text[:_FIRST].lstrip("\ufeff")))


def decoded(file: SourceFile) -> str:
    """Return the text of an XML file, in the encoding that it declares itself to be in."""
    declared = _ENCODING.match(file.content[:400])
    if declared and _OTHER_ENCODING.fullmatch(name := declared[1].decode("ascii", "replace")):
        return file.content.decode(name, "replace")
    return file.text or file.content.decode("utf-8", "replace")


def markup(text: str) -> str:
    """Return XML without declarations and what XML forbids, with the entities of HTML as the characters they are."""
    text = _FORBIDDEN.sub(" ", _DOCTYPE.sub("", _DECLARATION.sub("", text)))
    own = set(_ENTITY.findall(text)) if "<!DOCTYPE" in text else frozenset()

    def character(match: re.Match[str]) -> str:
        name = match[1] or ""
        if name.startswith("#") or name in _OF_XML or name in own:
            return match[0]
        known = html5.get(f"{name};")
        return known if known and known not in "<&" else f"&amp;{match[0][1:]}"

    return _AMPERSAND.sub(character, text)


def parse(text: str, *, recover: bool = False) -> tuple[Element | None, str]:
    """Return the root element of XML, its names without name spaces, and what is wrong with the XML, or "".

    Where something is, there is no root unless it is to `recover` what can be read.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError) as error:
        return None, str(error).split(" (<string>")[0]
    if root is None:
        return None, "there is no element"
    for element in root.iter("*"):
        if "}" in element.tag or ":" in element.tag:
            local = element.tag.rpartition("}")[2].rpartition(":")[2]
            element.tag = local if _NAME.fullmatch(local) else "unnamed"
    fatal = parser.error_log.filter_from_fatals()
    return root, f"{fatal[0].message}, line {fatal[0].line}" if fatal else ""
