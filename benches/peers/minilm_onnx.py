"""MiniLM for ONNX Runtime: its graph in fused operators, straight from the safetensors file, in f32 and int8.

The f32 graph is what onnxruntime.transformers makes of an exported MiniLM: EmbedLayerNormalization, Attention,
SkipLayerNormalization and BiasGelu, and the mean over the tokens as a unit vector. It has no mask, for the
texts of one batch are of one length here; a mask only makes it slower. The int8 graph is quantize_dynamic's.
"""

import logging

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file

LAYERS = 6
HEADS = 12
SIZE = 384
EPSILON = 1e-12


class Graph:
    """The nodes and constants of a graph while it is built."""

    def __init__(self, weights):
        self.weights = weights
        self.nodes = []
        self.constants = []

    def constant(self, name, values):
        self.constants.append(numpy_helper.from_array(numpy.ascontiguousarray(values), name))
        return name

    def weight(self, name):
        return self.constant(name, self.weights[name])

    def transposed(self, name):
        return self.constant(name, self.weights[name].T)

    def node(self, operator, inputs, output, domain="com.microsoft", **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **attributes))
        return output

    def embedded(self):
        # All tokens are of kind 0, so that its embedding can be added to the positions'.
        kind = self.weights["embeddings.token_type_embeddings.weight"][0]
        positions = self.constant("positions", self.weights["embeddings.position_embeddings.weight"] + kind)
        words = self.weight("embeddings.word_embeddings.weight")
        norm = [self.weight(f"embeddings.LayerNorm.{part}") for part in ("weight", "bias")]
        inputs = ["ids", "", words, positions, "", *norm]
        self.nodes.append(helper.make_node("EmbedLayerNormalization", inputs, ["embedded", "lengths"],
                                           domain="com.microsoft", epsilon=EPSILON))
        return "embedded"

    def product(self, rows, dense):
        """Without its bias, which the operator after it adds."""
        return self.node("MatMul", [rows, self.transposed(f"{dense}.weight")], f"{dense}.product", domain="")

    def added(self, rows, skipped, dense, norm):
        weights = [self.weight(name) for name in (f"{norm}.weight", f"{norm}.bias", f"{dense}.bias")]
        return self.node("SkipLayerNormalization", [rows, skipped, *weights], norm, epsilon=EPSILON)

    def layer(self, rows, number):
        layer = f"encoder.layer.{number}"
        parts = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        weight = numpy.concatenate([self.weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = numpy.concatenate([self.weights[f"{part}.bias"] for part in parts])
        inputs = [rows, self.constant(f"{layer}.qkv.weight", weight), self.constant(f"{layer}.qkv.bias", bias)]
        attended = self.node("Attention", inputs, f"{layer}.attended", num_heads=HEADS)
        output = f"{layer}.attention.output"
        rows = self.added(self.product(attended, f"{output}.dense"), rows, f"{output}.dense", f"{output}.LayerNorm")
        wide = self.product(rows, f"{layer}.intermediate.dense")
        wide = self.node("BiasGelu", [wide, self.weight(f"{layer}.intermediate.dense.bias")], f"{layer}.wide")
        output = f"{layer}.output"
        return self.added(self.product(wide, f"{output}.dense"), rows, f"{output}.dense", f"{output}.LayerNorm")

    def model(self):
        rows = self.embedded()
        for number in range(LAYERS):
            rows = self.layer(rows, number)
        axes = self.constant("axes", numpy.array([1], dtype=numpy.int64))
        mean = self.node("ReduceMean", [rows, axes], "mean", domain="", keepdims=0)
        self.node("LpNormalization", [mean], "embeddings", domain="", axis=-1, p=2)
        ids = helper.make_tensor_value_info("ids", TensorProto.INT32, ["texts", "tokens"])
        embeddings = helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["texts", SIZE])
        graph = helper.make_graph(self.nodes, "minilm", [ids], [embeddings], self.constants)
        operators = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=operators, ir_version=9)


def write(weights, folder):
    """Writes both graphs and gives their paths by name.

    Of the ways to quantise, i8 weights with a scale for each output channel are the fastest: u8 weights are about
    as slow as f32 where the processor has VNNI, and one scale for a whole matrix is no faster and costs much of
    the cosine. reduce_range is for processors without VNNI. MatMulNBits in 8 bits is closer to f32 (a cosine of
    0.998 instead of 0.98 to 0.99), but takes 1.7 times as long.
    """
    paths = {"f32": folder / "minilm-f32.onnx", "int8": folder / "minilm-int8.onnx"}
    onnx.save(Graph(load_file(weights)).model(), paths["f32"])
    logging.getLogger().setLevel(logging.ERROR)
    quantize_dynamic(paths["f32"], paths["int8"], op_types_to_quantize=["Attention", "MatMul"], per_channel=True,
                     reduce_range=False, weight_type=QuantType.QInt8,
                     extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT})
    return paths


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    # Threads spin within a run, which is the fast default, but not after it, when others are timed.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
