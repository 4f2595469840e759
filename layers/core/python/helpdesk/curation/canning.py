"""What leads do to the canned replies, which agents use often: set one, remove one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from helpdesk.curation.leads import check_lead
from helpdesk.knowledge import InvalidTextError
from helpdesk.ports import NotFoundError
from helpdesk.ticket import Agent

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class CannedShelf(Protocol):
    """The canned replies by their names."""

    def canned(self) -> Mapping[str, str]:
        """Return every canned reply by its name."""

    def put_canned(self, name: str, text: str) -> None:
        """Store a canned reply in place of the one of its name."""

    def remove_canned(self, name: str) -> None:
        """Delete a canned reply, if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canner:
    """An agent at the canned replies; only leads may change them."""

    agent: Agent
    shelf: CannedShelf

    def get(self, name: str) -> str:
        """Return a canned reply. Raises NotFoundError."""
        replies = self.shelf.canned()
        if name not in replies:
            known = ", ".join(replies) or "none"
            raise NotFoundError(f"no canned reply {name!r}; there are: {known}")
        return replies[name]

    def set(self, name: str, text: str) -> str:
        """Store a canned reply in place of the one of its name; return it as it is stored.

        Raises NotAllowedError, or InvalidTextError.
        """
        check_lead(self.agent)
        if not _NAME.fullmatch(name):
            raise InvalidTextError("a name is up to 40 small letters, digits, - and _")
        if not (stored := text.strip()):
            raise InvalidTextError("the text is blank")
        self.shelf.put_canned(name, stored)
        return stored

    def remove(self, name: str) -> str:
        """Delete a canned reply; return what it said. Raises NotAllowedError or NotFoundError."""
        check_lead(self.agent)
        text = self.get(name)
        self.shelf.remove_canned(name)
        return text
