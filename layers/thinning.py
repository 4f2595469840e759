"""How a layer's recipe changes installed packages so that a function loads less of them.

Each change names the text that it replaces. A new version of a package whose text is another one
fails the build, so that no change is lost or misplaced in silence.
"""

import ast
from pathlib import Path

LAZY = """
_PLACES = {places!r}


def __getattr__(name):
    try:
        module, attribute = _PLACES[name]
    except KeyError:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}") from None
    from importlib import import_module

    value = globals()[name] = getattr(import_module(module, __package__), attribute)
    return value
"""


class ChangedUpstreamError(RuntimeError):
    """A package is not what the recipe was written for; the message names the file."""


def rewrite(module: Path, source: str) -> None:
    """Give a module another text; raises FileNotFoundError if there is no such module."""
    # Installers may link files to their cache: writing into one would change it everywhere.
    module.unlink()
    module.write_text(source)


def replace(module: Path, old: str, new: str) -> None:
    """Replace a text of a module that occurs exactly once. Raises ChangedUpstreamError."""
    source = module.read_text()
    if source.count(old) != 1:
        raise ChangedUpstreamError(f"{module} has {old!r} {source.count(old)} times, not once")
    rewrite(module, source.replace(old, new))


def load_on_demand(module: Path) -> None:
    """Let a module that only gathers names from its package load each when it is asked for.

    Names stay where they are for every caller (PEP 562). Raises ChangedUpstreamError if the module
    does anything else than gather.
    """
    source = module.read_text()
    places: dict[str, tuple[str, str]] = {}
    kept: list[str] = []
    for node in ast.parse(source).body:
        match node:
            case ast.ImportFrom(level=level, module=origin, names=names) if level:
                where = "." * level + (origin or "")
                places |= {each.asname or each.name: (where, each.name) for each in names}
            case ast.Expr(value=ast.Constant()) | ast.Assign(targets=[ast.Name(id="__all__")]):
                kept.append(ast.unparse(node))
            case _:
                raise ChangedUpstreamError(f"{module} does more than import: line {node.lineno}")
    if not places or "*" in places:
        raise ChangedUpstreamError(f"{module} does not name what it imports")
    rewrite(module, "\n".join(kept) + LAZY.format(places=places))
