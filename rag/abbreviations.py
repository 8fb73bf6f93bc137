"""Short forms and what they stand for: defined in the text, common in the field, or spelled by initials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.questions import Term
from rag.terms import stem, words

# The longest phrase, in words, that a short form may stand for.
MAX_LONG_FORM = 6

# Common in clinical and cell-therapy writing, for pages that use one form and never define it.
COMMON = {
    "AD": "Alzheimer's disease",
    "AE": "adverse events",
    "ALL": "acute lymphoblastic leukemia",
    "AML": "acute myeloid leukemia",
    "AMR": "antimicrobial resistance",
    "axi-cel": "axicabtagene ciloleucel",
    "BBB": "blood-brain barrier",
    "BMI": "body mass index",
    "CAR": "chimeric antigen receptor",
    "cilta-cel": "ciltacabtagene autoleucel",
    "CKD": "chronic kidney disease",
    "CLL": "chronic lymphocytic leukemia",
    "CNS": "central nervous system",
    "COPD": "chronic obstructive pulmonary disease",
    "CRC": "colorectal cancer",
    "CRS": "cytokine release syndrome",
    "CVD": "cardiovascular disease",
    "DLBCL": "diffuse large B-cell lymphoma",
    "GBM": "glioblastoma",
    "GVHD": "graft-versus-host disease",
    "HCC": "hepatocellular carcinoma",
    "HF": "heart failure",
    "IBD": "inflammatory bowel disease",
    "ICANS": "immune effector cell-associated neurotoxicity syndrome",
    "ICI": "immune checkpoint inhibitors",
    "ide-cel": "idecabtagene vicleucel",
    "liso-cel": "lisocabtagene maraleucel",
    "MI": "myocardial infarction",
    "MM": "multiple myeloma",
    "MRD": "minimal residual disease",
    "MS": "multiple sclerosis",
    "NHL": "non-Hodgkin lymphoma",
    "NSCLC": "non-small cell lung cancer",
    "ORR": "objective response rate",
    "OS": "overall survival",
    "PFS": "progression-free survival",
    "QoL": "quality of life",
    "RA": "rheumatoid arthritis",
    "RCT": "randomized controlled trial",
    "SLE": "systemic lupus erythematosus",
    "T1D": "type 1 diabetes",
    "T2D": "type 2 diabetes",
    "TB": "tuberculosis",
    "TCR": "T cell receptor",
    "tisa-cel": "tisagenlecleucel",
    "TME": "tumor microenvironment",
    "TNBC": "triple-negative breast cancer",
}
_PARENTHESIS = re.compile(r"[(\[]\s*([^()\[\]\s,;:]{2,10})\s*(?:[;,][^()\[\]]*)?[)\]]")


def definitions(text: str) -> Iterator[tuple[str, str]]:
    """Yield (short form, long form) pairs as a text defines them: "long form (SF)".

    The search for the long form is that of Schwartz & Hearst, PSB 2003.

    >>> list(definitions("an immunosuppressive tumor microenvironment (TME) and others (2020)"))
    [('TME', 'tumor microenvironment')]
    """
    for found in _PARENTHESIS.finditer(text):
        short = found.group(1)
        if not any(c.isupper() for c in short) or not short[0].isalnum():
            continue
        if long := _long_form(short, text[max(0, found.start() - 120) : found.start()].rstrip()):
            yield short, long


def _long_form(short: str, before: str) -> str | None:
    """Match the letters of a short form backwards in the words before its parenthesis."""
    letters = [c.casefold() for c in short if c.isalnum()]
    at = len(before)
    for index, letter in reversed(list(enumerate(letters))):
        at -= 1
        while at >= 0 and (before[at].casefold() != letter or (index == 0 and at > 0 and before[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
    long = before[at:]
    enough = len(long) > len(short) and len(long.split()) <= min(len(letters) + 5, 2 * len(letters))
    return long if enough and not re.search(r"[.;:?!](?:\s|$)", long) else None


def initials(text: str) -> str:
    """Return the initials of the words of a text in lower case; a compound gives one a part.

    >>> initials("B cell maturation antigens")
    'bcma'
    """
    return "".join(part[0] for word in words(text) for part in re.split(r"[-‐‑–/]", word.text.casefold()) if part)


@dataclass(frozen=True)
class Expansions:
    """For each term of a question: short forms that stand for it, and the stems of its long forms."""

    short: tuple[dict[str, float], ...]
    long: tuple[tuple[frozenset[str], ...], ...]


class Abbreviations:
    """Short and long forms known to a library, looked up by their stems."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._long_forms: dict[str, set[tuple[str, ...]]] = {}
        self._short_forms: dict[tuple[str, ...], set[str]] = {}
        for text in texts:
            for short, long in definitions(text):
                self._add(short, long)
        for short, long in COMMON.items():
            self._add(short, long)

    def _add(self, short: str, long: str) -> None:
        stems = tuple(word.forms[0] for word in words(long))
        self._long_forms.setdefault(stem(short), set()).add(stems)
        self._short_forms.setdefault(stems, set()).add(stem(short))

    def expansions(self, terms: Sequence[Term]) -> Expansions:
        """Return what else may stand for each term: its long forms, or the short form of the phrase it is part of."""
        short: list[dict[str, float]] = [{} for _ in terms]
        for first in range(len(terms)):
            for last in range(first + 1, min(first + MAX_LONG_FORM, len(terms)) + 1):
                phrase = tuple(term.forms[0] for term in terms[first:last])
                for at in range(first, last):
                    short[at] |= dict.fromkeys(self._short_forms.get(phrase, ()), 1.0)
        long = tuple(
            tuple(frozenset(form) for form in sorted(self._long_forms.get(term.forms[0], ()))) for term in terms
        )
        return Expansions(tuple(short), long)

    def stems_of(self, terms: Sequence[Term]) -> list[str]:
        """Return the stems that the expansions of a question's terms add to its lexical search."""
        found = self.expansions(terms)
        forms = {form for term in found.short for form in term}
        return sorted(forms | {form for phrases in found.long for phrase in phrases for form in phrase})
