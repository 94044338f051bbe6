"""Answers kept for good, and the reason a report of an error chose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("answers", sa.Column("kept", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("error_reports", sa.Column("reason", sa.String(20), nullable=False, server_default="other"))


def downgrade() -> None:
    """Take back."""
    op.drop_column("error_reports", "reason")
    op.drop_column("answers", "kept")
