"""Replies to what is no question about the reviews: greetings, orders, questions about this tool."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.questions.parsing import MAX_QUESTION_CHARS
from rag.shelf import label
from rag.types import Review

# Who asks what is loaded is told so many reviews, and how many more there are.
LISTED = 100
_REVIEWS = r"(?:reviews?|papers?|documents?|articles?|sources?|texts?|pages?|files?|publications?|studies)"
_GREETING = re.compile(
    r"(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day))(?:\W+(?:there|all|everyone|you"
    r"|team|bot))*\W*",
    re.I,
)
_THANKS = re.compile(
    r"(?:(?:many )?thanks|thank you|thx|cheers|great|perfect|nice|ok(?:ay)?|cool|bye|goodbye|see you)(?:\W+(?:a lot"
    r"|so much|very much|that helps?|for \w+ help|then|you|again|all))*\W*",
    re.I,
)
_SMALL_TALK = re.compile(
    r"\bhow are you\b|\bhow(?:'s| is) it going\b|\bhow do you feel\b|\bdo you like\b|\bi love you\b|\bwhat(?:'s| is) "
    r"up\b",
    re.I,
)
_SHELF = re.compile(
    rf"\b(?:which|what|how many) {_REVIEWS}\b.{{0,30}}\b(?:do you (?:have|know|hold|use|search|cover)|are (?:there"
    rf"|loaded|indexed|available|here|in (?:the|your|this))|can i ask|did you read|have you (?:read|got)|is there)\b"
    rf"|\b(?:list|show|name)(?: me)? (?:all )?(?:the |your |all )*(?:loaded |available )?{_REVIEWS}\W*$|\bwhat(?:'s| "
    rf"is) (?:in|on) (?:the|your|this) (?:library|shelf|collection|corpus|database)\b",
    re.I,
)
_TOOL = re.compile(
    r"\b(?:what|which things) can (?:you|i) (?:do|ask|help)\b|\bwhat do you do\b|\bhow do(?:es)? (?:you|this|it|the "
    r"(?:tool|page|site|app)) work\b|\bwho (?:are|made|built|created) you\b|\bwhat are you\b"
    r"|\bare you (?:a|an|chat ?gpt|gpt|claude|human|real|there|ai|sure)\b|\bwhat is this (?:tool|page|site|app"
    r"|website)\b|\bhow (?:do|can|should) i use (?:this|you|it)\b|\bcan you help\b\W*(?:me)?\W*$"
    r"|^\W*help\W*(?:me)?\W*$|\bdo you (?:use|have) (?:a |an )?(?:language model|llm|ai|internet|memory)\b"
    r"|\bwhat(?:'s| is) your name\b|\bwhich model\b.*\byou\b",
    re.I,
)
_ORDER = re.compile(
    r"^\W*(?:(?:please|can you|could you|would you|will you|now|ok|hey|i want you to|i'd like you to|just)\W+)*(?:"
    r"(?:write|compose|make up|generate|create|invent|tell|give|sing|recite|draw|paint|print|plan)\b(?: \w+){0,4}? "
    r"(?:poem|joke|story|song|haiku|"
    r"limerick|rap|essay|code|script|program|function|email|letter|tweet|blog|recipe|image|picture|fairy tale|riddle"
    r"|trip|weekend|holiday|menu)s?\b"
    r"|(?:translate|sing|role-?play|pretend|act as|act like|imagine you|play|roll a|flip a|order me|book (?:a|me)"
    r"|remind me|set (?:a|an)|turn (?:on|off))\b"
    r"|(?:reply|respond|answer) (?:only )?with\b|say (?:that|exactly|only|hello)\b|repeat\b)"
    r"|\b(?:ignore|forget|disregard|override|bypass) (?:all |any |the |your |these |those |previous |prior |above "
    r"|everything|every)+"
    r"|\b(?:reveal|print|show|repeat|output|leak|tell me|what (?:is|are)) (?:me )?(?:your |the )(?:system |hidden "
    r"|secret |initial )?(?:prompts?|instructions|api key|password)\b"
    r"|\bjailbreak\b|\bdeveloper mode\b",
    re.I,
)


def chat_reply(question: str, reviews: Sequence[Review]) -> str | None:
    """Return the reply to a cleaned text that asks nothing of the reviews, or None when it may be a question."""
    if not any(c.isalnum() for c in question):
        return "Please type a question about the reviews, in words."
    if not any(len(word) > 1 for word in re.findall(r"\w+", question)):
        return "I could not make a question of that. Please ask in words."
    if len(question) > MAX_QUESTION_CHARS:
        return (
            f"That text has {len(question):,} characters; a question may have {MAX_QUESTION_CHARS:,}. "
            "Please ask it in fewer words."
        )
    if _GREETING.fullmatch(question) or _SMALL_TALK.search(question):
        return f"Hello. I answer questions about {_shelf_size(reviews)} with exact quotes. What would you like to know?"
    if _THANKS.fullmatch(question):
        return "You are welcome. Ask on whenever you like."
    if _SHELF.search(question):
        return _shelf(reviews)
    if _TOOL.search(question):
        return (
            f"I search {_shelf_size(reviews)} and answer with exact quotes, each numbered and shown in its place. "
            "Ask about findings, compare the reviews, or ask who wrote them, when and where. "
            "When they do not hold the answer, I say so. I do not add knowledge of my own."
        )
    if _ORDER.search(question):
        return f"I can only answer questions from {_shelf_size(reviews)}, with quotes from them. I cannot do that."
    return None


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
