"""Where the records of customers are: the desk's own table, or another system of the shop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from helpdesk.composition.parts import Parts
from helpdesk.records import KeptRecords, Order, Record, RecordsUnavailableError
from helpdesk.settings import EndpointSettings, RecordSettings
from helpdesk.ticket import Customer

type Failed = Callable[[RecordsUnavailableError], None]
"""Hears of each look that failed; the error names no customer."""


def records(settings: RecordSettings, parts: Parts, failed: Failed) -> KeptRecords:
    """Return the records that settings name. Raises AddressError.

    Where another host stands for AWS, the other system may be on it.
    """
    if not settings.records_url:
        return _Watched(parts.records, failed)
    from helpdesk import posting, records_http  # noqa: PLC0415 -- most workers need neither

    found = records_http.HttpRecords(
        address=records_http.Address.read(settings.records_url),
        mapped=records_http.Mapped.read(settings.records_fields),
        wire=posting.Poster(trusted=EndpointSettings.from_env().host, limit=records_http.LIMIT),
        authorization=settings.records_authorization,
    )
    return _Watched(found, failed)


@dataclass(frozen=True, slots=True)
class _Watched:
    """Records whose failures are told."""

    records: KeptRecords
    failed: Failed

    def customer(self, principal: Customer) -> Record | None:
        with self._telling():
            return self.records.customer(principal)

    def orders(self, principal: Customer, reference: str | None = None) -> tuple[Order, ...]:
        with self._telling():
            return self.records.orders(principal, reference)

    def kept(self) -> bool:
        with self._telling():
            return self.records.kept()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except RecordsUnavailableError as error:
            self.failed(error)
            raise
