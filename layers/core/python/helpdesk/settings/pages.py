"""The settings of the pages that visitors get without a key."""

from dataclasses import dataclass

from helpdesk.pages import NO_SITES, Origins
from helpdesk.settings.endpoint import EndpointSettings
from helpdesk.settings.environment import FromEnvironment


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesSettings(FromEnvironment):
    """What the pages function needs.

    Without the key `public_api_key_value` there is no page. `widget_origins` may frame it. Files
    go to `files_origin`, the bucket's address.
    """

    public_api_key_value: str = ""
    widget_origins: Origins = NO_SITES
    files_origin: str

    @property
    def uploads(self) -> str:
        """Where a browser sends files: the bucket, or the host that stands for AWS."""
        return EndpointSettings.from_env().origin or self.files_origin
