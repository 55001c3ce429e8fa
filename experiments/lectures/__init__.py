"""Table of contents: the topics of the lectures, each "module:function" that returns its page's content.

Every number on a page is computed by the ops in `models/` when the page is written. A new topic is one function and one
line here.
"""

_ROOM = "keras_suite.experiments.lectures"

TOPICS = {
    "filters": f"{_ROOM}.filtering:filters",
    "correlation_and_convolution": f"{_ROOM}.filtering:correlation_and_convolution",
    "associativity": f"{_ROOM}.filtering:associativity",
    "convolution": f"{_ROOM}.convolving:convolution",
    "convolution_backward": f"{_ROOM}.convolving:convolution_backward",
    "padding_and_stride": f"{_ROOM}.convolving:padding_and_stride",
    "output_sizes": f"{_ROOM}.sizes:output_sizes",
    "im2col": f"{_ROOM}.sizes:im2col_product",
    "receptive_field": f"{_ROOM}.sizes:receptive_field_lecture",
    "dense_as_convolution": f"{_ROOM}.sizes:dense_as_convolution",
    "pooling": f"{_ROOM}.pooling:pooling",
    "unpooling": f"{_ROOM}.pooling:unpooling",
    "dilated_convolution": f"{_ROOM}.convolving:dilated_convolution",
    "transposed_convolution": f"{_ROOM}.pooling:transposed_convolution",
    "batch_normalization": f"{_ROOM}.deep:batch_normalization_modes",
    "residual": f"{_ROOM}.deep:residual",
    "chain_rule": f"{_ROOM}.gradients:chain_rule",
    "step_size": f"{_ROOM}.gradients:step_size",
    "iterations": f"{_ROOM}.gradients:iterations",
    "cross_validation": f"{_ROOM}.checking:cross_validation",
}
