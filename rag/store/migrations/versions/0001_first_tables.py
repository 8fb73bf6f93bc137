"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "shares",
        sa.Column("link", sa.String(64), primary_key=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("made", sa.Double, nullable=False),
        sa.Column("expires", sa.Double),
        sa.Column("frozen", sa.LargeBinary),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(22), primary_key=True),
        sa.Column("reader", sa.String(64), nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
        sa.Column("frozen", sa.LargeBinary, nullable=False),
    )
    op.create_index("conversations_of_reader", "conversations", ["reader", "updated"])
    op.create_table(
        "requests",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("visitor", sa.String(64), nullable=False),
        sa.Column("made", sa.Double, nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("mode", sa.String(100)),
        sa.Column("fault", sa.String(40)),
        sa.Column("seconds", sa.Double),
        sa.Column("question", sa.Text),
    )
    op.create_index("requests_by_time", "requests", ["kind", "made"])
    op.create_index("requests_of_visitor", "requests", ["visitor", "kind", "made"])
    op.create_table(
        "spending",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("visitor", sa.String(64), nullable=False),
        sa.Column("made", sa.Double, nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("reserved", sa.BigInteger, nullable=False),
        sa.Column("settled", sa.BigInteger),
    )
    op.create_index("spending_by_time", "spending", ["made"])
    op.create_table(
        "feedback",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("made", sa.Double, nullable=False),
        sa.Column("up", sa.Boolean),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("cited", sa.Text, nullable=False),
        sa.Column("question", sa.Text),
    )
