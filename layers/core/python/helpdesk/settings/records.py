"""What every function reads of the environment that looks customers' orders up."""

from dataclasses import dataclass, field

from helpdesk.settings.environment import FromEnvironment


@dataclass(frozen=True, kw_only=True)
class RecordSettings(FromEnvironment):
    """Where the records of customers are; the fields are kept by who inherits them.

    They are in `records_table` or, where there is a `records_url`, in another system of the shop;
    `records_fields` says where in its answers the fields are.
    """

    __slots__ = ()

    records_table: str
    records_url: str = field(default="", repr=False)
    records_fields: str = ""
    records_authorization: str = field(default="", repr=False)
