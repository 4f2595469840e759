"""Where the records of customers are: the desk's own table, or another system of the shop."""

from helpdesk.composition.parts import Parts
from helpdesk.records import KeptRecords
from helpdesk.settings import EndpointSettings, WorkerSettings


def records(settings: WorkerSettings, parts: Parts) -> KeptRecords:
    """Return the records that settings name. Raises AddressError.

    Where another host stands for AWS, the other system may be on it.
    """
    if not settings.records_url:
        return parts.records
    from helpdesk import posting, records_http  # noqa: PLC0415 -- most workers need neither

    return records_http.HttpRecords(
        address=records_http.Address.read(settings.records_url),
        mapped=records_http.Mapped.read(settings.records_fields),
        wire=posting.Poster(trusted=EndpointSettings.from_env().host, limit=records_http.LIMIT),
        authorization=settings.records_authorization,
    )
