"""The sender of mails over SES."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from helpdesk.outbox import RefusedError, UnavailableError

if TYPE_CHECKING:
    from typing import Any

REFUSED = frozenset({"MessageRejected", "InvalidParameterValue", "ValidationError"})
"""What SES says of a mail that it will never take.

Everything else, a paused account and missing permissions among it, can be put right, and then the
dead letters are sent.
"""

LONGEST_REASON = 300


class SesSender:
    """Sends mails with SES. `events` is the configuration set that reports what came back."""

    def __init__(self, client: "Any", *, events: str = "") -> None:
        self._client = client
        self._set = {"ConfigurationSetName": events} if events else {}

    def send(self, data: bytes, *, return_path: str, to: str) -> str:
        """Hand over a mail and return the id that SES gives it: SES replaces the mail's own.

        Raises RefusedError or UnavailableError.
        """
        try:
            answer = self._client.send_raw_email(
                Source=return_path, Destinations=[to], RawMessage={"Data": data}, **self._set
            )
        except ClientError as error:
            said = error.response["Error"]
            if said["Code"] in REFUSED:
                reason = said.get("Message") or said["Code"]
                raise RefusedError(reason[:LONGEST_REASON]) from error
            raise UnavailableError(said["Code"]) from error
        except BotoCoreError as error:
            raise UnavailableError(type(error).__name__) from error
        region = self._client.meta.region_name
        domain = "email" if region == "us-east-1" else region
        return f"{answer['MessageId']}@{domain}.amazonses.com"
