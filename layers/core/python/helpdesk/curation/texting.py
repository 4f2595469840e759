"""What leads do to the texts that customers get beside articles. Every version is kept."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk.knowledge import ANY_LANGUAGE, Text, shipped
from helpdesk.ports import NotFoundError, Texts
from helpdesk.ticket import Agent, NotAllowedError


class TextShelf(Texts, Protocol):
    """The texts that leads wrote, with their history."""

    def texts(self) -> Iterable[Text]:
        """Return the texts that leads wrote, by name and language."""

    def text_history(self, name: str, language: str) -> tuple[Text, ...]:
        """Return every version that a lead wrote, oldest first."""

    def put_text(self, text: Text) -> None:
        """Put a version in force and keep it.

        Raises ConflictError if the version before is not the one in force any more.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEditor:
    """An agent at the texts; only leads may change them."""

    agent: Agent
    shelf: TextShelf
    clock: Callable[[], datetime]

    def all(self) -> tuple[Text, ...]:
        """Return the text in force for every occasion, and those in other languages."""
        written = {(each.name, each.language): each for each in self.shelf.texts()}
        brought = {
            (name, ANY_LANGUAGE): Text(name=name, language=ANY_LANGUAGE, text=text)
            for name, text in shipped().items()
        }
        return tuple(text for _, text in sorted((brought | written).items()))

    def get(self, name: str, language: str) -> Text:
        """Return the text in force for an occasion in a language.

        Raises InvalidTextError for an unknown name, and NotFoundError for a language without one.
        """
        if written := self.shelf.text(name, language):
            return written
        brought = Text(name=name, language=language, text=shipped().get(name, name))
        if language != ANY_LANGUAGE:
            raise NotFoundError(
                f"no text {name} in the language {language}: customers get the one in "
                f"{ANY_LANGUAGE}"
            )
        return brought

    def history(self, name: str, language: str) -> tuple[Text, ...]:
        """Return every version of a text, oldest first; version 0 comes with the product.

        Raises InvalidTextError or NotFoundError as `get` does.
        """
        current, written = self.get(name, language), self.shelf.text_history(name, language)
        if language != ANY_LANGUAGE:
            return written or (current,)
        return (Text(name=name, language=language, text=shipped()[name]), *written)

    def write(self, name: str, language: str, text: str) -> Text | None:
        """Put a text in force; None if it says nothing else than before.

        Raises NotAllowedError, InvalidTextError, or ConflictError if another lead was faster.
        """
        if not self.agent.leads:
            raise NotAllowedError(f"only leads change the texts; {self.agent.name} is not a lead")
        before = self.shelf.text(name, language)
        version = (before.version if before else 0) + 1
        new = Text(
            name=name,
            language=language,
            text=text.strip(),
            version=version,
            at=self.clock(),
            by=self.agent.name,
        )
        brought = shipped()[name] if language == ANY_LANGUAGE else None
        if new.text == (before.text if before else brought):
            return None
        self.shelf.put_text(new)
        return new
