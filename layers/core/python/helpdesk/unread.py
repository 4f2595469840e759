"""Why a file of a customer is refused or has no text, in the sentences that people read. Pure."""

from enum import StrEnum


class Why(StrEnum):
    """Why a file is refused or, if it is ready, why it has no text; `text` is the sentence."""

    ENCRYPTED = "encrypted"
    TOO_LARGE = "too_large"
    TOO_COSTLY = "too_costly"
    TOO_DEEP = "too_deep"
    NOT_READ = "not_read"
    UNREADABLE = "unreadable"
    NO_TEXT = "no_text"
    UNSURE = "unsure"
    DOCUMENT_TYPE = "document_type"
    NO_RECOGNITION = "no_recognition"
    EMPTY = "empty"
    MALWARE = "malware"
    NOT_SCANNED = "not_scanned"

    @property
    def text(self) -> str:
        """The sentence that people read."""
        return _TEXTS[self]


_TEXTS = {
    Why.ENCRYPTED: "The file is protected with a password.",
    Why.TOO_LARGE: "The file is larger than what is read.",
    Why.TOO_COSTLY: "The file is too costly to read: it took too much time or memory.",
    Why.TOO_DEEP: "The file has more parts inside one another than are read.",
    Why.NOT_READ: "Files of this kind are not read.",
    Why.UNREADABLE: "The file is damaged or is not what it says it is.",
    Why.NO_TEXT: "No text was found in the file.",
    Why.UNSURE: "The file is a picture whose text could not be recognised well enough.",
    Why.DOCUMENT_TYPE: "The file has a document type definition, which may be an attack.",
    Why.NO_RECOGNITION: "The text of pictures is not recognised here: the language is missing.",
    Why.EMPTY: "The file is empty.",
    Why.MALWARE: "The file holds malware.",
    Why.NOT_SCANNED: "The file could not be scanned for malware.",
}
