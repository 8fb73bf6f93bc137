"""A server on loopback that speaks as PubMed, Europe PMC, Crossref, Unpaywall and arXiv do, well or badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

# Status, content and headers of a reply.
Reply = tuple[int, bytes, Mapping[str, str]]

JATS = """<?xml version="1.0"?>
<article article-type="research-article">
<front>
<journal-meta><journal-title-group><journal-title>J Lamp</journal-title></journal-title-group></journal-meta>
<article-meta>
<article-id pub-id-type="pmcid">PMC7000001</article-id><article-id pub-id-type="pmid">111</article-id>
<article-id pub-id-type="doi">10.5555/lamp.1</article-id>
<title-group><article-title>Moths at amber lamps</article-title></title-group>
<contrib-group><contrib contrib-type="author">
<name><surname>Wick</surname><given-names>Ann</given-names></name>
</contrib></contrib-group>
<pub-date pub-type="ppub"><year>2020</year></pub-date>
<abstract><p>Moths like lamps.</p></abstract>
</article-meta>
</front>
<body><sec><title>Results</title><p>White lamps drew 3,214 moths.</p></sec></body>
</article>"""
RECORD = """<?xml version="1.0"?>
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article>
<Journal><JournalIssue><PubDate><Year>2019</Year></PubDate></JournalIssue><Title>J Moth</Title></Journal>
<ArticleTitle>Moths at bridges {pmid}.</ArticleTitle>
<Abstract><AbstractText>Moths were seen at most bridges.</AbstractText></Abstract>
<AuthorList><Author><LastName>Reed</LastName><ForeName>Cy</ForeName></Author></AuthorList>
</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"""
KNOWN = {"111": {"pmid": "111", "pmcid": "PMC7000001", "doi": "10.5555/lamp.1"}}
WORK = {
    "DOI": "10.5555/jar.1",
    "title": ["Moths in jars"],
    "container-title": ["Jar Letters"],
    "author": [{"given": "Di", "family": "Quill"}],
    "issued": {"date-parts": [[2018, 3]]},
    "type": "journal-article",
    "abstract": "<jats:p>Moths in jars live for nine days.</jats:p>",
}
NOTICE = {
    "DOI": "10.5555/jar.9",
    "title": ["Retraction: Moths in jars"],
    "update-to": [
        {"DOI": "10.5555/JAR.1", "type": "retraction", "label": "Retraction"},
        {"DOI": "10.5555/jar.2", "type": "correction", "label": "Correction"},
    ],
}
RETRACTED = """<PubmedArticle><MedlineCitation><PMID>444</PMID><Article><ArticleTitle>Moths on the moon.</ArticleTitle>
<Abstract><AbstractText>Moths were seen on the moon.</AbstractText></Abstract>
<PublicationTypeList><PublicationType>Retracted Publication</PublicationType></PublicationTypeList>
</Article></MedlineCitation></PubmedArticle>"""


def _record(pmid: str) -> str:
    whole = RECORD.format(pmid=pmid)
    return whole[whole.index("<PubmedArticle>") : whole.index("</PubmedArticleSet>")]


@dataclass
class Services:
    """A running server: where it is, what it was asked, and what comes in place of its next replies."""

    url: str
    asked: list[str] = field(default_factory=list)
    instead: list[Reply] = field(default_factory=list)


def _reply(path: str, query: Mapping[str, str]) -> Reply:
    if path.endswith("/esearch.fcgi"):
        found = {"NCT01234567[si]": ["222", "333"], "moths": ["222", "111"]}.get(query["term"], [])
        return _json({"esearchresult": {"idlist": found[: int(query["retmax"])]}})
    if path.endswith("/efetch.fcgi") and "," in query["id"]:
        records = "".join(RETRACTED if pmid == "444" else _record(pmid) for pmid in query["id"].split(","))
        return 200, f"<PubmedArticleSet>{records}</PubmedArticleSet>".encode(), {}
    if path.endswith("/efetch.fcgi"):
        return (200, RECORD.format(pmid=query["id"]).encode(), {}) if query["id"] != "999" else (200, b"<x/>", {})
    if path == "/europepmc/search":
        asked = query["query"]
        known = [record for record in KNOWN.values() if record["pmid"] in asked or record["doi"] in asked]
        return _json({"resultList": {"result": known}})
    if path == "/europepmc/PMC7000001/fullTextXML":
        return 200, JATS.encode(), {}
    if path == "/crossref/works" and "filter" in query:
        return _json({"message": {"items": [NOTICE] if query["filter"] == "updates:10.5555/jar.1" else []}})
    if path == "/crossref/works/10.5555/jar.1":
        return _json({"message": WORK})
    if path == "/arxiv/abs/2101.00001":
        return 200, _ABSTRACT_PAGE.encode(), {}
    return 404, b"nothing here", {}


_ABSTRACT_PAGE = """<html><head><title>Lamps</title><meta name="citation_title" content="Lamps as graphs">
<meta name="citation_author" content="Rook, Ed"><meta name="citation_date" content="2021/01/02">
<meta name="citation_arxiv_id" content="2101.00001"></head><body><h1>Lamps as graphs</h1>
<blockquote class="abstract">Abstract: A lamp is a graph with one node, and we prove that it is lit.</blockquote>
</body></html>"""


def _json(value: object) -> Reply:
    return 200, json.dumps(value).encode(), {"Content-Type": "application/json"}


@contextmanager
def services(answer: Callable[[str, Mapping[str, str]], Reply] = _reply) -> Iterator[Services]:
    """Yield a running server, which ends with the block."""
    told = Services("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, content, headers = told.instead.pop(0) if told.instead else answer(parts.path, query)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
