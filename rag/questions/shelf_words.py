"""The words by which a question speaks of papers: years, designs, registers, sizes, orders, and what is said around."""

from __future__ import annotations

import re

from rag.shelf import Column, Order
from rag.types import Span, Status

PAPERS = (
    r"(?:papers?|articles?|stud(?:y|ies)|reviews?|trials?|preprints?|meta-?analys[ei]s|publications?|records?|RCTs?|ones?"
    r"|works?|abstracts?|experiments?)"
)
_PEOPLE = r"(?:participants?|patients?|people|persons?|subjects?|women|men|children|adults)"
_MANY = r"(?P<n>\d{1,3}(?:,\d{3})+|\d{1,6})"
_Y = r"(?P<{}>(?:19|20)\d\d)"
YEARS: tuple[tuple[str, int, int], ...] = (  # pattern, what is added to the first year, and to the last
    (rf"\b(?:in |from |since )?{_Y.format('a')} (?:or|and) (?:later|newer|after)\b", 0, 0),
    (rf"\bfrom {_Y.format('a')} on(?:wards?)?\b", 0, 0),
    (rf"\b(?:in |from )?{_Y.format('b')} or (?:earlier|older|before)\b", 0, 0),
    (rf"\b(?:between|from) {_Y.format('a')} (?:and|to|until|through) {_Y.format('b')}\b", 0, 0),
    (rf"\b{_Y.format('a')}\s?(?:[-–—]|to)\s?{_Y.format('b')}\b", 0, 0),
    (rf"\b(?:in |from )?{_Y.format('a')} (?:or|and) {_Y.format('b')}\b", 0, 0),
    (rf"\b(?:after|later than|newer than|more recent than|younger than) {_Y.format('a')}\b", 1, 0),
    (rf"\bsince {_Y.format('a')}\b", 0, 0),
    (rf"\b(?:before|earlier than|older than|prior to) {_Y.format('b')}\b", 0, -1),
    (rf"\b(?:until|up to|till) (?:the year )?{_Y.format('b')}\b", 0, 0),
    (r"\b(?:in |from |of )?(?:the )?(?P<decade>(?:19|20)\d)0s\b", 0, 0),
    (rf"\b(?:in|of|from|year|dated) {_Y.format('ab')}\b", 0, 0),
    (rf"(?<![\w(]){_Y.format('ab')}(?= {PAPERS}\b)", 0, 0),
)
# "newest first" puts all in order.
_ALL = r"(?P<all> first\b)?"
ORDERS: tuple[tuple[Order, str], ...] = (
    ("newest", rf"\b(?:newest|latest|most recent(?:ly published)?|most recently)\b{_ALL}"),
    ("oldest", rf"\b(?:oldest|earliest|least recent)\b{_ALL}"),
    ("largest", rf"\b(?:largest|biggest|(?:(?:enrolled|included|recruited) the )?most {_PEOPLE})\b{_ALL}"),
    ("smallest", rf"\b(?:smallest|(?:(?:enrolled|included|recruited) the )?fewest {_PEOPLE})\b{_ALL}"),
)
PEOPLE = re.compile(rf"\b(?:by |with )?(?:the )?(?:numbers? of |sample )?(?:{_PEOPLE}|size)\b", re.IGNORECASE)
LARGE = (
    rf"\b(?:with |of |in |on |enrolling |including )*"
    rf"(?:(?P<beyond>(?:more|greater|larger) than|over|above|exceeding)|at least) {_MANY} {_PEOPLE}\b"
)
SMALL = (
    rf"\b(?:with |of |in |on |enrolling |including )*"
    rf"(?:(?P<beyond>(?:fewer|less|smaller) than|under|below)|at most|up to) {_MANY} {_PEOPLE}\b"
)
DESIGNS: tuple[tuple[str, str], ...] = (
    ("meta-analysis", r"\b(?:network )?meta-?analys[ei]s\b"),
    ("systematic review", r"\bsystematic reviews?\b"),
    ("protocol", r"\bprotocols?\b"),
    ("cluster randomised trial", r"\bcluster[- ]randomi[sz]ed(?: controlled)? (?:trials?|stud(?:y|ies))\b"),
    ("crossover trial", r"\bcross-?over (?:trials?|stud(?:y|ies))\b"),
    (
        "randomised trial",
        r"(?<!non-)(?<!non)\brandomi[sz]ed(?:,? controlled)?(?: clinical)?(?: trials?| stud(?:y|ies))?\b|\bRCTs?\b",
    ),
    ("trial", r"\b(?:clinical |controlled )?trials?\b(?! regist(?:er|ry)\b)"),
    ("case-control study", r"\bcase-control(?: stud(?:y|ies))?\b"),
    ("cohort study", r"\bcohorts?(?: stud(?:y|ies))?\b"),
    ("cross-sectional study", r"\bcross-sectional(?: stud(?:y|ies))?\b"),
    ("case report", r"\bcase (?:reports?|series)\b"),
    ("retrospective study", r"\bretrospective(?: stud(?:y|ies)| analys[ei]s)?\b"),
    ("observational study", r"\bobservational(?: stud(?:y|ies))?\b"),
    ("qualitative study", r"\bqualitative(?: stud(?:y|ies)| research)?\b"),
    ("animal study", r"\banimal (?:stud(?:y|ies)|experiments?)\b"),
    ("guideline", r"\bguidelines?\b"),
    ("letter", r"\bletters?\b"),
    ("editorial", r"\beditorials?\b|\bcommentar(?:y|ies)\b"),
    ("correction", r"\bcorrections?\b|\berrat(?:um|a)\b|\bcorrigend(?:um|a)\b"),
    ("retraction notice", r"\bretraction notices?\b|\bretractions?\b"),
    ("review", r"\b(?:narrative )?reviews?\b"),
)
NARROW_REVIEWS = re.compile(r"\bhow many\b|\bnarrative\b|\bare reviews\b", re.IGNORECASE)
STATUSES: tuple[tuple[Status, str], ...] = (
    ("retracted", r"\b(?:been |were |was )?retracted\b"),
    ("expression of concern", r"\bexpressions? of concern\b"),
    ("corrected", r"\b(?:been |were |was )?corrected\b"),
    ("preprint", r"\bpreprints?\b"),
)
NUMBER_IN_REGISTER = re.compile(
    r"\b(?:NCT\d{8}|ISRCTN\d{6,8}|ACTRN\d{14}|CRD\d{8,12}|DRKS\d{8}|UMIN\d{9}|ChiCTR-\w+-\d+|IRCT\w{10,20}|NTR\d{3,5})\b",
    re.IGNORECASE,
)
_REGISTERS = {
    "NCT": r"clinical ?trials\.? ?gov|NCT",
    "ISRCTN": "ISRCTN",
    "CRD": "PROSPERO",
    "ACTRN": "ANZCTR|ACTRN",
    "ChiCTR": r"ChiCTR|chinese (?:clinical )?trials? regist(?:er|ry)",
    "EudraCT": "EudraCT",
    "DRKS": "DRKS|german clinical trials register",
    "UMIN": "UMIN",
    "NTR": r"NTR|(?:dutch|netherlands) trial regist(?:er|ry)",
    "IRCT": "IRCT|iranian registry of clinical trials",
}
_IN_A = (
    r"(?:\b(?:have|has|with|carry|carrying|registered|registration)\b[\w\s]{0,20}?)?"
    r"(?:\b(?:in|at|on|with|an?|the|under) ){0,3}"
)
_ITS_NUMBER = r"(?:[- ]registered)?(?: (?:trial )?(?:numbers?|registration|register|registry))?"
# How numbers of a register begin, "" for any, and how it is named.
REGISTERS: tuple[tuple[str, str], ...] = (
    *((begins, rf"{_IN_A}\b(?:{pattern})\b{_ITS_NUMBER}") for begins, pattern in _REGISTERS.items()),
    ("", r"\b(?:that are |which are |are )?registered(?= (?:trials?|stud))"),
    ("", r"\bwith (?:a |any )?(?:trial )?registration(?: numbers?)?"),
)
FILES = re.compile(
    r"\b[\w-]+(?:\.[\w-]+)*\.(?:pdf|nxml|xml|html?|md|txt|ris|nbib|bib|json|csv|docx|zip)\b", re.IGNORECASE
)
IN_JOURNAL = re.compile(
    r"(?:\b(?:in|from|by|of|and|or)\s+|,\s*)(?:the\s+)?(?=(?P<journal>journals?\s+)?)", re.IGNORECASE
)
_FUNDED = r"(?:funded|supported|sponsored|financed)"
FUNDED_BY = re.compile(
    rf"\b{_FUNDED}(?: for)? by (?:the )?(?P<funder>[\w .&’'-]{{3,60}}?)(?=\s*(?:[,?.;]|$))", re.IGNORECASE
)
FUNDER_FIRST = re.compile(rf"^\W*(?P<funder>[\w .&’'-]{{3,60}}?)[- ]{_FUNDED}(?= {PAPERS})", re.IGNORECASE)
COLUMNS: tuple[tuple[Column, str], ...] = (
    ("year", r"\b(?:publication )?(?:years?|dates?)\b"),
    ("journal", r"\bjournals?\b"),
    ("design", r"\b(?:study )?(?:designs?|types?)\b"),
    ("participants", r"\b(?:sample sizes?|(?:numbers? of )?(?:participants|patients|subjects))\b"),
    ("intervention", r"\b(?:interventions?|treatments?|comparators?|arms)\b"),
    ("outcome", r"\b(?:primary |main )?(?:outcomes?|end-?points?)\b"),
    ("result", r"\b(?:main |key )?(?:results?|findings?)\b"),
    ("harms", r"\b(?:harms?|adverse (?:events?|effects?)|side effects?)\b"),
    ("conclusion", r"\bconclusions?\b"),
    ("limitations", r"\b(?:limitations?|limits|weaknesses)\b"),
    ("registration", r"\b(?:registrations?|registration numbers?|registered)\b"),
    ("place", r"\b(?:countr(?:y|ies)|places?)\b"),
    ("funding", r"\bfund(?:ing|ers?)\b"),
    ("DOI", r"\bdois?\b"),
    ("PMID", r"\bpmids?\b"),
    ("status", r"\bstatus\b"),
)


def column_called(name: str) -> Column | None:
    """Return the column that a whole name stands for: "sample size" are the participants."""
    return next((column for column, pattern in COLUMNS if re.fullmatch(pattern, name, re.IGNORECASE)), None)


def named_column(column: Column, text: str) -> Span | None:
    """Return where a text names a column; None where it does not."""
    found = re.search(dict(COLUMNS)[column], text, re.IGNORECASE)
    return found.span() if found else None


HOW_MANY = re.compile(r"\b(?:how many|number of|count(?: of)?)\b", re.IGNORECASE)
OF_PAPERS = re.compile(rf"\b{PAPERS}\b", re.IGNORECASE)
TABLE = re.compile(r"\btable\b", re.IGNORECASE)
FRAME = re.compile(
    rf"\b(?:{PAPERS}|publish\w*|appear\w*|written|came|come|comes|out|have|has|had|do|does|did|am|is|are|was|were|been|be|being"
    r"|there|here|i|we|my|our|mine|you|your|me|us|please|which|what|who|list|show|name|names|give|tell|find|all|any|each"
    r"|every|of|the|a|an|and|or|in|on|with|their|its|them|these|those|it|this|that|by|sorted|sort|order|ordered|ranked"
    r"|library|shelf|collection|loaded|marked|known|held|many|how|number|count|one|from|for|to|as|conducted|done|carried"
    r"|authors?|titles?|among|only|just|also|so|now|then|registered|make|create|draw|table|under|about|regarding|concerning|anything|everything"
    r"|something|research|top|open|kinds?|types?|journals?|i\.e\.|reports?|states?|got)\b",
    re.IGNORECASE,
)
PUBLISHED = re.compile(r"\bpublished\b|\bappeared\b", re.IGNORECASE)
SAYS = re.compile(
    rf"\b(?:do|did|does|have) (?:the |these |those |all |my )?{PAPERS} .{{0,60}}?"
    r"\b(?:say|find|found|report|show|conclude)",
    re.IGNORECASE,
)
KIND_SAYS = re.compile(
    r"\b(?:do|did|does|have) (?:the |these |those |all |my )?(?P<kind>[\w\s-]{4,50}?) "
    r"(?:say|find|found|report|show|conclude)",
    re.IGNORECASE,
)
LEADS = re.compile(
    r"\b(?:in|among|across|within|according to|from|by|based on|considering|looking at)\b", re.IGNORECASE
)
THESE = re.compile(r"\b(?:the|these|those|my|our|all)\b", re.IGNORECASE)
OPENING = re.compile(rf"\W*(?:only )?{LEADS.pattern}[^,?]*[,:]\s*", re.IGNORECASE)
# "RCTs since 2009: …", "after 2010, …"
LABEL = re.compile(r"[^,?:]{4,80}[,:]\s*")
BY_TIME = re.compile(r"^\W*(?:after|before|since|between|newer than|older than|until|up to)\b", re.IGNORECASE)
ENDING = re.compile(rf"[,\s]+(?:only )?{LEADS.pattern}", re.IGNORECASE)
WHICH_APPEARED = re.compile(
    r"\s*(?:(?:that|which) )?(?:(?:were|was|are|is) )?(?:published|appeared|written)\s*$", re.IGNORECASE
)
OF_THE_SHELF = re.compile(r"\b(?:i|we|you) have\b|^\W*(?:please )?list\b|\bthere\b|\bloaded\b", re.IGNORECASE)
SUBJECT = re.compile(r"\b(?:on|about|regarding|concerning|of|in|for|with)\s+(?P<words>[\w\s’'-]+?)\W*$", re.IGNORECASE)
_FEW = r"(?P<n>\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)"
COUNT = re.compile(rf"\b{_FEW}\s*$", re.IGNORECASE)
COUNTED = re.compile(rf"\s*{_FEW}\b", re.IGNORECASE)
SEVERAL = re.compile(
    r"\s+(?:\w+ ){0,2}(?:papers|articles|studies|reviews|trials|preprints|ones|publications|first)\b", re.IGNORECASE
)
WITH = re.compile(r"\b(?:with|and their|sorted by)\b", re.IGNORECASE)
TABLE_COLUMNS: tuple[Column, ...] = ("design", "participants", "intervention", "outcome", "result", "conclusion")
PAPERS_BEFORE = re.compile(
    rf"\b(?:{PAPERS}|have|there|anything|everything|something|research|protocols?|reports?|guidelines?|cohorts?)\b.{{0,40}}$",
    re.IGNORECASE,
)
# What stands for papers where a filter tells that papers are meant.
VAGUE = re.compile(r"\b(?:anything|everything|something|research|what|which)\b", re.IGNORECASE)
OF_COLUMN = re.compile(
    rf"\s+(?:of|in|for|from)\s+(?:(?:the|these|my|all)\s+)?(?:[\w-]+\s+){{0,4}}?{PAPERS}\W*$", re.IGNORECASE
)
GOES_ON = re.compile(r"\W*(?:and|but|what about|how about)\b", re.IGNORECASE)
ASKS_A_FACT = re.compile(r"\W*(?:who|whose|whom|when|where)\b", re.IGNORECASE)
