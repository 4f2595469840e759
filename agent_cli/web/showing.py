"""The console's templates: what each page has, and the words they share with the terminal."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent_cli.web.asking import FIELD, Console
from agent_cli.words import files, harmless, times

HERE = Path(__file__).parent
STATIC = HERE / "static"


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the navigation: its address and its name."""

    path: str
    name: str


@cache
def environment() -> Environment:
    """Return the environment of the templates: all values are escaped, none may be missing."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "age": times.age,
        "minute": times.minute,
        "second": times.second,
        "span": times.span,
        "size": files.size,
        "line": harmless.one_line,
        "paragraph": harmless.paragraph,
        "iso": datetime.isoformat,
        "words": lambda name: str(name).replace("_", " "),
    }
    found.globals |= {"static": address_of, "field": FIELD}
    return found


@cache
def address_of(name: str) -> str:
    """Return the address of a static file; it changes with the file, so browsers may keep it."""
    content = (STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def renderer(places: tuple[Place, ...]) -> Callable[[Console, str, Mapping[str, Any]], str]:
    """Return what makes a page from a template. `places` are those of the navigation."""

    def render(console: Console, template: str, values: Mapping[str, Any]) -> str:
        always = {
            "places": places,
            "standing": console.standing,
            "form_value": console.keys.form,
            "now": console.clock(),
            "asked": None,
        }
        return environment().get_template(template).render({**always, **values})

    return render
