"""Table of contents: the ops whose gradients are derived by hand, and where their cases for the checks are sampled.

Each value is "module:function"; the function takes a `Choose` and returns a `Case`.
"""

_ROOM = "keras_suite.models.gradient_check.cases"

CASES = {
    "conv1d": f"{_ROOM}.convolution:conv1d_case",
    "conv2d": f"{_ROOM}.convolution:conv2d_case",
    "conv3d": f"{_ROOM}.convolution:conv3d_case",
    "conv2d_transpose": f"{_ROOM}.convolution:conv2d_transpose_case",
    "locally_connected2d": f"{_ROOM}.convolution:locally_connected2d_case",
    "max_pooling2d": f"{_ROOM}.pooling:max_pooling2d_case",
    "average_pooling2d": f"{_ROOM}.pooling:average_pooling2d_case",
    "global_average_pooling2d": f"{_ROOM}.pooling:global_average_pooling2d_case",
    "global_max_pooling2d": f"{_ROOM}.pooling:global_max_pooling2d_case",
    "max_unpooling2d": f"{_ROOM}.pooling:max_unpooling2d_case",
    "nearest_upsampling2d": f"{_ROOM}.pooling:nearest_upsampling2d_case",
    "lstm_cell": f"{_ROOM}.lstm:lstm_cell_case",
    "lstm": f"{_ROOM}.lstm:lstm_case",
    "dense": f"{_ROOM}.core:dense_case",
    "flatten": f"{_ROOM}.core:flatten_case",
    "permute": f"{_ROOM}.core:permute_case",
    "add": f"{_ROOM}.core:add_case",
    "sigmoid": f"{_ROOM}.activations:sigmoid_case",
    "tanh": f"{_ROOM}.activations:tanh_case",
    "relu": f"{_ROOM}.activations:relu_case",
    "leaky_relu": f"{_ROOM}.activations:leaky_relu_case",
    "elu": f"{_ROOM}.activations:elu_case",
    "maxout": f"{_ROOM}.activations:maxout_case",
    "softmax": f"{_ROOM}.activations:softmax_case",
    "batch_normalization": f"{_ROOM}.core:batch_normalization_case",
    "masked_batch_normalization": f"{_ROOM}.core:masked_batch_normalization_case",
    "batch_normalization_inference": f"{_ROOM}.core:batch_normalization_inference_case",
    "dropout": f"{_ROOM}.core:dropout_case",
    "softmax_cross_entropy": f"{_ROOM}.losses:softmax_cross_entropy_case",
    "binary_cross_entropy": f"{_ROOM}.losses:binary_cross_entropy_case",
    "mean_squared_error": f"{_ROOM}.losses:mean_squared_error_case",
    "hinge": f"{_ROOM}.losses:hinge_case",
    "kl_divergence": f"{_ROOM}.losses:kl_divergence_case",
}
