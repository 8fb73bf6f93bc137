"""Formulas in MathML and TeX as one readable line: "x̄ = (a+b)/2", "10^−3"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html import unescape

from rag.sources.lines import squeeze
from rag.sources.xml.parsing import Element

_SIMPLE = re.compile(r"[-+−‐±]?[\w.,′]*[*+′°∗†]?")
_RELATION = re.compile(r"[=<>≤≥≪≫≈≃≅∼≠≡∝→←↔⇒⇔∈∉⊂⊆×±]")
_INVISIBLE = re.compile("[\u2061-\u2064\u200b\ufeff]")
# What stands above a letter, as the sign that combines with it.
_ACCENTS = {"¯": "\u0304", "‾": "\u0304", "ˉ": "\u0304", "_": "\u0304", "^": "\u0302", "ˆ": "\u0302", "~": "\u0303"} | {
    "˜": "\u0303",
    "˙": "\u0307",
    ".": "\u0307",
    "→": "\u20d7",
}


def grouped(words: str) -> str:
    """Return words as one operand: in brackets unless they are a number, a name or a sign.

    >>> grouped("−3"), grouped("n + 1")
    ('−3', '(n + 1)')
    """
    return words if _SIMPLE.fullmatch(words) else f"({words})"


def mathml(element: Element) -> str:
    """Return a formula in MathML as a line."""
    return squeeze(_INVISIBLE.sub("", _term(element)))


def _term(element: Element) -> str:
    name = element.tag if isinstance(element.tag, str) else ""
    if name in {"annotation", "annotation-xml", "mphantom", "tex-math"}:
        return ""
    if name == "mspace":
        return " "
    if name == "mo":
        sign = squeeze(element.text or "")
        return f" {sign} " if _RELATION.fullmatch(sign) else sign
    children = [_term(child) for child in element]
    if built := _BUILT.get(name):
        return built(*children) if len(children) == built.__code__.co_argcount else "".join(children)
    return _run(element, name, children)


def _run(element: Element, name: str, children: list[str]) -> str:
    if name == "msqrt":
        return f"√{_operand(''.join(children))}"
    if name == "mfenced":
        between = f"{element.get('separators', ',')[:1]} "
        return f"{element.get('open', '(')}{between.join(children)}{element.get('close', ')')}"
    return {"mtable": "; ", "mtr": " ", "mlabeledtr": " "}.get(name, "").join([element.text or "", *children])


def _operand(words: str) -> str:
    return grouped(squeeze(words))


_DEGREES = {"∘": "°", "°": "°", "′": "′", "'": "′"}


def _accented(base: str, above: str) -> str:
    if not above:
        return base
    accent = above if unicodedata.combining(above[0]) else _ACCENTS.get(above)
    return base + accent if accent and len(base) == 1 else f"{base}^{grouped(above)}"


# By element, from its children.
_BUILT: dict[str, Callable[..., str]] = {
    "msup": lambda base, above: base + (_DEGREES.get(squeeze(above)) or f"^{_operand(above)}"),
    "msub": lambda base, below: f"{base}_{_operand(below)}",
    "msubsup": lambda base, below, above: f"{base}_{_operand(below)}^{_operand(above)}",
    "munder": lambda base, below: f"{base}_{_operand(below)}",
    "munderover": lambda base, below, above: f"{base}_{_operand(below)}^{_operand(above)}",
    "mover": lambda base, above: _accented(squeeze(base), squeeze(above)),
    "mfrac": lambda above, below: f"{_operand(above)}/{_operand(below)}",
    "mroot": lambda base, degree: f"{_operand(base)}^(1/{squeeze(degree)})",
}

_DOCUMENT = re.compile(r"\\begin\{document\}(.*?)(?:\\end\{document\}|\Z)", re.DOTALL)
_FRAMES = re.compile(r"\\(?:begin|end)\{[\w*]{1,20}\}(?:\{[lcr|. ]{0,40}\})?|\\[\[\]()!,;:> ]|\$+|&|~")
_DEEPEST = 12
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_GROUP = re.compile(r"(?<=[{+\-=,(*/])\{([^{}]*)\}")
_ROOT = re.compile(r"\\sqrt\s*\{([^{}]*)\}")
_RAISED = re.compile(r"([\^_])\s*\{([^{}]*)\}")
_WITH_ACCENT = re.compile(r"\\(bar|overline|hat|widehat|tilde|widetilde|dot|vec)\s*\{\s*(\w)\s*\}")
_ON_WORDS = re.compile(r"\\([A-Za-z]+)\s*\{([^{}]*)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_TEX_ACCENTS = {"bar": "¯", "overline": "¯", "hat": "^", "widehat": "^", "tilde": "~", "widetilde": "~", "dot": "."} | {
    "vec": "→"
}
_WITH_OPERANDS = frozenset(
    "frac dfrac tfrac sqrt log ln exp sin cos tan sinh cosh tanh arg det dim lim max min sup inf Pr".split()
)
_LAYOUT = frozenset(
    "left right big Big bigg Bigg limits nolimits displaystyle textstyle scriptstyle rm bf it quad qquad hfill "
    "nonumber mathop".split()
)
_SIGNS = {
    "le": "≤", "leq": "≤", "leqslant": "≤", "ge": "≥", "geq": "≥", "geqslant": "≥", "ne": "≠", "neq": "≠", "ll": "≪",
    "gg": "≫", "approx": "≈", "sim": "∼", "simeq": "≃", "cong": "≅", "equiv": "≡", "propto": "∝", "pm": "±", "mp": "∓",
    "times": "×", "cdot": "·", "div": "÷", "ast": "*", "circ": "°", "degree": "°", "infty": "∞", "partial": "∂",
    "nabla": "∇", "sum": "∑", "prod": "∏", "int": "∫", "in": "∈", "notin": "∉", "subset": "⊂", "cup": "∪", "cap": "∩",
    "odot": "⊙", "iff": "⇔", "to": "→", "rightarrow": "→", "leftarrow": "←", "leftrightarrow": "↔", "Rightarrow": "⇒",
    "forall": "∀", "exists": "∃", "ldots": "…", "cdots": "…", "dots": "…", "prime": "′", "mid": "|", "vert": "|",
    "ell": "ℓ", "langle": "⟨", "rangle": "⟩", "varepsilon": "ε", "vartheta": "ϑ", "varphi": "φ",
    "upmu": "μ", "updelta": "δ",
}  # fmt: skip


def tex(source: str) -> str:
    """Return a formula in TeX as a line, without its preamble.

    >>> tex(r"\\begin{document}$$\\frac{a}{b+1} \\le \\alpha^{2}$$\\end{document}")
    'a/(b+1) ≤ α^2'
    """
    source = unescape(source)
    document = _DOCUMENT.search(source)
    words = _FRAMES.sub(" ", (document[1] if document else source).replace("\\\\", " ; "))
    words = words.replace("\\{", "{").replace("\\%", "%").replace("\\_", "_").replace("\\&", "&")
    for _ in range(_DEEPEST):
        before = words
        words = _GROUP.sub(lambda m: m[1], words)
        words = _WITH_ACCENT.sub(lambda m: m[2] + _ACCENTS[_TEX_ACCENTS[m[1]]], words)
        words = _FRACTION.sub(lambda m: f"{grouped(squeeze(m[1]))}/{grouped(squeeze(m[2]))}", words)
        words = _ROOT.sub(lambda m: f"√{grouped(squeeze(m[1]))}", words)
        words = _RAISED.sub(lambda m: m[1] + grouped(squeeze(_COMMAND.sub(_named, m[2]))), words)
        words = _ON_WORDS.sub(lambda m: m[0] if m[1] in _WITH_OPERANDS else m[2], words)
        if words == before:
            break
    return squeeze(_COMMAND.sub(_named, words).replace("{", "").replace("}", ""))


def _named(command: re.Match[str]) -> str:
    name = command[1]
    if sign := _SIGNS.get(name):
        return sign
    if name in _LAYOUT:
        return " "
    case = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {'LAMDA' if name.lower() == 'lambda' else name.upper()}")
    except KeyError:
        return f" {name} "
