"""Rewrite a graph as onnxruntime would at each start. Runs at build time.

    python optimise.py GRAPH

Fuses and folds what is the same on every processor, so that a start only has to read the file. The
vectors stay the same to the last bit, so models that were fitted before fit the result too; that is
checked here, and why this is no part of the encoder's identity.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime

PIECES = ([101, 2073, 2003, 2026, 2344, 102], [101, 1045, 2215, 2026, 2769, 2067, 999, 102])


class ChangedVectorError(RuntimeError):
    """The rewritten graph does not give the same vectors."""


def session(graph: Path, *, rewritten: Path | None = None) -> onnxruntime.InferenceSession:
    """Return a session that optimises as it starts, and stores what it made of the graph."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    if rewritten:
        options.optimized_model_filepath = str(rewritten)
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def optimise(graph: Path) -> None:
    """Put the rewritten graph in place of the given one. Raises ChangedVectorError."""
    rewritten = graph.with_suffix(".rewritten")
    before, after = session(graph, rewritten=rewritten), session(rewritten)
    for pieces in PIECES:
        given = {
            "pieces": np.array([pieces], np.int64),
            "mask": np.ones((1, len(pieces)), np.int32),
        }
        if not np.array_equal(before.run(None, given)[0], after.run(None, given)[0]):
            raise ChangedVectorError(f"{graph.name} gives other vectors once it is rewritten")
    rewritten.replace(graph)


if __name__ == "__main__":
    optimise(Path(sys.argv[1]))
