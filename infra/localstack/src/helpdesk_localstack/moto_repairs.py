"""Everything that is changed in moto's DynamoDB, in the order in which it has to be."""

from __future__ import annotations

from helpdesk_localstack import (
    changes,
    expiry,
    item_index,
    moto_items,
    moto_queries,
    moto_transactions,
)


def install() -> None:
    """Put all of it in place. Call once per process."""
    changes.install()
    moto_items.install()  # on top of the writes that `changes` notices, so that it can undo one
    moto_transactions.install()
    moto_queries.install()
    item_index.install()
    expiry.install()
