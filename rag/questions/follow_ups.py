"""A follow-up becomes a question that stands alone, with no model: carried terms, and the review in focus."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from rag.lexicon import open_thesaurus
from rag.questions.aspects import compared_on
from rag.questions.parsing import MAX_QUESTION_CHARS, parse
from rag.questions.question import Question
from rag.questions.relations import AUXILIARY
from rag.questions.terms import content_terms
from rag.shelf import Alike, named_reviews
from rag.text import listed, words
from rag.types import Review, Span, Term, Turn

_NOUN = r"(?:reviews?|papers?|articles?|perspectives?|publications?|pages?|sources?)"
_ELLIPSIS = re.compile(
    r"^\W*(?:(?:and|but|or|so|ok(?:ay)?|also|then|now)\W+)*(?:what|how) (?:about|of)\W+|^\W*(?:and|but|or"
    r"|also)\W+(?=\S)",
    re.I,
)
_OTHER = re.compile(
    rf"\b(?:the|an|any)? ?other (?:{_NOUN}|ones?|two)\b|\bthe (?:others?)\b(?=\W*$)|\bthe rest\b(?=\W*$)", re.I
)
_THIS_REVIEW = re.compile(
    rf"\b(?:that|this|the same|the former|the latter|said) (?:one|{_NOUN})\b|\b(?:that|this) one\b|\bthe "
    rf"{_NOUN}\b(?=\W*$)|\bthe (?:one|review) (?:you )?(?:just )?(?:mentioned|cited|quoted)\b",
    re.I,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|they|them|their|theirs|these|those|this|that|he|she|his|her|such|there|one|ones|former|latter)\b",
    re.I,
)
# "That study" points at something, and stands for nothing.
_POINTS = re.compile(rf"(?:this|that|these|those)\s+(?!{AUXILIARY}\b)\w", re.I)
_MORE = re.compile(
    r"^\W*(?:(?:please|can you|could you)\W+)*(?:tell me more|more|go on|continue|more details?|elaborate|explain"
    r"|expand|say more|anything else|what else|and then|details?)\b.{0,30}$",
    re.I,
)
_WHY = re.compile(
    r"^\W*(?:and |but |so )?(why|how come|how so|how|since when|when|where)\b(?: is| was| are| were| does| do)?(?: "
    r"that| this| it| so| they| not)?(?: the case| happen| true)?\W*$",
    re.I,
)
_SENTENCE = re.compile(
    r"\W*(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|has|have|had|will"
    r"|would|should|may|"
    r"might|must|tell|list|show|give|name|explain|describe|compare|summari[sz]e|please|i|we|my|find|does)\b",
    re.I,
)
_AUXILIARY = re.compile(rf"^(?:{AUXILIARY}|had)\b", re.I)
_PREPOSITION = (
    r"(?:in|on|for|of|against|to|with|from|by|about|among|during|after|at|within|regarding|into|inside"
    r"|outside|without|beyond|under|between|before)"
)
_PHRASES = re.compile(rf"\b{_PREPOSITION}\s+(?:(?!\b{_PREPOSITION}\b)[^,;?!])+(?<!\s)", re.I)
_METADATA = re.compile(
    r"\b(?:wrote|written|authors?|published|journal|doi|pmid|conflicts?|interests?|funded|funding|pages|volume|year"
    r"|title|cited?|declared?|affiliat\w+|keywords|mesh)\b|^\W*(?:and )?(?:who|when|where)\b",
    re.I,
)
# "also safety", "and cost too": one more aspect of a comparison.
_ALSO = re.compile(r"^\W*(?:and |please )?(?:also|add|plus|include)\W+(?:on |about )?(.+?)\W*$", re.I)
_TOO = re.compile(r"^\W*+(?:and\W++)?(?:on |about )?(\w(?:.*\w)?)\W+(?:too|as well)\W*+$", re.I)
_ON = re.compile(r"(?:(?:on|in|about|for)\s+)?(.+)", re.I | re.S)
# "only the newer one", "without Smith"
_LIMIT = re.compile(r"^\W*(?:and |but )?(only|just|without|not|except)\W+(?:in |from |for )?(.+?)\W*$", re.I)
_IS = re.compile(r"\b(?:is|are|was|were)\s+$", re.I)
_WHICH_ONE = re.compile(r"\bwhich (?:one|of them|of the two)\b(?! of)", re.I)
# What is asked of a finding and takes the place of nothing in the earlier question.
_OF_A_FINDING = re.compile(r"\bp-?values?\b|\bCIs?\b|\b(?:confidence )?intervals?\b|\bsample size\b|\bexact\b", re.I)
# "The second one: what did it find?" after quotes of several reviews.
_NTH = re.compile(rf"\bthe (first|second|third|fourth|fifth|last) (?:one|trial|{_NOUN})\b(?:\W+what did it\b)?", re.I)
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4, "last": -1}
# "Which of them mentions pain?" after a comparison: of the reviews.
_OF_THEM = re.compile(r"\bof (them)\b", re.I)
# A question with this many content terms of its own and a stray pronoun stands alone.
ENOUGH_TERMS = 3
_ARTICLES = re.compile(r"\bthe\s+the\s+")
_CONTEXT = re.compile(r"\s*\(.*\)$")
# A longer topic, or one with a question or a condition in it, has no like in the earlier question.
MAX_TOPIC = 4
_QUESTION_WORD = re.compile(r"\b(?:who|whom|which|what|when|where|why|how|any|anyone|anything|if|even|not|no)\b", re.I)
# Of so few reviews at the most a question that names nothing is asked as it is.
IN_FOCUS = 3
# A longer run of content words is more than a subject.
MAX_SUBJECT = 2


def points_at_one(text: str) -> bool:
    """Tell "the second one" and "the last trial", which mean one of those that an answer named."""
    return bool(_NTH.search(text))


def standalone(question: Question, history: Sequence[Turn], alike: Alike) -> str:
    """Return a question with what it takes for granted written out; unchanged when it stands alone.

    `history` are the turns before it that asked something of the reviews; `alike` gives the likeness in sense of a
    phrase to each of several others.
    """
    if not history:
        return question.text
    earlier = parse(history[-1].answer.searched_as, question.among)
    focus = _focus(history, earlier)
    if (changed := _of_the_earlier(question.text, earlier, focus)) is not None:
        return changed
    if earlier.compares and (them := _OF_THEM.search(question.text)):
        return _put(question.text, them.span(1), _compared(earlier))
    if _WHICH_ONE.search(question.text) and not question.named:
        return _with_context(question.text, earlier)
    if question.compares and question.terms and not _ELLIPSIS.match(question.text):
        return question.text
    if (this := _THIS_REVIEW.search(question.text)) and focus and not question.compares:
        return _put(question.text, this.span(), _quoted(focus[0]))
    if ellipsis := _ELLIPSIS.match(question.text):
        return _fill(question.text[ellipsis.end() :], earlier, alike, focus)
    if _is_fragment(question.text):
        return _fill(question.text, earlier, alike, focus)
    return _resolve_pronoun(question, earlier, focus)


def _of_the_earlier(text: str, earlier: Question, focus: Sequence[Review]) -> str | None:
    """Return the earlier question as a text changes it: one more aspect, other reviews, more of the same, why."""
    if changed := _added_aspect(text, earlier) or _limited(text, earlier):
        return changed
    if (nth := _NTH.search(text)) and (at := _ORDINALS[nth.group(1).casefold()]) < len(focus):
        return _put(text, nth.span(), _quoted(focus[at]))
    if (others := _OTHER.search(text)) and len(earlier.among) > 1:
        return _about_others(text, others.span(), earlier, focus)
    if _MORE.match(text):
        return earlier.text
    why = _WHY.match(text)
    return _why(why.group(1), earlier.text) if why else None


def carried_terms(question: str, searched_as: str) -> frozenset[str]:
    """Return the stems of a rewritten question that the reader did not type this time."""
    typed = {form for word in words(question) for form in word.forms}
    return frozenset(form for word in words(searched_as) for form in word.forms) - typed


def _focus(history: Sequence[Turn], last: Question) -> list[Review]:
    """Return the reviews that the talk is about, most relevant first; `last` is the question of the last turn."""
    reviews = last.among
    for at, turn in enumerate(reversed(history)):
        named = last.named if at == 0 else named_reviews(turn.answer.searched_as, reviews).review_ids
        cited = [citation.quote.review_id for citation in turn.answer.quoted]
        ids = [i for i in dict.fromkeys([*named, *cited]) if i in reviews.place and (not named or i in named)]
        if ids:
            return [reviews[reviews.place[i]] for i in ids]
    return []


def _quoted(review: Review) -> str:
    return f"“{review.title}”"


def _titles(reviews: Iterable[Review]) -> str:
    """Return the titles of reviews as a question names them; "" when they are more than a question can name."""
    titles = " and ".join(_quoted(review) for review in islice(reviews, MAX_QUESTION_CHARS))
    return titles if len(titles) <= MAX_QUESTION_CHARS else ""


def _put(text: str, span: Span, wording: str) -> str:
    if text[: span[0]].endswith("“") and text[span[1] :].startswith("”"):
        span = span[0] - 1, span[1] + 1
    return (
        re.sub(r"\s+", " ", _ARTICLES.sub("the ", f"{text[: span[0]]} {wording} {text[span[1] :]}"))
        .strip()
        .replace("” ?", "”?")
        .replace("” ,", "”,")
    )


def _about_others(question: str, span: Span, earlier: Question, focus: Sequence[Review]) -> str:
    """Ask the earlier question, or this one, of the reviews that are not in focus; of all when those are very many."""
    reviews = earlier.among
    known = {review.id for review in focus or reviews[:1]}
    others = (review for review in reviews if review.id not in known)
    titles = _titles(others if len(reviews) > len(known) else focus[1:])
    rest = content_terms(question, [span])
    if not titles:
        return question if rest else earlier.text
    if rest or _METADATA.search(question[: span[0]]):
        return _put(question, span, titles)
    return _put(earlier.text, earlier.names[0], titles) if earlier.names else f"In {titles}: {earlier.text}"


def _added_aspect(question: str, earlier: Question) -> str | None:
    """Return an earlier comparison with one more aspect: "also safety", "and cost too"."""
    added = _ALSO.match(question) or _TOO.match(question)
    if not added or not earlier.compares or _SENTENCE.match(added.group(1)) or len(words(added.group(1))) > MAX_TOPIC:
        return None
    bare, topic = earlier.text.rstrip("?!. "), added.group(1).strip()
    return f"{bare} {'and' if earlier.terms else 'on'} {topic}?"


def _limited(question: str, earlier: Question) -> str | None:
    """Return the earlier question for some of the reviews or of its aspects: "only the newer one", "without cost"."""
    limit = _LIMIT.match(question)
    if not limit:
        return None
    wanted = limit.group(1).casefold() in ("only", "just")
    return _of_some_reviews(limit.group(2), wanted, earlier) or _on_some_aspects(limit.group(2), wanted, earlier)


def _of_some_reviews(told: str, wanted: bool, earlier: Question) -> str | None:
    named = named_reviews(f"{told} review", earlier.among)  # "only the newest" review
    if len(earlier.among) < 2 or not named.review_ids or content_terms(told, named.spans):
        return None
    some = earlier.among.part(named.review_ids)
    titles = _titles(some if wanted else (review for review in earlier.scope if review.id not in some.place))
    if not titles:
        return None
    names = earlier.names
    return _put(earlier.text, (names[0][0], names[-1][1]), titles) if names else f"In {titles}: {earlier.text}"


def _on_some_aspects(told: str, wanted: bool, earlier: Question) -> str | None:
    forms = {term.forms[0] for term in content_terms(told)}
    left = [one.name for one in earlier.aspects if wanted != forms.isdisjoint(term.forms[0] for term in one.terms)]
    if not earlier.compares or not 0 < len(left) < len(earlier.aspects):
        return None
    return f"Compare {_compared(earlier)} on {listed(left)}?"


def _compared(earlier: Question) -> str:
    """Return the reviews that a question compares, in its words."""
    return " and ".join(earlier.text[slice(*span)] for span in earlier.names) or "the reviews"


def _why(word: str, earlier: str) -> str:
    bare = earlier.rstrip("?!. ")
    if _AUXILIARY.match(bare):
        return f"{word.capitalize()} {bare[0].lower()}{bare[1:]}?"
    return f"{bare}, and {word.casefold()}?"


def _is_fragment(question: str) -> bool:
    """Tell a few words that name a topic ("in lupus?", "safety") from a sentence."""
    return not _SENTENCE.match(question) and len(content_terms(question)) < ENOUGH_TERMS


def _fill(rest: str, question: Question, alike: Alike, focus: Sequence[Review]) -> str:
    """Put what follows "and" or "what about" in the place of its like in the earlier question."""
    rest, earlier, names = rest.strip(), question.text, question.names
    if _SENTENCE.match(rest):
        return _resolve_pronoun(parse(rest[0].upper() + rest[1:], question.among), question, focus, goes_on=True)
    topic = rest.rstrip("?!. ")
    if not words(topic):
        return earlier
    if now := named_reviews(topic, question.among).spans:
        if names and not content_terms(topic, now):
            return _put(earlier, (names[0][0], names[-1][1]), topic)
        return f"In {topic}: {earlier}" if not content_terms(topic, now) else rest
    if (added := _beside_the_earlier(rest, topic, question)) is not None:
        return added
    phrase = re.match(rf"{_PREPOSITION}\s+(.+)", topic, re.I)
    found = (m.span() for m in _PHRASES.finditer(earlier))
    places = [(start, end) for start, end in found if not any(start < b and a < end for a, b in names)]
    if phrase and places:
        likeness = alike(phrase.group(1), [earlier[slice(*place)] for place in places])
        start, end = max(zip(likeness, places, strict=True))[1]
        return f"{earlier[:start]}{topic}{earlier[end:] or '?'}"
    runs = _content_runs(earlier, names)
    if phrase or not runs:
        return f"{earlier.rstrip('?!. ')} {topic}?"
    likeness = alike(topic, [earlier[slice(*run)] for run in runs])
    start, end = max(zip(likeness, runs, strict=True))[1]
    return _ARTICLES.sub("the ", f"{earlier[:start]}{topic}{earlier[end:]}")


def _beside_the_earlier(rest: str, topic: str, question: Question) -> str | None:
    """Return a question on a topic that takes the place of nothing but what an earlier comparison was on."""
    on = _ON.match(topic)
    if len(words(topic)) > MAX_TOPIC or _QUESTION_WORD.search(topic):
        if question.compares and on:
            return f"Compare {_compared(question)} on {on.group(1)}?"
        alone = len(content_terms(topic)) >= ENOUGH_TERMS and not _QUESTION_WORD.search(topic)
        return f"What is known about {topic}?" if alone else _with_context(rest, question)
    if _OF_A_FINDING.search(topic):
        return _with_context(rest, question)
    named = max((end for _, end in question.names), default=0)
    if question.compares and question.terms and (behind := compared_on(question.text, named)):
        return f"{question.text[:behind]} {on.group(1) if on else topic}?"
    return None


def _content_runs(text: str, leave_out: Sequence[Span]) -> list[Span]:
    """Return the spans of neighbouring content words."""
    runs: list[Span] = []
    for term in content_terms(text, leave_out):
        if runs and not text[runs[-1][1] : term.start].strip(" -"):
            runs[-1] = runs[-1][0], term.end
        else:
            runs.append((term.start, term.end))
    return runs


def _resolve_pronoun(asked: Question, earlier: Question, focus: Sequence[Review], goes_on: bool = False) -> str:
    """Return a sentence with what its pronoun stands for, else put to the papers that were quoted.

    `goes_on` tells that it begins with "and": then it is put to these, though it could stand alone.
    """
    question, named = asked.text, asked.names
    terms = content_terms(question, named)
    pronouns = [
        m
        for m in _PRONOUN.finditer(question)
        if not re.match(r"\s+(?:is|are) (?:a|an|no|any|some)\b", question[m.end() :])
        and not (m.group().casefold() == "there" and _IS.search(question[: m.start()]))
    ]
    stands = _names_something(terms) or (bool(terms) and earlier.compares)
    leans = bool(pronouns) or goes_on or not stands
    if not leans or (named and not pronouns):
        return question
    points, subject = any(_POINTS.match(question, m.start()) for m in pronouns), _subject(earlier)
    if pronouns and subject and not points and len(terms) < ENOUGH_TERMS:
        return _put(question, pronouns[0].span(), subject)
    whole = question if len(terms) >= ENOUGH_TERMS else _with_context(question, earlier)
    across = any(one.compares and one.of_reviews for one in (earlier, asked))
    if not (across or named) and 0 < len(focus) <= IN_FOCUS:
        return f"In {_titles(focus)}: {whole if not terms or (pronouns and not points) else question}"
    return whole


def _with_context(question: str, earlier: Question) -> str:
    """Return a question with what the earlier one was about in brackets: its content words and the reviews named."""
    bare = question.rstrip("?!. ")
    whole = _CONTEXT.sub("", earlier.text.rstrip("?!. "))
    if earlier.compares:
        return question if whole == bare else f"{bare} ({whole})?"
    runs = [whole[slice(*span)] for span in sorted([*_content_runs(whole, earlier.names), *earlier.names])]
    return question if whole == bare or not runs else f"{bare} ({', '.join(filter(None, runs))})?"


def _names_something(terms: Sequence[Term]) -> bool:
    """Tell whether any of some words names a thing that a question can be about by itself."""
    words = open_thesaurus()
    entries = [words.entry((term.forms[0],)) for term in terms]
    return any(term.name or entry is None or entry.is_thing for term, entry in zip(terms, entries, strict=True))


def _subject(question: Question) -> str | None:
    """Return what a plain question is about: the X of "What is X?" and "Are X hard to treat?"."""
    earlier = question.text
    runs = _content_runs(earlier, question.names)
    opening = re.match(
        r"\s*(?:what|who|which)\W+(?:is|are|was|were)\s+(?:the |an? )?|\s*(?:is|are|was|were|do|does|did|can|has"
        r"|have)\s+(?:the |an? )?",
        earlier,
        re.I,
    )
    if not opening or not runs or runs[0][0] != opening.end() or len(words(earlier, *runs[0])) > MAX_SUBJECT:
        return None
    subject = earlier[slice(*runs[0])]
    return subject if _names_something(content_terms(subject)) else None
