"""Replies to what asks nothing of the reviews: greetings, orders, questions about this tool.

Small talk is recognised by all of what is typed: it consists only of words of grammar and of talking to the tool, or it
is an order that holds no word of the library.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from rag.lexicon import STOP_WORDS, is_content
from rag.questions.parsing import MAX_QUESTION_CHARS
from rag.shelf import label
from rag.text import words
from rag.types import Review

# A reader who asks what is loaded gets this many reviews, and how many more there are.
LISTED = 100
# Talk is short.
MOST_WORDS = 16
_GREETS = frozenset("hi hello hey hiya howdy greetings".split())
_THANKS = frozenset("thanks thank thx ty cheers bye goodbye".split())
_DAY = frozenset("morning afternoon evening day".split())
_PRAISE = frozenset("ok okay great perfect nice cool good fine helpful helps well job work later see".split())
# Who is greeted, and what greetings ask.
_COURTESY = _GREETS | _THANKS | _DAY | _PRAISE | frozenset("everyone team going doing feeling today".split())
_YOU = frozenset("you your yours yourself u".split())
_TOOL = frozenset("tool app bot chatbot assistant program page site website".split())
# What may be said of the tool.
_OF_TOOL = _TOOL | frozenset(
    "work works use used using help kind question questions ask answer answers able sure real human robot machine "
    "person ai gpt chatgpt claude llm language model internet memory name made built created feel going doing quote "
    "quotes source sources love".split()
)
_SHELF = frozenset("library shelf collection corpus database".split())
_PAPERS = frozenset(
    "review reviews paper papers document documents article articles source sources text texts file files publication "
    "publications study studies title titles".split()
)
_LISTS = frozenset("list show name ask loaded available indexed have hold know read search cover there many".split())
# What points at something said before, or at a part of the shelf.
_POINTS = frozenset("it its this that these those they them their one ones other others".split())
_HOW_IT_WORKS = re.compile(r"(?:how (?:does|do) (?:it|this) work|what(?: i|'|’)s (?:it|this))\W*", re.IGNORECASE)
_POLITE = (
    r"\W*(?:(?:please|now|ok|okay|hey|just|so|(?:can|could|would|will) you|i(?: want|'d like| would like) you to)\W+)*"
)
_MAKES = (
    r"(?:write|compose|make up|generate|create|invent|tell|give|sing|recite|draw|paint|print|plan|show)(?: me| us)?"
)
# What no review holds, whatever it is about.
_VERSE = re.compile(
    rf"{_POLITE}{_MAKES} (?:an?|some|another) (?:[\w-]+ ){{0,3}}?"
    r"(?:poem|joke|song|haiku|limerick|rap|riddle|fairy tale)s?\b.*",
    re.IGNORECASE,
)
_ORDER = re.compile(
    rf"{_POLITE}(?:"
    rf"{_MAKES} (?:an?|some|another) (?:[\w-]+ ){{0,3}}?(?:story|essay|code|script|program|email"
    r"|letter|tweet|blog|recipe|image|picture|trip|weekend|holiday|menu)s?\b"
    r"|(?:translate|role-?play|pretend (?:you|to|that)|act as|act like|imagine you|order me|book me|remind me|roll a"
    r"|flip a|set an?|turn o(?:n|ff)|sing|(?:say|repeat)(?: after me| that| only| exactly| the)"
    r"|(?:reply|respond|answer)(?: only)? with)\b"
    r"|(?:ignore|forget|disregard|override|bypass)(?: \w+){0,3} (?:instructions?|prompts?|rules?|guidelines|everything"
    r"|above)\b"
    r"|(?:what(?:'s| is| are)|reveal|print|show|repeat|output|leak|tell|give)(?: me)? (?:your|the) (?:(?:system|hidden"
    r"|secret|initial|own|api) )*(?:prompts?|instructions?|key|password)s?\b"
    r")(?P<rest>.*)",
    re.IGNORECASE,
)


def talk_reply(question: str, reviews: Sequence[Review], knows: Callable[[str], bool]) -> str | None:
    """Return the reply to a cleaned text that asks nothing of the reviews, or None when it may be a question.

    `knows` tells whether the library has a stem.
    """
    if courtesy := courtesy_reply(question, reviews, knows):
        return courtesy
    typed = _typed_words(question)
    if len(typed) > MOST_WORDS:
        return _refusal(reviews) if _is_order(question, knows) else None
    if _lists_the_shelf(typed):
        return _shelf(reviews)
    if _is_of_the_tool(typed) or _HOW_IT_WORKS.fullmatch(question):
        return (
            f"I search {_shelf_size(reviews)} and answer with exact quotes, each numbered and shown in its place. "
            "Ask about findings, compare the reviews, or ask who wrote them, when and where. "
            "When they do not hold the answer, I say so. I do not add knowledge of my own."
        )
    return _refusal(reviews) if _is_order(question, knows) else None


def courtesy_reply(question: str, reviews: Sequence[Review], knows: Callable[[str], bool]) -> str | None:
    """Return the reply to what is no question whatever was said before: no words, too many, a greeting, thanks."""
    if not any(c.isalnum() for c in question):
        return "Please type a question about the reviews, in words."
    if not any(len(word) > 1 for word in re.findall(r"\w+", question)):
        return "I could not find a question in that. Please ask in words."
    if len(question) > MAX_QUESTION_CHARS:
        return (
            f"That text has {len(question):,} characters; a question may have {MAX_QUESTION_CHARS:,}. "
            "Please ask it in fewer words."
        )
    typed = _typed_words(question)
    content = [word for word in words(question) if is_content(word)]
    asks_nothing = "?" not in question and len(content) <= 1 and not any(knows(word.forms[0]) for word in content)
    asks_nothing = asks_nothing and _opening(question) in _GREETS | _THANKS
    if len(typed) > MOST_WORDS or not (asks_nothing or _is_made_of(typed, _COURTESY)):
        return None
    if typed & _THANKS or (typed & _PRAISE and not typed & _DAY and _is_no_question(typed, question)):
        return "You are welcome. Ask another question whenever you like."
    if typed & (_GREETS | _DAY) or (typed & {"how", "hows", "whats"} and typed & {"you", "going", "up"}):
        return f"Hello. I answer questions about {_shelf_size(reviews)} with exact quotes. What would you like to know?"
    return None


def _is_no_question(typed: frozenset[str], question: str) -> bool:
    return not question.endswith("?") and ("helps" in typed or not typed & (_POINTS | _YOU))


def _opening(question: str) -> str:
    first = re.search(r"\w+", question)
    return first.group().casefold() if first else ""


def _typed_words(question: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", re.sub(r"['’](?=\w)", "", question.casefold())))


def _is_made_of(typed: Collection[str], vocabulary: Collection[str]) -> bool:
    return all(word in vocabulary or word in STOP_WORDS for word in typed)


def _lists_the_shelf(typed: frozenset[str]) -> bool:
    """Tell "Which papers do you have?" from "Which papers do they have?"."""
    if typed & _POINTS - {"this"} or not _is_made_of(typed, _PAPERS | _LISTS | _SHELF):
        return False
    return bool((typed & _PAPERS and typed & _LISTS) or typed & _SHELF)


def _is_of_the_tool(typed: frozenset[str]) -> bool:
    return (bool(typed & (_YOU | _TOOL)) or typed - STOP_WORDS == {"help"}) and _is_made_of(typed, _OF_TOOL | _YOU)


def _is_order(question: str, knows: Callable[[str], bool]) -> bool:
    """Tell an order to do something else; what ends in a question mark is one only where it is put to the tool."""
    if _VERSE.fullmatch(question):
        return True
    order = _ORDER.fullmatch(question)
    if not order or (question.endswith("?") and not re.search(r"\byour?\b", question, re.IGNORECASE)):
        return False
    return not any(is_content(word) and knows(word.forms[0]) for word in words(order.group("rest")))


def _refusal(reviews: Sequence[Review]) -> str:
    return f"I can only answer questions from {_shelf_size(reviews)}, with quotes from them. I cannot do that."


def _shelf_size(reviews: Sequence[Review]) -> str:
    return "the one review loaded here" if len(reviews) == 1 else f"the {len(reviews)} reviews loaded here"


def _shelf(reviews: Sequence[Review]) -> str:
    entries = [
        f"{label(review)}: {review.title}" + (f" (doi:{review.doi})" if review.doi else "")
        for review in reviews[:LISTED]
    ]
    if len(reviews) > LISTED:
        entries.append(f"and {len(reviews) - LISTED} more")
    count = "1 review is" if len(reviews) == 1 else f"{len(reviews)} reviews are"
    return f"{count} loaded:\n" + "\n".join(f"- {entry}" for entry in entries)
