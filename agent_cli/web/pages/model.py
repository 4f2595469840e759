"""The models that were learned: how they do, and the way back to an earlier one."""

from agent_cli.web.asking import Asked, Led, Page, Shown
from agent_cli.web.exhibits import model
from agent_cli.words import models

DAYS = 30
"""Days of which ratings and reasons are shown."""


def shown(asked: Asked) -> Shown:
    """Show how the model in use does, how models went on, and what they leave to people."""
    published = asked.desk.parts.models
    current, history = published.current(), published.history()
    found = asked.desk.board(DAYS)
    rows = [models.view(each, current) for each in reversed(history)]
    values = {
        "rows": rows,
        "standing_of": models.standing,
        "share": models.share,
        "leads": asked.desk.agent().leads,
        "edition": current.edition if current else None,
        "exhibits": [
            model.reliability(current),
            model.coverage(current),
            model.golden(history),
            model.unhelpful(found),
            model.unknown(found),
        ],
    }
    return Shown("model.html", values)


def asks(asked: Asked) -> Shown:
    """Ask whether an earlier model shall come back."""
    version = asked.path("version")
    values = {"version": version, "question": models.question(version)}
    return Shown("model_rollback.html", {**values, "leads": asked.desk.agent().leads})


def goes_back(asked: Asked) -> Led:
    """Put an earlier model in force, as the agent agreed to."""
    chosen = asked.desk.roll_back(asked.path("version"))
    return Led("/model", models.done(chosen.version))


PAGES: dict[str, tuple[str, Page]] = {
    "GET /model": ("model", shown),
    "GET /model/rollback/{version}": ("model-rollback", asks),
    "POST /model/rollback/{version}": ("model-rollback", goes_back),
}
