"""Facts of publication: which of them a question asks for, and which lines of a review state them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.shelf import surname
from rag.text import SHORT_MONTHS, stem
from rag.types import Passage, Review, Span


def _listed(names: str) -> str:
    """Return a pattern for a question about what a page lists: "Which genes are linked …", "Is it listed as …"."""
    verbs = r"(?:link|list|annotat|tag|index|entit|record|catalog|attach|associated with the)\w*"
    return rf"\b(?:{names})\b(?=.*\b{verbs})|\b{verbs}(?: \w+){{0,3}}? (?:{names})\b"


# Facts of publication: what a question says when it asks for one.
_FIELDS = {
    "authors": r"\bwho\b(?=.*\b(?:wrote|writ|author|publish|penned|behind|produced|made this))|\b(?:list|name|give"
    r"|the|all|which|what|how many|its|their) "
    r"(?:\w+ )?authors?\b(?= of|\W*$| and| on)|\bauthors?\W*$|^\W*authors?\b(?! (?:say|think|argue|claim|report))"
    r"|(?<!\bdo the )(?<!\bdid the )(?<!\bdoes the )\bauthors? of\b|\bauthored\b|\b(?:written|published) by\b|\bby "
    r"whom\b|\bco-?author\w*|\bwrote\b"
    r"|\b(?:first|last|senior|lead) authors?\b|\bhow many (?:authors|people wrote)\b|\bnames? of the authors?\b",
    "journal": r"\bjournal\w*|\bpublished in\b|\bappear(?:ed|s)? in\b|\bwhere (?:was|were|has|did"
    r"|is)\b.*\b(?:published|appear\w*|come out)\b",
    "doi": r"\bdois?\b|\bdigital object identifiers?\b",
    "pmid": r"\bpmids?\b|\bpubmed (?:id|identifier|number)s?\b",
    "pmcid": r"\bpmc ?ids?\b|\bpmc (?:number|identifier)s?\b|\bpubmed central (?:id|identifier|number)s?\b",
    "url": r"\bwhere (?:can|could|do) (?:i|we|one) (?:read|find|get|see|download)\b|\bfull[- ]text\b|\bwhole "
    r"(?:paper|text|article)\b|\burls?\b|\bweb ?(?:site|address|link|page)s?\b|\blinks?\b(?=.*\b(?:paper|review"
    r"|article|source|page)\b)",
    "date": r"\bwhen\b(?=.*\b(?:publish|appear|written|released|come out|came out|print|online)\w*)|\bpublication "
    r"(?:date|year)s?\b"
    r"|\b(?:date|year|month) of (?:publication|issue|print)\b|\b(?:which|what) (?:year|month|date)\b|\bhow (?:old"
    r"|recent|new|up.to.date)\b"
    r"|^\W*+(?:[\w&][\w&.]*+[^\w&]++){1,3}year\W*+$|\bepub\b"
    r"|\b(?:go|went|gone|put|come|came|appear\w*) (?:on-?line|out)\b"
    r"|\bahead of print\b"
    r"|\bwhat(?:'s| is) the (?:year|date)\b|\bwhich\b.*\b(?:newe[rs]t?|latest|older|oldest|(?:more|most) recent"
    r"|earlie[rs]t?)\b"
    r"|\bpublished (?:first|earlier|later|last|more recently|most recently)\b",
    "pages": r"\b(?:how many|what|which|on which|page) (?:pages?|numbers?|range)\b|\bpage (?:numbers?|range|span)\b"
    r"|\bpages\b",
    "volume": r"\b(?:which|what|journal) vol(?:ume)?\b|\bvolume (?:number|and issue|and pages?|of the journal)\b"
    r"|\bvolume\W*$",
    "issue": r"\b(?:journal|volume|which|what) issue\b|\bissue number\b|\bissue\b(?=.*\bvolume\b)|\bvolume and issue\b",
    "title": r"\btitles?\b|\b(?:called|titled|entitled)\b(?=\W*$)|\bfull name of the (?:paper|review|article)\b",
    "competing interests": r"\b(?:conflicts?|competing|declarations?) (?:of )?interests?\b|\bcoi\b|\bcompeting "
    r"(?:financial )?interests?\b|\bdisclos\w+"
    r"|\b(?:money|fees?|payments?|honoraria|paid|stakes?|shares|stock|equity|ties|links|employ\w+|consult\w+"
    r"|connections?)\b.{0,60}\b(?:industr\w+|compan\w+|pharma\w*|firms?|"
    r"manufacturers?|start-?ups?)\b|\b(?:compan\w+|industry|firms?)\b.{0,60}\b(?:ties|stakes?|shares|equity|paid"
    r"|links to)\b|\bfinancial (?:ties|interests?|disclosures?|relationships?|conflicts?)\b|\bindustry (?:ties|links"
    r"|relationships?)\b"
    r"|\bties (?:to|with) (?:industry|companies|pharma\w*)\b|\bconflicted\b|\bconflicts?\b(?=.*\bdeclar)"
    r"|\bindependent of industry\b",
    "funding": r"\bfund(?:s|ed|ing|er|ers)\b|\bgrants?\b|\bsponsor(?:s|ed|ship)?\b|\bpaid for\b|\bfinanc(?:ed|ing) "
    r"(?:the|this|of)\b|\bfinancial support\b",
    "affiliations": r"\baffiliat\w+|\b(?:which|what|at what) (?:institut\w+|universit\w+|hospitals?|cent(?:er|re)s?)\b"
    r"|\bwhere (?:do|does|did|are|is) .{1,60}\b(?:work|based|from|located)\W*$|\binstitutions?\b",
    "mesh": r"\bmesh\b(?! id)|\bsubject headings?\b",
    "keywords": r"\bkey ?words?\b",
    "publication type": r"\b(?:type|kind|sort) of (?:article|publication|paper|document)\b|\b(?:original|primary) "
    r"(?:research|study|article)\b|\b(?:is|was)\b.{0,80}\b(?:trial|review|meta-analysis|perspective|study)\b,? or\b"
    r"|\bpublication types?\b|\barticle types?\b",
    "email": r"\be-?mails?\b|\bcontact (?:details|address)\b|\bcorresponding author\b",
    "copyright": r"\bcopyright\b|\blicen[cs]e of the (?:paper|article|review)\b|\bopen access\b",
    "genes": _listed("genes?|proteins?"),
    "diseases": _listed("diseases?|conditions?|disorders?"),
    "species": _listed("species|organisms?|animals?"),
    "chemicals": _listed("chemicals?|substances?|drugs?|compounds?"),
    "entities": r"\bentit(?:y|ies)\b|\b(?:mesh|mondo|ncbi|entrez|taxon\w*|omim|pubchem|uniprot"
    r"|database)\b.{0,20}\b(?:ids?|identifiers?|numbers?|codes?)\b"
    r"|\b(?:ids?|identifiers?|codes?) (?:of|for)\b|\b(?:other|alternative) names?\b|\balias(?:es)?\b|\balso (?:known"
    r"|called)\b|\bsynonyms?\b",
    "citation": r"\bcitation of\b|\bhow (?:do|should|can) (?:i|we|one) cite\b|\bcite as\b|\bfull (?:reference"
    r"|citation)\b|\breference for the\b",
    "references": r"\breferences\b|\b(?:which|what|any|first|last) reference\b|\breference list\b|\bbibliograph\w+"
    r"|\bcit(?:es?|ed|ing|ations)\b(?! as)",
}
_FIELD_PATTERNS = {field: re.compile(pattern, re.IGNORECASE) for field, pattern in _FIELDS.items()}


# Words that ask for a fact without being part of it.
ASKING_FRAME = frozenset(
    stem(word)
    for word in "assign attach tag index link list annotate declare disclose state name print exact correct official "
    "own "
    "anything something statement section any list listed linked tagged".split()
)

_LISTS = {
    "genes": "gene|protein",
    "diseases": "disease|condition",
    "species": "species|organism",
    "chemicals": "chemical|substance|drug|compound",
}

# Fields whose lines are worded, so that words of the question in them mean something.
WORDED_FIELDS = ("authors", "competing interests", "funding", "references", "entities", *_LISTS)

# What the answer calls a field that no page states.
FIELD_NAMES = {field: field for field in _FIELDS} | {
    "doi": "DOI",
    "pmid": "PMID",
    "pmcid": "PMCID",
    "url": "web address",
    "date": "date of publication",
    "mesh": "MeSH terms",
    "email": "contact address",
    "entities": "listed entities",
    "genes": "listed genes or proteins",
    "diseases": "listed diseases",
    "species": "listed species",
    "chemicals": "listed substances",
}

# Where a field is stated: the headings of its sections, and what its line looks like.
_HEADINGS = {
    "affiliations": r"affiliation",
    "competing interests": r"conflict|competing|disclosure|interest",
    "copyright": r"copyright|licen[cs]e",
    "email": r"correspond|e-?mail",
    "entities": r"entit|gene|protein|disease|species|chemical|substance",
    "citation": r"title|author|citation|identifier",
    "funding": r"fund|grant|support|acknowledg|sponsor",
    "keywords": r"key ?words?",
    "mesh": r"mesh",
    "publication type": r"publication type|article type",
    "references": r"reference|bibliography|literature cited",
}
_DATE = re.compile(
    r"\b(?:epub|published|publication|online|accepted|received|print)\b.*\b(?:19|20)\d\d\b"
    rf"|\b(?:19|20)\d\d[ -](?:{'|'.join(SHORT_MONTHS)}|\d\d)",
    re.IGNORECASE,
)
_PAGES = re.compile(r":\s*(?:[eE]?\d+[-–][eE]?\d+|[eE]?\d{3,})\b|\bpp?\.?\s*\d+|\bpages?\b", re.IGNORECASE)
_VOLUME = re.compile(r";\s*\d+\s*(?:\(|:)|\bvol(?:ume|\.)", re.IGNORECASE)
_ISSUE = re.compile(r"\(\s*\w+[^()]{0,12}\)\s*:|\bissue\b|\bno\.", re.IGNORECASE)

# "Did the authors declare …" is about what they declare, not about who they are.
_ASKS_WHO = re.compile(r"\bwho\b|\bauthors?(?: and|,)|\b(?:and|list|name) (?:the |its )?authors?\b", re.IGNORECASE)


def asked_fields(text: str, names: Sequence[Span] = ()) -> tuple[tuple[str, ...], list[Span]]:
    """Return the facts of publication that a question asks for, and the spans of the words that ask for them.

    Words inside `names`, by which the question names reviews, ask for nothing.
    """
    found = {
        field: [m.span() for m in pattern.finditer(text) if not any(a <= m.start() < b for a, b in names)]
        for field, pattern in _FIELD_PATTERNS.items()
    }
    asked = [field for field, spans in found.items() if spans]
    if len(asked) > 1 and "authors" in asked and not _ASKS_WHO.search(text):
        asked.remove("authors")
    if "citation" in asked and "references" in asked:
        asked.remove("references")
    return tuple(asked), [span for spans in found.values() for span in spans]


def states_field(field: str, review: Review, passage: Passage, start: int, end: int) -> bool:
    """Tell whether a line of a review states a field: its own value, or a section that is about it."""
    line = review.text[start:end]
    if kind := _LISTS.get(field):
        label = review.text[review.text.rfind("\n", 0, start) + 1 : start] + passage.heading
        return passage.kind == "entities" and re.search(kind, label, re.IGNORECASE) is not None
    if heading := _HEADINGS.get(field):
        kinds = {"references": ("references",), "competing interests": ("competing interests", "bibliographic", "body")}
        allowed = kinds.get(field, ("bibliographic", "entities", "body", "competing interests"))
        return passage.kind in allowed and re.search(heading, passage.heading, re.IGNORECASE) is not None
    if field == "authors" and passage.heading == "Authors":
        return passage.kind == "bibliographic" and any(surname(author) in line for author in review.authors)
    return passage.kind == "bibliographic" and any(value in line.casefold() for value in _values(field, review, line))


def _values(field: str, review: Review, line: str) -> Iterator[str]:
    """Yield the folded values of a field that a bibliographic line must hold to state it."""
    values: dict[str, str | None] = {
        "title": review.title,
        "journal": review.journal,
        "doi": review.doi,
        "pmid": review.pmid,
        "pmcid": review.pmcid,
        "url": review.url if review.url and review.url in line else review.doi,
        "date": review.date
        if review.date and review.date.casefold() in line.casefold()
        else str(review.year or "") or None,
    }
    if field == "authors":
        yield from (author.casefold() for author in review.authors)
    elif value := values.get(field):
        yield value.casefold()
    shapes = {"date": _DATE, "pages": _PAGES, "volume": _VOLUME, "issue": _ISSUE}
    if field in shapes and (shape := shapes[field].search(line)):
        yield shape.group().casefold()
