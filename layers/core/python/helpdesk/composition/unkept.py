"""Ports of a desk that keeps nothing: a case that is played leaves no ticket behind."""

from datetime import datetime

from helpdesk.assisting import Conversation
from helpdesk.cases import Recent
from helpdesk.drafting import Draft
from helpdesk.knowledge import Text
from helpdesk.ports import Remembered, Repeat, Submission
from helpdesk.ticket import Change, Ticket
from helpdesk.ticket import Conversation as Dialogue


class UnkeptTickets:
    """Takes every change, and knows of no ticket."""

    def commit(
        self,
        change: Change,
        remembered: Remembered | None = None,
        *,
        also: Change | None = None,
        recent: Recent | None = None,
    ) -> None:
        """Forget a change."""

    def recent(self, key: str) -> Recent:
        """Return no case."""
        return Recent(key=key)

    def submission(self, key_id: str, now: datetime) -> Submission | None:  # noqa: ARG002
        """Remember nothing."""
        return None

    def repeat(self, ticket_id: str, key_id: str, since: datetime) -> Repeat | None:  # noqa: ARG002
        """Remember nothing."""
        return None

    def get(self, ticket_id: str) -> Ticket | None:  # noqa: ARG002
        """Know of no ticket."""
        return None

    def latest(self, ticket_id: str) -> Dialogue | None:  # noqa: ARG002
        """Know of no ticket."""
        return None

    def conversation(self, ticket_id: str, *, latest: bool = True) -> Dialogue | None:  # noqa: ARG002
        """Know of no ticket."""
        return None

    def draft(self, ticket_id: str, number: int) -> Draft | None:  # noqa: ARG002
        """Know of no draft."""
        return None

    def erased(self, ticket_id: str) -> bool:  # noqa: ARG002
        """Tell that nothing was erased."""
        return False


class UnkeptTexts:
    """Has the texts that the product brings, and none of a lead."""

    def text(self, name: str, language: str) -> Text | None:  # noqa: ARG002
        """Return nothing."""
        return None


class UnkeptQueue:
    """Takes every message to nowhere."""

    def send(self, ticket_id: str) -> None:
        """Forget a message."""

    def depth(self) -> int:
        """Tell that nothing waits."""
        return 0


class UnkeptConversations:
    """Knows of no conversation."""

    def get(self, conversation_id: str) -> Conversation | None:  # noqa: ARG002
        """Return nothing."""
        return None

    def put(self, conversation: Conversation, now: datetime) -> None:
        """Forget a conversation."""
