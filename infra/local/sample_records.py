"""Sample records of customers, for a desk on this machine."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from helpdesk.aws import clients
from helpdesk.aws.records import DynamoRecords
from helpdesk.ticket import CustomerKey, Kind

from agent_cli import record_files
from infra.deploying.stack import Stack
from infra.local.up import Say
from infra.paths import ROOT

FILE = ROOT / "infra" / "records" / "sample.json"

ORDER = "12345"
"""The order that the demonstration asks about."""

LIFE = timedelta(days=400)


class Parcels(Protocol):
    """Gives the customers of a visit the order that they ask about."""

    def give(self, address: str) -> None:
        """Let the customer with this address have the sample's order."""


@dataclass(frozen=True, slots=True)
class SampleRecords:
    """The sample file, and the table of a stack."""

    stack: Stack

    def load(self, say: Say) -> int:
        """Load the file into a table that never had records; return how many customers."""
        if self._records.kept():
            return 0
        holdings = record_files.read(FILE).holdings
        now = datetime.now(UTC)
        for each in holdings:
            self._records.put(each, expires_at=now + LIFE)
        self._records.note_import(now)
        say(f"sample records of {len(holdings)} customers loaded")
        return len(holdings)

    def give(self, address: str) -> None:
        """Let the customer with this address have the sample's order."""
        held = record_files.read(FILE).holdings[0]
        order = next(each for each in held.orders if each.number == ORDER)
        own = replace(held, key=CustomerKey.of(Kind.EMAIL, address), record=None, orders=(order,))
        self._records.put(own, expires_at=datetime.now(UTC) + LIFE)

    @property
    def _records(self) -> DynamoRecords:
        name, at = self.stack.outputs["RecordsTable"], self.stack.endpoint_url
        table = clients.table(name, self.stack.session, endpoint_url=at)
        return DynamoRecords(table, partial(datetime.now, UTC))
