"""What the shop knows of a customer. Pure.

model      records and orders, and the port that reads them
reading    a record and an order from what a file or another system says of them
keeping    what leads do with the records that the desk keeps itself
"""

from helpdesk.records.keeping import (
    NOTHING_KEPT,
    Forgetting,
    Imported,
    Registry,
    Shelf,
    check_owners,
)
from helpdesk.records.model import (
    NO_RECORDS,
    Holding,
    KeptRecords,
    NoRecords,
    Order,
    Record,
    Records,
    RecordsUnavailableError,
)
from helpdesk.records.reading import (
    FIELDS,
    ORDER_FIELDS,
    InvalidRecordError,
    newest_first,
    number_key,
    read_order,
    read_record,
)

__all__ = [
    "FIELDS",
    "NOTHING_KEPT",
    "NO_RECORDS",
    "ORDER_FIELDS",
    "Forgetting",
    "Holding",
    "Imported",
    "InvalidRecordError",
    "KeptRecords",
    "NoRecords",
    "Order",
    "Record",
    "Records",
    "RecordsUnavailableError",
    "Registry",
    "Shelf",
    "check_owners",
    "newest_first",
    "number_key",
    "read_order",
    "read_record",
]
