"""What each command prints with `--output json`, by the command's name."""

from typing import Any

from helpdesk.curation import Revision
from helpdesk.figures import Figures
from helpdesk.knowledge import Article
from helpdesk.linting import Finding
from helpdesk.operations import QueueStatus
from helpdesk.stats import Happening, Stats

from agent_cli.evaluation.views import EvaluationView
from agent_cli.words.channels import ChannelView
from agent_cli.words.customers import CustomerExportView, CustomersView, GatheredView
from agent_cli.words.documents import (
    AdoptionView,
    DocumentImportView,
    DocumentView,
    PiecesView,
    ReplyView,
)
from agent_cli.words.files import FileView
from agent_cli.words.incidents import IncidentsView, IncidentTicketsView, RepliedView
from agent_cli.words.lists import ExportView, PageView
from agent_cli.words.mails import HeldView, OriginalView, SentView, TrialView
from agent_cli.words.records import ForgottenView, HoldingView, RecordsImportView
from agent_cli.words.spending import SpentView
from agent_cli.words.tickets import ErasedView, EventView, OpenedView, TicketRow, TicketView
from agent_cli.words.views import (
    AgentView,
    CannedView,
    CheckView,
    ConsoleView,
    FactsView,
    FactView,
    ImportView,
    LetterView,
    ModelView,
    OptionView,
    ReplaceView,
    TextView,
    VerdictView,
)

OUTPUTS: dict[str, Any] = {
    "ticket list": PageView,
    "ticket search": PageView,
    "ticket export": ExportView,
    "ticket next": TicketView,
    "ticket claim": TicketView,
    "ticket show": TicketView,
    "ticket reply": TicketRow,
    "ticket review": PageView,
    "ticket approve": TicketRow,
    "ticket dismiss": TicketRow,
    "ticket note": TicketRow,
    "ticket release": TicketRow,
    "ticket transfer": list[TicketRow],
    "ticket new": OpenedView,
    "ticket tag": list[TicketRow],
    "ticket spam": list[TicketRow],
    "ticket merge": TicketRow,
    "ticket split": TicketRow,
    "ticket snooze": TicketRow,
    "ticket close": list[TicketRow],
    "ticket reopen": TicketRow,
    "ticket revoke": TicketRow,
    "ticket tail": Happening,
    "ticket history": list[EventView],
    "ticket files": list[FileView],
    "ticket mails": list[OriginalView],
    "ticket erase": list[ErasedView],
    "customer show": CustomersView,
    "customer join": CustomersView,
    "customer separate": list[CustomersView],
    "customer export": CustomerExportView,
    "customer gather": GatheredView,
    "incident list": IncidentsView,
    "incident show": IncidentTicketsView,
    "incident reply": list[RepliedView],
    "mail quarantine": list[HeldView],
    "mail release": list[HeldView],
    "mail test": TrialView,
    "mail became": TrialView,
    "mail list": list[SentView],
    "mail show": SentView,
    "records import": RecordsImportView,
    "records show": HoldingView,
    "records forget": ForgottenView,
    "notify list": list[ChannelView],
    "notify test": ChannelView,
    "notify on": ChannelView,
    "queue status": list[QueueStatus],
    "queue spent": list[SpentView],
    "deadletter list": list[LetterView],
    "deadletter show": LetterView,
    "deadletter redrive": list[LetterView],
    "deadletter discard": list[LetterView],
    "knowledge lint": list[Finding],
    "knowledge list": list[Article],
    "knowledge show": Article,
    "knowledge add": Revision,
    "knowledge edit": Revision | None,
    "knowledge remove": Revision,
    "knowledge import": ImportView,
    "knowledge replace": ReplaceView,
    "knowledge export": list[Article | FactsView],
    "knowledge history": list[Revision],
    "knowledge rollback": Revision,
    "knowledge test": VerdictView,
    "knowledge document import": list[DocumentImportView],
    "knowledge document list": list[DocumentView],
    "knowledge document show": PiecesView,
    "knowledge document forget": DocumentView,
    "knowledge reply adopt": AdoptionView,
    "knowledge reply list": list[ReplyView],
    "knowledge reply drop": list[ReplyView],
    "knowledge fact list": list[FactView],
    "knowledge fact set": FactView,
    "knowledge fact remove": FactView,
    "model list": list[ModelView],
    "model rollback": ModelView,
    "web": ConsoleView,
    "agent list": list[AgentView],
    "agent set": AgentView,
    "agent remove": AgentView,
    "text list": list[TextView],
    "text show": TextView,
    "text set": TextView,
    "text history": list[TextView],
    "canned list": list[CannedView],
    "canned show": CannedView,
    "canned set": CannedView,
    "canned remove": CannedView,
    "stats": Stats | Figures,
    "doctor": list[CheckView],
    "config list": list[OptionView],
    "config get": OptionView,
    "config set": OptionView,
    "config unset": OptionView,
    "evaluate": EvaluationView,
}
"""With `--output jsonl`, each line is one of a list, or one of the `items` of a page."""
