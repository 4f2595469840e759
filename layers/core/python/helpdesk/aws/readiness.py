"""What a stack lacks to take and to answer questions. Asking costs two reads and a call a queue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from helpdesk.aws.models import CURRENT
from helpdesk.aws.queues import SqsQueue
from helpdesk.aws.tables import Table
from helpdesk.ports import QueueUnavailableError


@dataclass(frozen=True, slots=True)
class Missing:
    """What is missing, and a sentence that says so, without the names of resources."""

    what: str
    why: str


def missing(
    tickets: Table, knowledge: Table, queues: Mapping[str, SqsQueue]
) -> tuple[Missing, ...]:
    """Return everything that does not answer, in the order in which a question travels."""
    asked: dict[str, Callable[[], object]] = {
        "tickets table": lambda: _look(tickets, "TICKET#health", "TICKET"),
        **{f"{name} queue": queue.depth for name, queue in queues.items()},
    }
    found = [_silent(what, ask) for what, ask in asked.items()]
    found.append(_untaught(knowledge))
    return tuple(each for each in found if each)


def _untaught(knowledge: Table) -> Missing | None:
    models: list[bool] = []
    silent = _silent("knowledge table", lambda: models.append(_look(knowledge, **CURRENT)))
    if silent or any(models):
        return silent
    return Missing("knowledge", "No model is published. Load the articles first.")


def _look(table: Table, pk: str, sk: str) -> bool:
    return table.get_item(Key={"pk": pk, "sk": sk}) is not None


def _silent(what: str, ask: Callable[[], object]) -> Missing | None:
    """Ask, and return what is missing if there is no answer."""
    try:
        ask()
    except ClientError as error:
        why = error.response["Error"].get("Code", "Unknown")
    except (BotoCoreError, QueueUnavailableError) as error:
        why = type(error.__cause__ or error).__name__
    else:
        return None
    return Missing(what, f"The {what} does not answer: {why}.")
