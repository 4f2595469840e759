"""Who is let in at the customers' door: a request counts against its caller's limits.

A request that writes is counted in the store, over all environments. A look is counted in the
memory of its environment: a write would cost more than the look, and what one caller can do with
looks alone is bounded by the gateway's usage plan and by how long they are held (`holding`).
"""

from dataclasses import dataclass
from datetime import datetime

from chalice.app import Request

from helpdesk import access, telemetry, web
from helpdesk.limits import Bucket, Gate, Limit, LimitedError, network


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The limits of callers, and where requests count: writes by `gate`, looks by `looks`.

    `per_reader` is how often the holder of one ticket's token may look, in one environment.
    """

    service: str
    server_key_id: str
    gate: Gate
    looks: Gate
    per_server: Limit
    per_page: Limit
    per_address: Limit
    per_customer: Limit
    per_reader: Limit

    def of_server(self, request: Request) -> bool:
        """Tell whether the API key is a server's; a key that is not known for one is a page's."""
        return web.application_of(request) == self.server_key_id

    def admit(
        self, request: Request, customer: str | None, *, kind: str = "customer", now: datetime
    ) -> None:
        """Count a request against its customer, address and application. Raises RefusalError."""
        limit = self.per_server if self.of_server(request) else self.per_page
        buckets = [
            self._address(request),
            Bucket("application", web.application_of(request), limit),
        ]
        if customer:
            buckets.insert(0, Bucket(kind, customer, self.per_customer))
        self._count(self.gate, *buckets, now=now)

    def let_look(self, request: Request, token: str, *, now: datetime) -> None:
        """Count a look against its ticket's token and its address. Raises RefusalError."""
        reader = Bucket("ticket", access.token_hash(token), self.per_reader)
        self._count(self.looks, reader, self._address(request), now=now)

    def _address(self, request: Request) -> Bucket:
        return Bucket("address", network(web.address_of(request)), self.per_address)

    def _count(self, gate: Gate, *buckets: Bucket, now: datetime) -> None:
        try:
            gate.admit(*buckets, now=now)
        except LimitedError as limited:
            telemetry.count(self.service, "Limited")
            telemetry.logger(self.service).warning("limited", extra={"limit": limited.kind})
            raise web.too_many(limited) from limited
