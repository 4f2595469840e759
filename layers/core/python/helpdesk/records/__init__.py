"""What the shop knows of a customer. Pure.

model   records and orders, and the port that reads them
"""

from helpdesk.records.model import Order, Record, Records, RecordsUnavailableError

__all__ = ["Order", "Record", "Records", "RecordsUnavailableError"]
