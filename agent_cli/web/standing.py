"""Where the agent works and as whom, as far as AWS last said it."""

from botocore.exceptions import BotoCoreError, ClientError

from agent_cli.session import Session
from agent_cli.web.asking import Standing


class LastKnown:
    """The standing of a session; while AWS does not answer, the one it last told.

    The header of a page needs it, also of the page that says that AWS does not answer.
    """

    def __init__(self, session: Session) -> None:
        """Ask AWS for the first time. Raises IdentityError or what the call raises."""
        self._session = session
        self._known = self._ask()

    def __call__(self) -> Standing:
        """Return the standing."""
        try:
            self._known = self._ask()
        except (BotoCoreError, ClientError):
            return self._known
        return self._known

    def _ask(self) -> Standing:
        session = self._session
        return Standing(
            stack=session.stack_name,
            account=session.identity.account,
            region=session.region_name or "no region",
            agent=session.agents_name,
        )
