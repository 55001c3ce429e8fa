"""Faults written by hand: slips that no operator makes, and those that an earlier check let through."""

from keras_suite.models.gradient_check.mutants.mutant import Mutant, by_hand

# Module, function, what it was, what it is.
FAULTS = (
    ("batch_normalization", "_fused_backward", "return (fused.x_backprop,", "return (fused.x_backprop / 2,"),
    ("batch_normalization", "_fused_backward", "_cast(fused.scale_backprop,", "_cast(fused.scale_backprop / 2,"),
    ("batch_normalization", "_fused_backward", "epsilon=cache.epsilon", "epsilon=0.001"),
    ("conv_primitives", "_correlated", "'VALID', dilations=dilation", "'VALID', dilations=dilation[::-1]"),
    ("conv_primitives", "_input_gradient", "dilations=(1, *dilation, 1)", "dilations=(1, *dilation[::-1], 1)"),
    ("conv_primitives", "kernel_gradient", "dilations=(1, *dilation, 1)", "dilations=(1, *dilation[::-1], 1)"),
    ("convolution", "backward", "*steps, groups, cache", "*steps, 1, cache"),
    ("conv_primitives", "_input_gradient", "*row, groups, padding", "*row, 1, padding"),
    ("conv_primitives", "_correlated", "tf.split(kernel, groups, -1)", "tf.split(kernel, groups, -1)[::-1]"),
    ("convolution", "_by_group", "tf.split(kernel, groups, -1)", "tf.split(kernel, groups, -1)[:1] * groups"),
    ("convolution", "_written_out", "for x, dy in pairs], axis=-1", "for x, dy in reversed(list(pairs))], axis=-1"),
    ("convolution", "input_gradient", "k + rest", "k"),
    ("op", "sum_over", "tf.reduce_sum(at_least_float32(x), axes)", "tf.reduce_sum(x, axes)"),
    ("op", "mean_over", "tf.reduce_mean(at_least_float32(x), axes)", "tf.reduce_mean(x, axes)"),
    ("locally_connected", "_product", "at_least_float32(a), at_least_float32(b)", "a, b"),
    (
        "losses",
        "softmax_cross_entropy_forward",
        "tf.exp(log_s) * tf.reduce_sum(y, axis=-1, keepdims=True) - y",
        "tf.exp(log_s) - y",
    ),
    (
        "losses",
        "kl_divergence_forward",
        "tf.exp(log_s) * tf.reduce_sum(y, axis=-1, keepdims=True) - y",
        "tf.exp(log_s) - y",
    ),
    (
        "losses",
        "hinge_forward",
        "tf.cast(terms > 0, z.dtype)",
        "tf.cast((1 - y) * (z - correct + margin) >= 0, z.dtype) * (1 - y)",
    ),
    ("losses", "_rows", "tf.shape(z)[0]", "tf.shape(z)[1]"),
    ("losses", "_entries", "tf.size(z)", "tf.shape(z)[0]"),
    (
        "activations",
        "maxout_forward",
        "(tf.argmax(groups, axis=-1), pieces)",
        "(pieces - 1 - tf.argmax(groups[..., ::-1], axis=-1), pieces)",
    ),
    (
        "global_pooling",
        "global_max_pooling2d_forward",
        "tf.argmax(pixels, axis=1)",
        "tf.argmax(tf.reverse(pixels, [1]), axis=1) * -1 + tf.cast(height * width - 1, tf.int64)",
    ),
    ("upsampling", "max_unpooling2d_backward", "cache.positions", "cache.positions[:, ::-1]"),
    ("upsampling", "max_unpooling2d_forward", "tf.math.unsorted_segment_sum", "tf.math.unsorted_segment_max"),
    ("upsampling", "nearest_upsampling2d_backward", "[2, 4]", "[1, 3]"),
    ("core", "flatten_backward", "[-1, *rest]", "[-1, *rest[::-1]]"),
    ("core", "permute_forward", "tuple(inverse)", "tuple(axes)"),
    ("core", "dropout_backward", "dy * mask / (1 - rate)", "dy * mask"),
    ("core", "add_backward", "return (dy, dy)", "return (dy, 2 * dy)"),
    ("pooling", "_primitive_max_gradient", "ksize=(1, *windows.pool, 1)", "ksize=(1, *windows.pool[::-1], 1)"),
    ("pooling", "_primitive_max_gradient", "strides=(1, *windows.stride, 1)", "strides=(1, *windows.stride[::-1], 1)"),
    ("pooling", "_won", "entry > y", "entry >= y"),
    ("windows", "seen_by", "slice(a * d, a * d + (n - 1) * s + 1, s)", "slice(a, a + (n - 1) * s + 1, s)"),
    ("windows", "unpad", "tf.math.unsorted_segment_sum", "tf.math.unsorted_segment_max"),
    ("lstm", "forth", "z_i, z_f, z_g, z_o = ", "z_i, z_f, z_o, z_g = "),
    ("lstm", "back", "[dz_i, dz_f, dz_g, dz_o]", "[dz_f, dz_i, dz_g, dz_o]"),
    ("lstm_sequence", "lstm_backward", "sum_over(dz, [0, 1])", "sum_over(dz[:, -1], [0])"),
)


def by_hand_mutants() -> list[Mutant]:
    """Return them all."""
    return [by_hand(*fault) for fault in FAULTS]
