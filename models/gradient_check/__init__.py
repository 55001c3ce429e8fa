"""Table of contents: the ops whose gradients are derived by hand, and where their cases for the checks are drawn.

Each value is "module:function"; the function takes a `Choose` and gives a `Case`.
"""

_ROOM = "models.gradient_check.cases"

CASES = {
    "conv1d": f"{_ROOM}.convolution:conv1d_case",
    "conv2d": f"{_ROOM}.convolution:conv2d_case",
    "conv3d": f"{_ROOM}.convolution:conv3d_case",
}
