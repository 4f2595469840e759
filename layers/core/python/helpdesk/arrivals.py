"""What the bucket of mails says of a mail that came in: a message of the mail queue, validated."""

from typing import Literal
from urllib.parse import unquote_plus

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

SETUP = "AMAZON_SES_SETUP_NOTIFICATION"
"""The name of the object that the mail service stores when it is set up. It is no mail."""

_DISCREET = ConfigDict(frozen=True, hide_input_in_errors=True)


class _Object(BaseModel):
    model_config = _DISCREET

    key: str


class _Stored(BaseModel):
    model_config = _DISCREET

    object: _Object


class _Record(BaseModel):
    model_config = _DISCREET

    s3: _Stored


class _Arrival(BaseModel):
    model_config = _DISCREET

    records: list[_Record] = Field(alias="Records", min_length=1)


class _Test(BaseModel):
    """What a bucket says once, when it is told which queue to notify."""

    model_config = _DISCREET

    event: Literal["s3:TestEvent"] = Field(alias="Event")


_MESSAGE = TypeAdapter[_Arrival | _Test](_Arrival | _Test, config=_DISCREET)


def mails_of(body: str) -> tuple[str, ...]:
    """Return the keys of the mails that a message names: none for the bucket's test event.

    Raises pydantic's ValidationError for any other text.
    """
    message = _MESSAGE.validate_json(body)
    if isinstance(message, _Test):
        return ()
    keys = [unquote_plus(each.s3.object.key) for each in message.records]
    return tuple(each for each in keys if each.rpartition("/")[2] != SETUP)
