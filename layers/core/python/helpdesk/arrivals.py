"""What a message of the mail queue says, validated.

The bucket of mails says which mails came in, the sending service what became of one that left, and
leads which mail they release from quarantine.
"""

from dataclasses import dataclass
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


class _Notice(BaseModel):
    """What a topic passes on, with the id that stays the same when it comes again."""

    model_config = _DISCREET

    type: Literal["Notification"] = Field(alias="Type")
    id: str = Field(alias="MessageId", pattern="^[0-9A-Za-z-]{1,100}$")
    message: str = Field(alias="Message")


class _Release(BaseModel):
    model_config = ConfigDict(**_DISCREET, extra="forbid")

    release: str = Field(pattern="^inbound/[!-~]{1,200}$")
    by: str = Field(min_length=1, max_length=100)


_MESSAGE = TypeAdapter[_Arrival | _Test | _Notice | _Release](
    _Arrival | _Test | _Notice | _Release, config=_DISCREET
)


@dataclass(frozen=True, slots=True)
class Came:
    """Mails came in: the keys of their objects, none for the bucket's test event."""

    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something became of a mail that left; `event` is what the sending service says."""

    id: str
    event: str


@dataclass(frozen=True, slots=True)
class Release:
    """A lead releases the mail in an object from quarantine."""

    key: str
    by: str


def read(body: str) -> Came | Notice | Release:
    """Return what a message says. Raises pydantic's ValidationError for any other text."""
    message = _MESSAGE.validate_json(body)
    match message:
        case _Test():
            return Came()
        case _Notice():
            return Notice(message.id, message.message)
        case _Release():
            return Release(message.release, message.by)
        case _Arrival():
            keys = [unquote_plus(each.s3.object.key) for each in message.records]
            return Came(tuple(each for each in keys if each.rpartition("/")[2] != SETUP))


def release(key: str, by: str) -> str:
    """Return the message by which a lead releases a mail. Raises pydantic's ValidationError."""
    return _Release(release=key, by=by).model_dump_json()
