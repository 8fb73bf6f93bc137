"""The words that PubMed itself prints on an abstract page: headings, publication types and the page's frame."""

from __future__ import annotations

import re

from rag.sources.headings import ABSTRACT, FUNDING, REFERENCES
from rag.sources.lines import BOILERPLATE, KEYWORDS, Part

MESH = Part("MeSH terms", "entities", "page")
SUBSTANCES = Part("Substances", "entities", "page")
COMPETING = Part("Conflict of interest statement", "competing interests", "authors")
PUBLICATION_TYPE = Part("Publication type", "bibliographic", "page")
ASSOCIATED = Part("Associated data", "bibliographic", "page")

HEADINGS: dict[str, Part] = {
    "abstract": ABSTRACT,
    "plain language summary": Part("Plain language summary", "abstract", "authors"),
    "conflict of interest statement": COMPETING,
    "references": REFERENCES,
    "keywords": KEYWORDS,
    "mesh terms": MESH,
    "substances": SUBSTANCES,
    "supplementary concepts": Part("Supplementary concepts", "entities", "page"),
    "publication types": PUBLICATION_TYPE,
    "publication type": PUBLICATION_TYPE,
    "grants and funding": FUNDING,
    "grant support": FUNDING,
    "associated data": ASSOCIATED,
    **dict.fromkeys(
        ["pubmed disclaimer", "figures", "similar articles", "cited by", "related information", "linkout"]
        + ["linkout - more resources", "linkout – more resources", "personal name as subject"]
        + ["comment in", "comment on", "erratum in", "erratum for", "corrected and republished in", "update in"]
        + ["update of", "republished in", "republished from", "retraction in", "retraction of", "cites"]
        + ["summary for patients in", "expression of concern in", "original report in", "other abstracts"],
        BOILERPLATE,
    ),
}
_FOOT = re.compile(
    r"full text links|ncbi literature resources|follow ncbi|connect with nlm|national library of medicine$"
)

PUBLICATION_TYPES = frozenset(
    """review|systematic review|scoping review|meta-analysis|clinical trial|clinical trial, phase i|clinical trial, phase ii
    |clinical trial, phase iii|clinical trial, phase iv|clinical trial protocol|randomized controlled trial
    |controlled clinical trial|pragmatic clinical trial|adaptive clinical trial|equivalence trial|observational study
    |multicenter study|comparative study|evaluation study|validation study|case reports|editorial|letter|comment|news
    |practice guideline|guideline|consensus development conference|consensus statement|historical article|biography
    |introductory journal article|journal article|research support, n.i.h., extramural|research support, n.i.h., intramural
    |research support, non-u.s. gov't|research support, u.s. gov't, p.h.s.|research support, u.s. gov't, non-p.h.s.
    |published erratum|retracted publication|preprint|video-audio media|english abstract|twin study|technical report
    |clinical conference|lecture|interview|overall|dataset|clinical study|festschrift|network meta-analysis
    |published erratum|retraction of publication|patient education handout|portrait|congress|bibliography
    """.replace("\n    ", "").split("|")
)

_FRAME = frozenset(
    """skip to main page content|skip to main content|u.s. flag|u.s. flagan official website of the united states government
    |an official website of the united states government|here's how you know|dot gov|https|the site is secure
    |nih nlm logo|nih nlm logolog in|log in|log inshow account info|show account info|close|account|logged in as|username
    |dashboard|publications|account settings|log out|access keys|ncbi homepage|myncbi homepage|main content
    |main navigation|pubmed logo|search|search: search|advanced|clipboard|advancedclipboard|user guide|save|email|send to
    |saveemailsend to|save email|my bibliography|citation manager|display options|format|abstract|pubmed|pmid
    |save citation to file|create file|cancel|create file cancel|email citation|add to collections|subject|to|from
    |create a new collection|add to an existing collection|name your collection|add|add cancel|please try again
    |choose a collection|unable to load your collection due to an error|your saved search|name of saved search
    |search terms|test search terms|yes|no|frequency|which day|report format|send at most|save cancel|your rss feed
    |create a file for external citation management software|name of rss feed|number of items displayed|create rss
    |create rss cancel|rss link|rss link copy|copy|full text links|actions|cite|collections|share|permalink
    |permalink copy|page navigation|title & authors|title and authors|search in pubmed|search in mesh|add to search
    |search in nlm catalog|search in google scholar|expand|collapse|show details|hide details|item in clipboard
    |free article|free pmc article|free full text|no abstract available|see all similar articles|all similar articles
    |see all "cited by" articles|see all references|figure|table|similar articles|send email|send email cancel
    |format: abstract|format: abstract pubmed pmid|abstract pubmed pmid|mesh and other data|add to my bibliography
    |display options display options|download .nbib|.nbib|x|facebook|twitter|linkedin|pubmed disclaimer|results per page
    |free pmc article - abstract|pmc|doi|web policies|foia|hhs vulnerability disclosure|help|accessibility|careers
    |nlm|nih|hhs|usa.gov|disclaimer|bookshelf|mesh|home|menu|print|download pdf|author|affiliation expand
    """.replace("\n    ", "").split("|")
)
_FRAME_BEGINNING = re.compile(
    r"(?:the \.gov means|federal government websites|before sharing sensitive|the https:// ensures|access keys ?ncbi"
    r"|official websites use|secure \.gov websites|an official website of|clipboard, search history|this site needs java"
    r"|skip to (?:main|search)|subject: \d+ selected|name must be less|unable to load your|would you like email updates"
    r"|on or after july|send even when|optional text in email|show all \d+ references|see all \W?cited by|u\.s\. flag"
    r"|the pubmed wordmark|8600 rockville|mesh ?pmc ?bookshelf|copy ?download|\[x\]|full text links ?\[x\]"
    r"|display options|format:|search: |search in pubmed)",
)
_PUBLISHER_LINK = re.compile(r".{2,60} full[- ]text link|.{2,60} free article")


def is_frame(words: str) -> bool:
    """Return whether a line with this `key` belongs to the frame of the page, not to the paper."""
    return words in _FRAME or bool(_FRAME_BEGINNING.match(words) or _PUBLISHER_LINK.fullmatch(words))


def begins_foot(words: str) -> bool:
    """Return whether a line with this `key` begins what PubMed prints below the last section."""
    return bool(_FOOT.match(words))


def is_publication_type(words: str) -> bool:
    """Return whether a line with this `key` names publication types and nothing else."""
    return words in PUBLICATION_TYPES or all(part.strip() in PUBLICATION_TYPES for part in words.split(";"))


def without_publication_type(text: str) -> str:
    """Return a journal line without the publication type that may stand before it: "Review Nat Biotechnol"."""
    words = text.split()
    for count in range(min(5, len(words) - 1), 0, -1):
        if " ".join(words[:count]).casefold() in PUBLICATION_TYPES and words[count][0].isupper():
            return " ".join(words[count:])
    return text
