"""Where a GROBID server is set, its headings, references, title and names count as far as they are printed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from textwrap import wrap

import pytest

from rag.sources import Reading, read_bytes_as
from tests.sources.pdfs import column, pdf

TEI = """<?xml version="1.0" encoding="UTF-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc>
<titleStmt><title level="a" type="main">{title}</title></titleStmt>
<sourceDesc><biblStruct><analytic>
<author><persName><forename type="first">Ann</forename><surname>Wick</surname></persName></author>
<author><persName><forename type="first">Bo</forename><surname>Flint</surname></persName></author>
</analytic></biblStruct></sourceDesc></fileDesc></teiHeader>
<text><body><div><head n="2">Where the lamps stood</head><p>In villages.</p></div></body>
<back><div type="references"><listBibl><biblStruct>
<note type="raw_reference">Reed, C. Moths at bridges. J Moth, 2019.</note></biblStruct></listBibl></div>
</back></text></TEI>"""
TITLE = "Lamps of many colours and the moths of one valley"
WORDS = "Moths were counted at each of the lamps on twelve nights, and the counts were read by two of the authors. " * 4


@dataclass
class Server:
    """A server that speaks as GROBID does: what it answers, and what it was sent."""

    url: str
    status: int = 200
    answer: str = TEI.format(title=TITLE)
    asked: list[bytes] = field(default_factory=list)


@pytest.fixture
def grobid(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.asked.append(self.path.encode() + self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(server.status)
            self.send_header("Content-Length", str(len(server.answer.encode())))
            self.end_headers()
            self.wfile.write(server.answer.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server = Server(f"http://127.0.0.1:{listening.server_port}")
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    monkeypatch.setenv("GROBID_URL", server.url)
    yield server
    listening.shutdown()
    listening.server_close()


def paper() -> bytes:
    """Return a page without any heading that its type would tell."""
    words = column(60, 80, [TITLE], 11) + column(60, 100, ["Ann Wick, Bo Flint"])
    words += column(60, 130, wrap(WORDS, 90)) + column(60, 230, ["Where the lamps stood"])
    words += column(60, 250, wrap(WORDS, 90)) + column(60, 400, ["Reed, C. Moths at bridges. J Moth, 2019."])
    return pdf([words])


def read() -> Reading:
    return read_bytes_as(paper(), "paper.pdf")


def parts(reading: Reading) -> dict[str, str]:
    review = reading.reviews[0]
    return {section.heading: review.text[section.start : section.end] for section in review.sections}


def test_what_the_server_reads_and_the_page_prints_counts(grobid: Server) -> None:
    reading = read()
    assert grobid.asked[0].startswith(b"/api/processFulltextDocument")
    assert b'name="consolidateHeader"\r\n\r\n0' in grobid.asked[0] and b"%PDF-1.7" in grobid.asked[0]
    review, found = reading.reviews[0], parts(reading)
    assert (review.title, review.authors, reading.lasting) == (TITLE, ("Ann Wick", "Bo Flint"), True)
    assert found["Where the lamps stood"].startswith("Moths were counted")
    assert found["References"] == "Reed, C. Moths at bridges. J Moth, 2019."


def test_a_title_that_is_not_printed_is_not_believed(grobid: Server) -> None:
    grobid.answer = TEI.format(title="Another paper altogether")
    assert read().reviews[0].title == "paper"


@pytest.mark.parametrize(
    ("status", "answer", "why"),
    [(503, "busy", "GROBID says 503"), (204, "", "GROBID says 204"), (200, "<TEI", "GROBID's answer cannot be read")],
)
def test_a_server_that_does_not_say_is_told_and_the_paper_is_read_without(
    grobid: Server, status: int, answer: str, why: str
) -> None:
    grobid.status, grobid.answer = status, answer
    reading = read()
    assert "Moths were counted" in reading.reviews[0].text and not reading.lasting
    assert reading.refused[0].startswith(f"paper.pdf: {why}") and reading.refused[0].endswith("; read without it")


def test_a_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROBID_URL", "http://127.0.0.1:9")
    assert read().refused == ("paper.pdf: GROBID does not answer (ConnectError); read without it",)


def test_without_a_server_nobody_is_asked() -> None:
    reading = read()
    assert (reading.lasting, reading.refused, reading.reviews[0].title) == (True, (), "paper")
    assert not {"Where the lamps stood", "References"} & parts(reading).keys()
