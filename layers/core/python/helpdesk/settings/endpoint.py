"""Where AWS is, for the code that must know it."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from helpdesk.settings.environment import FromEnvironment


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings(FromEnvironment):
    """Where AWS is, if another host stands for it; boto3 reads the same variable by itself."""

    aws_endpoint_url: str = ""

    @property
    def origin(self) -> str:
        """The scheme, name and port of that host, or an empty text."""
        found = urlsplit(self.aws_endpoint_url)
        return f"{found.scheme}://{found.netloc}" if found.netloc else ""

    @property
    def host(self) -> str:
        """The name of that host, or an empty text."""
        return urlsplit(self.aws_endpoint_url).hostname or ""
