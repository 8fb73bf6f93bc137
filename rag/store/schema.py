"""The tables of the store. A change here goes with a migration in `rag/store/migrations/versions`.

Times are seconds since 1970 in UTC; money is nano-dollars, so that sums are exact; hashes are SHA-256 in hexadecimal.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

# Keys and salts that this store made for itself.
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

# `link` and `owner` are hashes of what the link and its owner hold; `frozen` is emptied when a link is deleted.
shares = Table(
    "shares",
    metadata,
    Column("link", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("made", Double, nullable=False),
    Column("expires", Double),
    Column("frozen", LargeBinary),
)

# `reader` is the hash of what the browser holds.
conversations = Table(
    "conversations",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("reader", String(64), nullable=False),
    Column("updated", Double, nullable=False),
    Column("frozen", LargeBinary, nullable=False),
    Index("conversations_of_reader", "reader", "updated"),
)

# What was asked for, one row an admitted request: a question, or a link that was made. `visitor` is a keyed hash that
# changes with the day; `question` stays empty unless the owner keeps questions and says so on the page.
requests = Table(
    "requests",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("visitor", String(64), nullable=False),
    Column("made", Double, nullable=False),
    Column("outcome", String(20)),
    Column("mode", String(100)),
    Column("fault", String(40)),
    Column("seconds", Double),
    Column("question", Text),
    Index("requests_by_time", "kind", "made"),
    Index("requests_of_visitor", "visitor", "kind", "made"),
)

# One row a call of a language model: what it may cost at worst, and what it did cost, once that is known.
spending = Table(
    "spending",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("visitor", String(64), nullable=False),
    Column("made", Double, nullable=False),
    Column("model", String(100), nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("settled", BigInteger),
    Index("spending_by_time", "made"),
)

# A thumb: `cited` is the JSON of [review, start, end] of each quote.
feedback = Table(
    "feedback",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("made", Double, nullable=False),
    Column("up", Boolean),
    Column("outcome", String(20), nullable=False),
    Column("cited", Text, nullable=False),
    Column("question", Text),
)
