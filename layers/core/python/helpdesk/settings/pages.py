"""The settings of the pages that visitors get without a key."""

from dataclasses import dataclass

from helpdesk.settings.endpoint import EndpointSettings
from helpdesk.settings.environment import FromEnvironment
from helpdesk.settings.values import NO_CATEGORIES, NO_SITES, Categories, Origins


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesSettings(FromEnvironment):
    """What the pages function needs.

    Without the key `public_api_key_value` there is no page. `widget_origins` may frame it. Files
    go to `files_origin`, the bucket's address. With a `mail_domain`, replies are mailed as well.
    Articles are those of the knowledge table, without `review_categories`; one address may post as
    often as `address_per_second` says.
    """

    knowledge_table: str
    tickets_table: str
    address_per_second: float
    review_categories: Categories = NO_CATEGORIES

    public_api_key_value: str = ""
    mail_domain: str = ""
    widget_origins: Origins = NO_SITES
    files_origin: str

    @property
    def uploads(self) -> str:
        """Where a browser sends files: the bucket, or the host that stands for AWS."""
        return EndpointSettings.from_env().origin or self.files_origin
