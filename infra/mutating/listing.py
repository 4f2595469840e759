"""Prints the mutants of a room, one JSON object on each line, made by cosmic-ray's operators.

    uv run --no-project --with cosmic-ray python -m infra.mutating.listing triage

cosmic-ray brings twenty packages that the product does not need, so it has its own environment.
Nothing is written to a file: a mutant is the text of its module.
"""

import json
import sys
from collections.abc import Iterator

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

from infra.mutating import rooms
from infra.mutating.essence import essence


def mutants(code: str) -> Iterator[tuple[int, str, str]]:
    """Yield each mutant of a module's source that counts, once: line, operator, mutated source."""
    seen = {essence(code)}
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments():
            continue  # those replace variables by names that the caller must give
        operator = kind()
        places = [
            at for node in ast_nodes(get_ast(code)) for at in operator.mutation_positions(node)
        ]
        for number, (start, _) in enumerate(places):
            mutated = mutate_code(code, operator, number)
            if mutated is None:
                continue
            try:
                counts = essence(mutated)
            except SyntaxError:
                continue
            if counts not in seen:
                seen.add(counts)
                yield start[0], name.removeprefix("core/"), mutated


def main(room: str) -> None:
    """Print the mutants of a room."""
    for path in rooms.sources(room):
        for line, operator, code in mutants(path.read_text()):
            print(json.dumps({"path": str(path), "line": line, "operator": operator, "code": code}))


if __name__ == "__main__":
    main(sys.argv[1])
