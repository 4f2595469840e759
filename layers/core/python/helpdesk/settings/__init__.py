"""Every environment variable the product reads, with its type. No other room reads any."""

from dataclasses import dataclass, field
from datetime import timedelta

from helpdesk.settings.drafter import DrafterSettings
from helpdesk.settings.endpoint import EndpointSettings
from helpdesk.settings.engine import EngineSettings
from helpdesk.settings.environment import FromEnvironment, SettingsError
from helpdesk.settings.pages import PagesSettings
from helpdesk.settings.records import RecordSettings
from helpdesk.settings.terminal import TerminalSettings
from helpdesk.settings.values import (
    ALWAYS_OPEN,
    AS_SHIPPED,
    NO_CATEGORIES,
    STEPS_AS_SHIPPED,
    Calendar,
    Categories,
    EngineKind,
    NextSteps,
    NextStepsError,
    Scale,
    ScaleError,
    Switch,
)

__all__ = [
    "ALWAYS_OPEN",
    "AS_SHIPPED",
    "NO_CATEGORIES",
    "NO_DOMAIN",
    "Calendar",
    "Categories",
    "CourierSettings",
    "DocumentsSettings",
    "DrafterSettings",
    "EndpointSettings",
    "EngineKind",
    "EngineSettings",
    "InitSettings",
    "IntakeSettings",
    "MailSettings",
    "MailboxSettings",
    "NextSteps",
    "NextStepsError",
    "PagesSettings",
    "PredictSettings",
    "ReconcilerSettings",
    "RecordSettings",
    "Scale",
    "ScaleError",
    "SettingsError",
    "Switch",
    "TelemetrySettings",
    "TerminalSettings",
    "TrainerSettings",
    "WorkerSettings",
]

NO_DOMAIN = "helpdesk.example"
"""The domain of a desk that has none of its own: no server of the internet delivers there."""


class _Addressed:
    """A function that knows the desk's own address."""

    __slots__ = ()
    mail_name: str
    mail_domain: str

    @property
    def mailbox(self) -> str:
        """The address at which customers write to the desk, and from which it writes."""
        return f"{self.mail_name}@{self.mail_domain}"


class _Keeping:
    """A function that opens tickets, and knows how long they and their tokens are kept."""

    __slots__ = ()
    token_days: int
    retention_days: int

    @property
    def token_life(self) -> timedelta:
        """How long a customer's token opens the ticket."""
        return timedelta(days=self.token_days)

    @property
    def retention(self) -> timedelta:
        """How long a ticket is kept from its submission."""
        return timedelta(days=self.retention_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class _TicketSettings(FromEnvironment):
    """What every function that moves tickets needs. `queue_patience` is in seconds.

    `notified` names the channels that are on, `notify_rules` says what each hears; what they are to
    hear goes to the queue of notices.
    """

    tickets_table: str
    queue_patience: int
    notices_queue_url: str
    notified: str = ""
    notify_rules: str = ""

    @property
    def patience(self) -> timedelta:
        """How long a queue message may take before the reconciler looks for it."""
        return timedelta(seconds=self.queue_patience)


@dataclass(frozen=True, slots=True, kw_only=True)
class _OpeningSettings(_TicketSettings, _Keeping):
    """What every function that opens tickets needs."""

    knowledge_table: str
    intake_queue_url: str
    escalation_queue_url: str
    token_days: int
    retention_days: int
    business_hours: Calendar = ALWAYS_OPEN
    severity: Scale = AS_SHIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeSettings(_OpeningSettings):
    """What the intake function needs; its limits are requests one caller may make.

    The application with the key `server_api_key_id` may vouch for its customers; every other one is
    a page. `identity_secret` checks the signatures of shops, and so does the one before it. A desk
    with a `mail_domain` also mails its replies to customers who gave an address on a page.
    """

    server_api_key_id: str
    identity_secret: str = field(default="", repr=False)
    identity_secret_before: str = field(default="", repr=False)
    requests_per_second: float
    requests_burst: int
    public_requests_per_second: float
    public_requests_burst: int
    address_per_second: float
    customer_per_minute: float
    looks_per_minute: float
    held_requests: int
    mail_bucket: str
    mail_domain: str = ""
    files_bucket: str
    file_link_seconds: int

    @property
    def link_life(self) -> timedelta:
        """How long a link to a file lives."""
        return timedelta(seconds=self.file_link_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings(_OpeningSettings, _Addressed):
    """What the mail function needs.

    The desk's mailbox is `mail_name` at `mail_domain`; a stack without a domain has a mailbox that
    no server delivers to. `mail_secret` signs its reply addresses, and so did the one before it.
    Who writes more than `mails_per_hour` gets no automatic answer.
    """

    mail_bucket: str
    mail_name: str
    mail_domain: str = NO_DOMAIN
    mail_secret: str = field(default="", repr=False)
    mail_secret_before: str = field(default="", repr=False)
    raw_mail_days: int
    reopen_days: int
    mails_per_hour: int
    files_bucket: str
    outbox_queue_url: str

    @property
    def raw_mail_life(self) -> timedelta:
        """How long a mail is kept as it came."""
        return timedelta(days=self.raw_mail_days)

    @property
    def reopen_within(self) -> timedelta:
        """How long after its end a mail opens a ticket again."""
        return timedelta(days=self.reopen_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSettings(FromEnvironment, _Addressed):
    """What the mailbox function needs.

    The folder `imap_folder` of `imap_user` at `imap_host` is read; the password is in the secure
    parameter `imap_password_name`. Its mails are for `mail_name` at `mail_domain`. The server whose
    results say which senders are proven is `imap_authority`; without one, none is.
    """

    tickets_table: str
    mail_bucket: str
    imap_host: str
    imap_user: str
    imap_password_name: str
    imap_folder: str = "INBOX"
    imap_authority: str = ""
    mail_name: str
    mail_domain: str = NO_DOMAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings(_TicketSettings, RecordSettings):
    """What the worker function needs. `answer_floor` and `answer_margin` are probabilities.

    `file_wait` is in seconds, `case_window` in days. The vectors of passages are in the index of
    the model's bucket or, if there is one, in `vector_bucket`. Answers of the `review_categories`
    go out when an agent has approved them. Where an engine writes drafts, it hears of tickets by
    the queue of drafts.
    """

    knowledge_table: str
    escalation_queue_url: str
    bucket: str
    max_receives: int
    answer_floor: float
    answer_margin: float
    outbox_queue_url: str
    drafts_queue_url: str = ""
    file_wait: int
    case_window: int
    severity: Scale = AS_SHIPPED
    vector_bucket: str = ""
    review_categories: Categories = NO_CATEGORIES

    @property
    def cases_within(self) -> timedelta:
        """How far back a case may be that a ticket is taken for; zero compares none."""
        return timedelta(days=self.case_window)

    @property
    def files_patience(self) -> timedelta:
        """How long a question waits for its files, if it says too little by itself."""
        return timedelta(seconds=self.file_wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcilerSettings(_TicketSettings):
    """What the reconciler function needs."""

    knowledge_table: str
    intake_queue_url: str
    escalation_queue_url: str
    outbox_queue_url: str
    severity: Scale = AS_SHIPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierSettings(_TicketSettings, _Addressed):
    """What the courier function needs.

    Mails come from `mail_name` at `mail_domain`, with `mail_display_name` beside it; `mail_secret`
    signs the addresses to which they are answered. They leave by `smtp_url` or, without one, by
    SES; what comes back is reported by the configuration set `mail_events`.

    Leads are told by the channels that have an address. `notify_shows` says what of a customer they
    are shown, `notify_page` where they find a ticket.
    """

    escalation_queue_url: str
    max_receives: int
    mail_name: str
    mail_domain: str = NO_DOMAIN
    mail_display_name: str = ""
    mail_secret: str = field(default="", repr=False)
    mail_events: str = ""
    smtp_url: str = field(default="", repr=False)
    notices_dead_letters_url: str
    notify_shows: str = "nothing"
    notify_page: str = ""
    notify_mail: str = field(default="", repr=False)
    webhook_url: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    webhook_secret_before: str = field(default="", repr=False)
    slack_url: str = field(default="", repr=False)
    telegram_api: str = "https://api.telegram.org"
    telegram_token: str = field(default="", repr=False)
    telegram_chat: str = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What signs webhooks: the secret and, while it changes, the one before it."""
        return tuple(filter(None, (self.webhook_secret, self.webhook_secret_before)))


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsSettings(FromEnvironment):
    """What the documents function needs.

    `malware_scan` says whether files wait for a scanner, `ocr_languages` in which languages
    pictures are recognised: their names in Tesseract, with commas between them.
    """

    tickets_table: str
    intake_queue_url: str
    files_bucket: str
    malware_scan: Switch
    ocr_languages: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TelemetrySettings(FromEnvironment):
    """The name under which the stack's metrics are kept."""

    powertools_metrics_namespace: str = "helpdesk"


@dataclass(frozen=True, slots=True, kw_only=True)
class InitSettings(FromEnvironment):
    """Whether the process is an environment of Lambda's, which sets this before it imports."""

    aws_lambda_initialization_type: str = ""

    @property
    def in_lambda(self) -> bool:
        """Whether an import is Lambda's init phase, not a test's or a tool's."""
        return bool(self.aws_lambda_initialization_type)

    @property
    def is_kept(self) -> bool:
        """Whether Lambda keeps a snapshot of the started process, for many environments."""
        return self.aws_lambda_initialization_type == "snap-start"


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictSettings(_TicketSettings, _Keeping, EngineSettings, RecordSettings):
    """What the predict function needs. `answer_floor` and `answer_margin` are probabilities.

    Only the application with the key `server_api_key_id` may ask it. Conversations are kept for
    `conversation_days` after their last message. `next_steps` changes the vocabulary of steps.
    Records and `review_categories` are as the worker has them. Without an engine, drafts quote.
    """

    server_api_key_id: str
    knowledge_table: str
    escalation_queue_url: str
    token_days: int
    retention_days: int
    business_hours: Calendar = ALWAYS_OPEN
    conversation_days: int
    next_steps: NextSteps = STEPS_AS_SHIPPED
    bucket: str
    answer_floor: float
    answer_margin: float
    severity: Scale = AS_SHIPPED
    review_categories: Categories = NO_CATEGORIES

    @property
    def conversation_life(self) -> timedelta:
        """How long a conversation is kept after its last message."""
        return timedelta(days=self.conversation_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerSettings(FromEnvironment):
    """What the trainer function needs; its numbers are shares from 0 to 1.

    It puts the vectors of passages into `vector_bucket`, if there is one.
    """

    knowledge_table: str
    bucket: str
    answer_floor: float
    answer_margin: float
    target_precision: float
    strangers_share: float
    gate_tolerance: float
    vector_bucket: str = ""
