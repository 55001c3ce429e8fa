"""Mutants that compute the same, each with the reason: no check could find them, and none should.

Some differ at points that no case draws; the test that holds each of them is named.
"""

from typing import Literal

_ROUNDED = "in half precision each entry is rounded a few times more, which is within the bound; nothing is added up"
_SAME = "the other branch computes the same"
_FEW = "in half precision a sum of as many terms as a kernel has taps is within the bound"
_RIGHT_BACKWARD = "TensorFlow 2.21's kernel errs over idle strides in the forward pass, and not in this one"

EQUIVALENTS: dict[str, str] = {
    "lstm_sequence._by_step: if isinstance(steps, int) and steps <= UNROLLED -> if False": (
        "a scan takes the same steps that are written out"
    ),
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
    "activations.sigmoid_backward: tf.raw_ops.SigmoidGrad(y=y, dy=dy) if method == 'primitive … -> "
    "tf.raw_ops.SigmoidGrad(y=y, dy=dy)": "TensorFlow's kernel is for the same product",
    "activations.tanh_backward: tf.raw_ops.TanhGrad(y=y, dy=dy) if method == 'primitive' e … -> "
    "tf.raw_ops.TanhGrad(y=y, dy=dy)": "TensorFlow's kernel is for the same product",
    "activations.relu_forward: method == 'primitive' -> method != 'primitive'": "both are the larger of x and 0",
    "activations.relu_backward: if method == 'primitive' -> if False": _SAME,
    "activations.leaky_relu_backward: if method == 'primitive' -> if False": _SAME,
    "activations.elu_backward: if method == 'primitive' -> if False": _SAME,
    "activations.leaky_relu_forward: if x.dtype == tf.float64 -> if False": (
        "the slope rounded to float32, which is within the bound: tests/models/ops/test_activations.py"
    ),
    "conv_geometry.output_size: 2 * padding -> padding": (
        "no op calls it with padding, as layers' tables do: tests/models/ops/test_conv_geometry.py"
    ),
    "conv_primitives.pads: max(stride) > 1 -> max(stride) >= 1": "what kernels do not pad is padded before them",
    "conv_primitives.correlate: x[:, *map(slice, reach)] if reach else x -> x[:, *map(slice, reach)]": (
        "without a reach, x[:,] is x"
    ),
    "conv_primitives._lengthening: s if s > 1 else 0 -> s": "a pixel more is an output more, which is left out",
    "depthwise_convolution._way: if max(geometry.dilation) == 1 and len(set(geometry.stride))  … -> if False": _SAME,
    "depthwise_convolution._way: if max(geometry.stride) == 1 -> if False": _SAME,
    "depthwise_convolution._is_faulty: max(geometry.stride) > 1 -> max(geometry.stride) >= 1": _SAME,
    "depthwise_convolution._by_taps: at_least_float32(cache.padded) -> cache.padded": _FEW,
    "depthwise_convolution._of_phases: (1,) * len(geometry.stride) -> (1,)": "no phase's kernel is told a dilation",
    "pooling.max_pooling2d_forward: if winner is None -> if False": "of NaN alone: tests/models/ops/test_pooling.py",
    "pooling.average_pooling2d_backward: if cache.method == 'primitive' -> if False": _SAME,
    "pooling._pixels: if all((isinstance(size, int) for size in windows.sizes)) -> if False": _SAME,
    "upsampling.nearest_upsampling2d_backward: if cache.method == 'derivation' or on_gpu or dy.dtype == tf.f … -> "
    "if False": "the kernel adds up the same, in another order",
    "upsampling.nearest_upsampling2d_backward: down * right -> down": "the kernel adds up the same, in another order",
    "windows.pad: if none_of([n for pair in amounts for n in pair]) -> if False": "padding by nothing is x",
    "windows.unpad: if none_of([n for pair in amounts for n in pair]) -> if False": "padding by nothing is x",
    "windows._sources: mode == 'reflect' -> mode != 'reflect'": (
        "the branch only refuses: tests/models/ops/test_windows.py"
    ),
    "windows.col2im: at_least_float32(columns) -> columns": _FEW,
    "conv_primitives.input_gradient: if reach and padding == 'VALID' -> if False": _RIGHT_BACKWARD,
    "conv_primitives.input_gradient: if more -> if False": _RIGHT_BACKWARD,
    "layer_normalization.layer_normalization_forward: at_least_float32(x) -> x": _ROUNDED,
    "attention._in_a_row: if x.shape.rank == 4 -> if False": "it is brought into its own shape",
}

Kernel = Literal["dilated", "grouped", "faulty float32", "faulty bfloat16", "faulty depthwise"]

# Passages that make a difference only on devices where TensorFlow has gradients of dilated or grouped convolutions, or
# whose kernels err over idle strides.
OF_SOME_DEVICES: dict[str, Kernel] = {
    "conv_primitives._input_gradient: dilations=(1, *dilation, 1) -> dilations=(1, *dilation[::-1], 1)": "dilated",
    "conv_primitives.kernel_gradient: dilations=(1, *dilation, 1) -> dilations=(1, *dilation[::-1], 1)": "dilated",
    "conv_primitives._input_gradient: *row, groups, padding -> *row, 1, padding": "grouped",
    "convolution.backward: *steps, groups, cache -> *steps, 1, cache": "grouped",
    "conv_primitives._faulty: dtype == tf.float32 -> dtype != tf.float32": "faulty float32",
    "conv_primitives._faulty: dtype == tf.bfloat16 -> dtype != tf.bfloat16": "faulty bfloat16",
    "depthwise_convolution._of_groups: kernel.shape[2] * kernel.shape[3] -> kernel.shape[2]": "grouped",
    "depthwise_convolution._of_groups: kernel.shape[2] * kernel.shape[3] -> kernel.shape[3]": "grouped",
    "depthwise_convolution._is_faulty: dtype == tf.bfloat16 -> dtype != tf.bfloat16": "faulty depthwise",
}
