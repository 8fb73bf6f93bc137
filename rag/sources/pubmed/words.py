"""The words that PubMed itself prints on an abstract page: headings, publication types and the page's frame."""

from __future__ import annotations

import re

from rag.sources.headings import ABSTRACT, FUNDING, REFERENCES
from rag.sources.lines import BOILERPLATE, KEYWORDS, Part, listed
from rag.types import Status

COMPETING = Part("Conflict of interest statement", "competing interests", "authors")
MESH = Part("MeSH terms", "entities", "page")
SUBSTANCES = Part("Substances", "entities", "page")
PUBLICATION_TYPE = Part("Publication type", "bibliographic", "page")

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
    "grants and funding": FUNDING,
    "grant support": FUNDING,
    "associated data": Part("Associated data", "bibliographic", "page"),
}
# Below these stands what concerns other papers, or leads away.
HEADINGS |= dict.fromkeys(
    listed("""
    pubmed disclaimer | figures | similar articles | cited by | cites | related information | linkout - more resources
    | comment in | comment on | erratum in | erratum for | corrected and republished in | update in | update of
    | republished in | republished from | retraction in | retraction of | expression of concern in | original report in
    | summary for patients in | personal name as subject | other abstracts
    """),
    BOILERPLATE,
)

# What these headings say of the paper above them; the gravest first.
STATUS_BY_NOTICE: dict[str, Status] = {
    "retraction in": "retracted",
    "retracted publication": "retracted",
    "expression of concern in": "expression of concern",
    "erratum in": "corrected",
    "corrected and republished in": "corrected",
}

_PUBLICATION_TYPES = listed("""
    review | systematic review | scoping review | meta-analysis | network meta-analysis | clinical trial
    | clinical study | clinical trial, phase i | clinical trial, phase ii | clinical trial, phase iii
    | clinical trial, phase iv | clinical trial protocol | randomized controlled trial
    | controlled clinical trial | pragmatic clinical trial | adaptive clinical trial | equivalence trial
    | observational study | multicenter study | comparative study | evaluation study | validation study
    | twin study | case reports | editorial | letter | comment | news | lecture | practice guideline | guideline
    | consensus development conference | consensus statement | technical report | historical article | biography
    | introductory journal article | journal article | english abstract | preprint
    | research support, n.i.h., extramural | research support, n.i.h., intramural
    | research support, non-u.s. gov't | research support, u.s. gov't, p.h.s.
    | research support, u.s. gov't, non-p.h.s. | published erratum | interview | retracted publication
    | retraction of publication | video-audio media | clinical conference | dataset | congress | festschrift
    | patient education handout | portrait
""")
_MOST_WORDS_OF_TYPE = 5

_FRAME = listed("""
    skip to main page content | skip to main content | u.s. flag
    | an official website of the united states government | here's how you know | dot gov | https
    | the site is secure | nih nlm logo | nih nlm logolog in | log in | log out | log inshow account info
    | show account info | close | account | logged in as | username | dashboard | publications
    | account settings | access keys | ncbi homepage | myncbi homepage | main content | main navigation
    | pubmed logo | search | advanced | clipboard | advancedclipboard | pubmed advanced clipboard | user guide
    | save | email | send to | saveemailsend to | save email | save email send to | my bibliography
    | add to my bibliography | citation manager | display options | format | abstract | pubmed | pmid | pmc
    | doi | save citation to file | create file | cancel | create file cancel | email citation | send email
    | send email cancel | subject | to | from | mesh and other data | add to collections
    | create a new collection | add to an existing collection | name your collection | add | add cancel
    | choose a collection | please try again | your saved search | name of saved search | search terms
    | test search terms | yes | no | frequency | which day | report format | send at most | save cancel
    | your rss feed | create a file for external citation management software | name of rss feed
    | number of items displayed | create rss | create rss cancel | rss link | rss link copy | copy
    | full text links | actions | cite | collections | share | permalink | permalink copy | page navigation
    | title & authors | title and authors | search in pubmed | search in mesh | search in nlm catalog
    | add to search | expand | collapse | show details | hide details | item in clipboard | free article
    | free pmc article | free full text | no abstract available | figure | table | see all similar articles
    | all similar articles | see all references | download .nbib | .nbib | x | facebook | twitter | linkedin
    | web policies | foia | hhs vulnerability disclosure | help | accessibility | careers | nlm | nih | hhs
    | usa.gov | disclaimer | bookshelf | mesh | home | menu | print | download pdf
""")
_FRAME_BEGINNING = re.compile(
    r"the \.gov means|federal government websites|before sharing sensitive|the https:// ensures|access keys ?ncbi"
    r"|official websites use|secure \.gov websites|an official website of|u\.s\. flag ?an official|this site needs java"
    r"|clipboard, search history|skip to (?:main|search)|subject: \d+ selected|name must be less|unable to load your"
    r"|would you like email updates|on or after july|send even when|optional text in email|show all \d+ references"
    r"|see all \W?cited by|see this image and copyright|the pubmed wordmark|8600 rockville|mesh ?pmc ?bookshelf"
    r"|copy ?download|\[?x\] |full text links ?\[x|display options|format: |search: |search in pubmed"
)
_PUBLISHER_LINK = re.compile(r".{2,60} full[- ]text link.*")
_FOOT = re.compile(
    r"full text links|ncbi literature resources|follow ncbi|connect with nlm|national library of medicine$"
)


def is_frame(words: str) -> bool:
    """Return whether a line with this `key` belongs to the frame of the page, not to the paper."""
    return words in _FRAME or bool(_FRAME_BEGINNING.match(words) or _PUBLISHER_LINK.fullmatch(words))


def begins_foot(words: str) -> bool:
    """Return whether a line with this `key` begins what PubMed prints below the last section."""
    return bool(_FOOT.match(words))


def is_publication_type(words: str) -> bool:
    """Return whether a line with this `key` names publication types and nothing else."""
    return all(part.strip() in _PUBLICATION_TYPES for part in words.split(";"))


def without_publication_type(text: str) -> str:
    """Return a journal line without the publication type that may stand before it.

    >>> without_publication_type("Review Expert Rev Gastroenterol Hepatol")
    'Expert Rev Gastroenterol Hepatol'
    """
    words = text.split()
    for count in range(min(_MOST_WORDS_OF_TYPE, len(words) - 1), 0, -1):
        if " ".join(words[:count]).casefold() in _PUBLICATION_TYPES and words[count][0].isupper():
            return " ".join(words[count:])
    return text
