"""The parts of the function that reads a folder by IMAP; no other function loads them."""

from collections.abc import Iterator
from contextlib import contextmanager

from helpdesk.aws import clients
from helpdesk.aws.places import DynamoPlaces, SsmPassword
from helpdesk.collecting import Folder
from helpdesk.composition.parts import Parts
from helpdesk.imap import Account, opened


class FolderParts(Parts):
    """A stack's parts, with a folder of a mail server and how far it was taken."""

    def places(self, host: str, user: str, folder: str) -> DynamoPlaces:
        """Return how far a folder that is read by IMAP was taken, in the tickets table."""
        return DynamoPlaces(self._table("tickets_table"), host, user, folder)

    @contextmanager
    def folder(self, host: str, user: str, folder: str, *, password_name: str) -> Iterator[Folder]:
        """Open a folder by IMAP, with the password as it is now. Raises MailboxError."""
        ssm = clients.ssm(self.session, endpoint_url=self.endpoint_url)
        password = SsmPassword(ssm, password_name).read()
        account = Account(host=host, user=user, password=password, folder=folder)
        with opened(account) as found:
            yield found
