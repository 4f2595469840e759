"""Models in words: what was learned, how it does, where it stands."""

from helpdesk.learning import Published

from agent_cli.words.views import ModelView


def view(model: Published, current: Published | None) -> ModelView:
    """Return the view of a model, beside the one that is in force."""
    return ModelView(
        version=model.version,
        edition=model.edition,
        on_probation=model.on_probation,
        failed=model.failed,
        at=model.at,
        in_force=current is not None
        and (model.version, model.edition) == (current.version, current.edition)
        and not model.refused,
        refused=model.refused,
        intents=model.figures.intents if model.figures else None,
        precision=model.figures.precision if model.figures else None,
        answered=model.figures.answered if model.figures else None,
        strangers=model.figures.strangers if model.figures else None,
        retrieval=model.figures.retrieval if model.figures else None,
        index=model.index,
    )


def standing(row: ModelView) -> str:
    """Return what is to be said of a model: refused and why, in use, on probation."""
    if row.refused:
        return "; ".join(row.refused)
    said = ["in use"] if row.in_force else []
    if row.on_probation:
        said.append("on probation: teach 50 messages as out_of_scope")
    return ", ".join(said)


def share(number: float | None) -> str:
    """Return a share in percent; empty if there is none."""
    return "" if number is None else f"{number:.1%}"


def question(version: str | None) -> str:
    """Return what is asked before a model comes back."""
    return f"Use the model {version or 'before the present one'} from now on?"


def done(version: str) -> str:
    """Return what is said when a model came back."""
    return f"{version} is now in use"
