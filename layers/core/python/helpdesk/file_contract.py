"""What crosses the HTTP border about files, validated."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from helpdesk import files
from helpdesk.contract import Accepted, Echoed, QuestionIn
from helpdesk.customers import Question
from helpdesk.files import MOST_FILES, Announcement

type MediaType = Literal[
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/msword",
    "application/vnd.ms-excel",
    "application/rtf",
    "text/csv",
    "text/plain",
    "text/html",
    "message/rfc822",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/bmp",
    "image/tiff",
    "image/webp",
]

MEDIA_TYPES: tuple[str, ...] = get_args(MediaType.__value__)


class AttachmentIn(BaseModel):
    """A file that a customer is about to send."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=255)] = Field(
        description="What the customer calls the file.", examples=["invoice.pdf"]
    )
    media_type: MediaType = Field(description="What the file is.", examples=["application/pdf"])
    size: Annotated[int, Field(ge=1, le=files.LARGEST)] = Field(
        description="Bytes of the file.", examples=[48_213]
    )

    @property
    def announcement(self) -> files.Announcement:
        """What the desk is told of the file."""
        return files.Announcement(self.name, self.media_type, self.size)


class AskedIn(QuestionIn):
    """A customer's question, and the files that the customer is about to send with it."""

    files: list[AttachmentIn] = Field(
        default=[],
        max_length=MOST_FILES,
        description="The files that belong to it: the response says how each is sent.",
    )

    @property
    def announcements(self) -> tuple[Announcement, ...]:
        """What the desk is told of the files."""
        return tuple(each.announcement for each in self.files)

    def question(self, *, verified: bool = True, mailed: bool = False) -> Question:
        """Return the question as the desk takes it; if `mailed`, an address gets replies too."""
        said = tuple((each.name, each.media_type, each.size) for each in self.files)
        return replace(super().question(verified=verified, mailed=mailed), files=said)


class AttachmentOut(BaseModel):
    """A file of a ticket as its customer sees it."""

    number: int
    name: str = Field(description="The name, cleaned: the last part of a path, in one line.")
    media_type: str = Field(description="What the customer said that the file is.")
    size: int = Field(description="Bytes; as announced, until the file is there.")
    state: files.State = Field(description="Only a `ready` file can be fetched.")
    reason: str | None = Field(description="Why the file is refused, or has no text that is read.")
    announced_at: datetime

    @classmethod
    def of(cls, file: files.Attachment) -> Self:
        """Return what the customer may see of a file."""
        return cls(
            number=file.number,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            state=file.state,
            reason=file.why.text if file.why else None,
            announced_at=file.announced_at,
        )


class AttachmentsOut(BaseModel):
    """The files of a ticket in the order of their numbers."""

    attachments: list[AttachmentOut]

    @classmethod
    def of(cls, found: tuple[files.Attachment, ...]) -> Self:
        """Return what the customer may see of the files of a ticket."""
        return cls(attachments=[AttachmentOut.of(each) for each in found])


class UploadOut(BaseModel):
    """How to send a file: as multipart/form-data, these fields first and the file last."""

    url: str
    fields: dict[str, str]
    expires_at: datetime = Field(description="When the form ends.")


class AnnouncedOut(BaseModel):
    """A file is expected. It is one of the ticket's when it has arrived."""

    attachment: AttachmentOut
    upload: UploadOut | None = Field(description="Null if the file has arrived already.")

    @classmethod
    def of(cls, file: files.Attachment, form: files.Form | None) -> Self:
        """Return a file that is expected, with the form to send it by."""
        upload = form and UploadOut(url=form.url, fields=form.fields, expires_at=form.expires_at)
        return cls(attachment=AttachmentOut.of(file), upload=upload)


class AskedOut(Accepted):
    """A question was stored, and these files are expected with it."""

    files: list[AnnouncedOut]


class EchoedOut(Echoed):
    """A question was stored, this is it, and these files are expected with it."""

    files: list[AnnouncedOut]
