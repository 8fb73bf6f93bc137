"""Words, formulas and tables of XML: nothing raised or lowered changes a number or a word."""

from __future__ import annotations

import pytest

from rag.sources.xml.formulas import tex
from rag.sources.xml.parsing import Element, parse
from rag.sources.xml.tables import table_lines
from rag.sources.xml.words import words_of


def element(text: str) -> Element:
    root, fault = parse(f"<p>{text}</p>")
    assert not fault
    return root


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10<sup>9</sup> moths", "10^9 moths"),
        ("10<sup>− 3</sup> lux", "10^−3 lux"),
        ("4 W/m<sup>2</sup> s<sup>−1</sup> Ca<sup>2+</sup>", "4 W/m² s⁻¹ Ca²⁺"),
        ("the 4<sup>th</sup> CD4<sup>+</sup> Apc<sup>−/−</sup> <sup>14</sup>C", "the 4th CD4+ Apc−/− 14C"),
        ("CO<sub>2</sub> log<sub>10</sub> 5<sub>2</sub>", "CO2 log10 5_2"),
        ("lamps<sup>12,13</sup> glow", "lamps [12,13] glow"),
        ("lamps.<sup>12</sup> They glow", "lamps [12]. They glow"),
        ("Roe et al.<sup>12</sup> saw", "Roe et al. [12] saw"),
        ("7.5<sup>b</sup>", "7.5 [b]"),
        ("x<sup>n+1</sup> y<sup>hi</sup>", "x^(n+1) y^hi"),
        ('lamps<xref ref-type="bibr">12</xref> (<xref ref-type="bibr">13</xref>)', "lamps [12] (13)"),
        ('<xref ref-type="bibr">Roe 2001</xref>', "Roe 2001"),
        ("A &amp; B<break/>C", "A & B C"),
    ],
)
def test_raised_and_lowered_words_read_as_what_they_are(text: str, words: str) -> None:
    assert words_of(element(text)) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<msup><mn>10</mn><mrow><mo>−</mo><mn>3</mn></mrow></msup>", "10^−3"),
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac>", "(a+b)/2"),
        ("<mover><mi>x</mi><mo>¯</mo></mover><mo>=</mo><msqrt><mn>2</mn></msqrt>", "x̄ = √2"),
        ("<msubsup><mi>R</mi><mi>p</mi><mn>2</mn></msubsup>", "R_p^2"),
        ("<semantics><mi>α</mi><annotation>\\alpha</annotation></semantics>", "α"),
    ],
)
def test_formulas_in_mathml_are_lines(text: str, words: str) -> None:
    assert words_of(element(f"<math>{text}</math>")) == words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (r"\documentclass{minimal}\usepackage{amsmath}\begin{document}$$P&lt;0.05$$\end{document}", "P<0.05"),
        (r"\frac{\alpha + 1}{\mathrm{max}}", "(α + 1)/max"),
        (r"\boldsymbol{\beta} \pm \bar{x} \times 10^{-3}", "β ± x̄ × 10^-3"),
        (r"\sqrt {\frac{{\rm{s}}}{{\rm{s}}+{\rm{b}}}}", "√(s/(s+b))"),
        (r"\log{x} \le \infty", "log x ≤ ∞"),
        ("{" * 1_000, ""),
    ],
)
def test_formulas_in_tex_lose_their_preamble_and_commands(source: str, words: str) -> None:
    assert tex(source) == words


def test_tables_of_the_other_model_and_their_spans_are_read() -> None:
    table = element(
        '<table><tgroup cols="3"><colspec colname="a"/><colspec colname="b"/><colspec colname="c"/>'
        '<thead><row><entry>Lamp</entry><entry namest="b" nameend="c">Moths</entry></row></thead>'
        '<tbody><row><entry morerows="1">oil</entry><entry>7</entry><entry>8</entry></row>'
        "<row><entry>9</entry><entry>10</entry></row></tbody></tgroup></table>"
    )
    assert table_lines(table, []) == ["Lamp: oil; Moths: 7; Moths: 8", "Lamp: oil; Moths: 9; Moths: 10"]


def test_a_table_that_its_headings_would_swell_is_told_without_them() -> None:
    heading = "a heading of many words " * 10
    rows = "<tr><td>1</td><td>2</td></tr>" * 500
    table = element(f"<table><thead><tr><th>{heading}</th><th>{heading}</th></tr></thead>{rows}</table>")
    assert table_lines(table, [])[-1] == "1; 2"
