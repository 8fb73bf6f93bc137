"""Words of grammar, of asking and of reviewing: what carries no subject of its own."""

from __future__ import annotations

import re

from rag.text import Word, stem

# Words of grammar: never content.
STOP_WORDS = frozenset(
    "a about above across actually after again against all almost along already also although always am among an and "
    "another "
    "any are around as at be became because been before being below between both but by can cannot could did do does "
    "doing done "
    "down due during each either else enough even ever every few for from further had has have having he her here "
    "him his how "
    "however i if in instead into is it its itself just let like many may me might mine more most much must my near "
    "neither no "
    "nor not now of off often on once one ones only onto or other others our out over own per perhaps please quite "
    "rather really "
    "s same shall she should since so some somehow something still such t than that the their them themselves then "
    "there these "
    "they this those though through thus to together too toward towards two under until up upon us very via was we "
    "were what "
    "whatever when where whereas whether which while who whom whose why will with within without would yet you your "
    "versus vs "
    "hi hello hey thx thanks lol please dont doesnt didnt isnt arent cant wont thats whats theres im ive".split()
)
# Words about asking, reading and reviewing, and verbs too general for a question to turn on.
_FRAME = (
    "according account actually affect afford allow answer appear apply article aspect attempt aware base basis "
    "become begin "
    "believe bring broad case cause chance claim come conclude conclusion consider contain content cover current "
    "currently deal declare "
    "describe description detail discuss discussion document effect elaborate enable evidence exact exactly example "
    "exist expect "
    "explain explanation explore fact feature field find finding first focus form forward full complete gain general "
    "generally get give given go going good "
    "great happen have help highlight hold hope idea identify important importance include indicate info information "
    "interest "
    "interesting involve issue keep key kind know lately learn level list literature look main mainly major make "
    "matter mean "
    "mention name namely need new note number obtain offer outline overall overview page paper part particular "
    "people "
    "perspective piece place play point possible present previous problem provide publication publish put question "
    "reach read "
    "reason recent recently regard relate relation relevant remark report represent require research researcher "
    "result review role "
    "say scientist carry section see seem sense serve set show sort source speak specific stand start state story "
    "study subject suggest "
    "judge comment admit acknowledge propose evaluate portray depict characterise characterize address argue assert "
    "sum summary summarise summarize take talk tell text thing think thought time today topic treat true try turn "
    "type understand "
    "use useful usually view want way well whole wonder word work world write "
    "author authors abstract available briefly quickly please thanks exactly online officially"
)
FRAME_WORDS = frozenset(stem(word) for word in _FRAME.split()) | frozenset(
    stem(word)
    for word in "begun came found gave gone got kept known led made meant said saw seen shown spoke spoken taken "
    "told took went written wrote done making using".split()
)


def is_content(word: Word) -> bool:
    """Tell a word that carries what a text is about from words of grammar, of asking and of reviewing."""
    if word.text == "ALL":  # the leukaemia
        return True
    plain = re.sub(r"['’](?:s|m|re|ve|ll|d)?$", "", word.text.casefold())
    if plain in STOP_WORDS or re.sub(r"['’]", "", plain) in STOP_WORDS:
        return False
    if len(word.text) == 1 and not word.text.isdigit():
        return len(word.forms) > 1
    return (word.text.isupper() and len(word.text) > 2) or word.forms[0] not in FRAME_WORDS
