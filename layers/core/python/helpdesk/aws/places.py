"""How far a folder was taken, in the tickets table, and the password of its account.

    MAILBOX#<digest>      MAILBOX            the place in the folder of this account

It never expires: a folder without a place would be taken from today on.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from helpdesk.aws.races import lost_race
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Table
from helpdesk.collecting import MailboxError, Place, Trouble
from helpdesk.ports import ConflictError

_PLACE = Shape[Place](Place)


class DynamoPlaces:
    """The place in one folder, which host, user and folder name."""

    def __init__(self, table: Table, *folder: str) -> None:
        self._table = table
        digest = sha256("\n".join(folder).encode()).hexdigest()
        self._key = {"pk": f"MAILBOX#{digest}", "sk": "MAILBOX"}

    def get(self) -> Place | None:
        """Return the place, if the folder was ever looked at."""
        item = self._table.get_item(Key=self._key, ConsistentRead=True)
        return _PLACE.read(item) if item else None

    def move(self, before: Place | None, after: Place) -> None:
        """Keep a place in the stead of the one before. Raises ConflictError if that has moved."""
        unmoved: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if before:
            unmoved = {
                "ConditionExpression": "validity = :validity AND uid = :uid",
                "ExpressionAttributeValues": {":validity": before.validity, ":uid": before.uid},
            }
        try:
            self._table.put_item(Item={**self._key, **_PLACE.write(after)}, **unmoved)
        except ClientError as error:
            if not lost_race(error):
                raise
            raise ConflictError("another run moved the place") from error


@dataclass(frozen=True, slots=True)
class SsmPassword:
    """A password in a secure parameter of Systems Manager."""

    ssm: Any
    name: str

    def read(self) -> str:
        """Return the password, without the line end that a file leaves. Raises MailboxError."""
        try:
            found = self.ssm.get_parameter(Name=self.name, WithDecryption=True)
        except ClientError as error:
            raise MailboxError(Trouble.NO_PASSWORD, error.response["Error"]["Code"]) from error
        password: str = found["Parameter"]["Value"].rstrip("\r\n")
        return password
