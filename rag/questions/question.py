"""A question as it is understood: one frozen value, made once; whoever answers it looks at nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from rag.questions.described import Description
from rag.questions.relations import Relation
from rag.shelf import Catalogue, ShelfQuery
from rag.types import Span, Term, Wants

# What a question is put to: nothing (it is talk), the shelf itself, the facts of publication, what reviews say of
# themselves, their findings, or all of them side by side.
Intent = Literal["talk", "shelf", "facts", "overview", "findings", "comparison"]
PREPOSITION = re.compile(r"\b(?:in|of|for|with|against|among|during|after|on|by|from|under|as)\b", re.IGNORECASE)


# "In “A title” and “another”: …", "“A title”"
_TITLED = re.compile(r"^In “[^”]*”(?:(?:,| and)+ “[^”]*”)*:|“[^”]*”")


@dataclass(frozen=True, slots=True)
class Aspect:
    """One row of a comparison: its name as it is shown, and the terms that a quote is measured by.

    `asks` is what is asked of each review, where that is more than the name; the whole question as a name has none.
    """

    name: str
    terms: tuple[Term, ...]
    asks: str = ""

    @property
    def text(self) -> str:
        """What is searched for."""
        return self.asks or self.name

    @property
    def own(self) -> tuple[Term, ...]:
        """The terms that decide."""
        return tuple(term for term in self.terms if not term.aside)


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart.

    `typed` is what was typed, `text` what is searched: a follow-up written out, in the library's spelling; `carried`
    are the stems in it that earlier turns lent. `reply` is the answer to what asks nothing of the reviews.
    `terms` carry what it is about; `fields` are the facts of publication that its wording asks for, `rest` the terms
    that are not part of that wording, `of_a_paper` whether it speaks of a paper or its authors at all. `named` are the
    ids of the reviews that it names, in the words at `names`, `absent` authors that it names and whose reviews are not
    there, `of_other_years` mentions of authors of whom papers of other years are; `compares` tells that it sets things
    side by side, `of_reviews` that these are reviews, `sets_against` that they are set against each other. `among` are
    the reviews that may be asked, `scope` those that it is put to. `aspects` are what it compares reviews on, `papers`
    the spans that say which these are, `relations` what it asks of how they stand to each other, `parts` what could be
    asked alone, if that is several things. `shelf` is what it asks of the shelf itself. `described` is where it says
    which papers it means by what they are on, `of_one` where it means a single one so. `filters` say in words which
    papers it is put to, `called` what these are in the plural.
    """

    typed: str
    text: str
    among: Catalogue
    scope: Catalogue
    terms: tuple[Term, ...] = ()
    named: tuple[str, ...] = ()
    names: tuple[Span, ...] = ()
    absent: tuple[str, ...] = ()
    of_other_years: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fields: tuple[str, ...] = ()
    rest: tuple[Term, ...] = ()
    of_a_paper: bool = False
    wants: Wants | None = None
    compares: bool = False
    of_reviews: bool = False
    sets_against: bool = False
    relations: frozenset[Relation] = frozenset()
    aspects: tuple[Aspect, ...] = ()
    papers: tuple[Span, ...] = ()
    parts: tuple[Aspect, ...] = ()
    carried: frozenset[str] = frozenset()
    reply: str = ""
    shelf: ShelfQuery | None = None
    described: Description | None = None
    of_one: Description | None = None
    filters: tuple[str, ...] = ()
    called: str = "reviews"

    @property
    def intent(self) -> Intent:
        """What the question is put to."""
        if self.reply:
            return "talk"
        if self.shelf:
            return "shelf"
        if self.fields:
            return "facts"
        # "Summarize each paper" sets nothing against each other.
        if self.compares and (self.terms or self.relations or self.named or self.sets_against):
            return "comparison"
        if self.described or (self.sets_against and self.terms and not self.of_one):
            return "comparison"
        return "findings" if self.terms else "overview"

    @property
    def bare(self) -> str:
        """The text without the titles that it quotes, which say where to look and not what for."""
        titles = [self.text[slice(*span)] for span in self.names]
        bare = _TITLED.sub(lambda found: "" if any(t in found.group() for t in titles) else found.group(), self.text)
        return " ".join(bare.split()) or self.text

    def asks(self, relation: Relation) -> bool:
        """Tell whether the question asks how reviews stand to each other in this way."""
        return relation in self.relations

    def not_of_facts(self) -> Question:
        """Return the question without the facts of publication that it seemed to ask for."""
        return replace(self, fields=())
