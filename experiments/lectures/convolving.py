"""Convolution step by step: forward, backward, with padding, stride and dilation."""

from keras_suite.experiments.lectures.windows import backward, sliding
from keras_suite.reports.page.lecture import Lecture

CHAPTER = "Convolution"
IMAGE = ((1, 2, 0, 1), (0, 1, 3, 1), (2, 1, 0, 0), (1, 0, 1, 2))
KERNEL = ((1, 0), (-1, 2))
WIDE = ((1, 0, 2, 1, 0), (0, 1, 1, 0, 2), (2, 1, 0, 1, 1), (1, 0, 1, 2, 0), (0, 2, 1, 0, 1))
CROSS = ((0, 1, 0), (1, -4, 1), (0, 1, 0))
GRADIENT = ((1, 0, 2), (0, -1, 0), (1, 0, 1))
CHECK = "keras-suite check gradients --op conv2d"
OPS = ("models/ops/convolution.py", "models/ops/windows.py")


def convolution() -> Lecture:
    """Return the topic of the forward pass."""
    return Lecture(
        "convolution",
        CHAPTER,
        "Convolution: one small kernel, everywhere",
        (
            "A window slides over the image; the products of what is under it with the kernel are added up to one "
            "output: y[p] = b + Σ x[p + a] w[a].",
            "The same few weights are used at every place, so what is learnt in one corner is known in all of them.",
            "A 4x4 image and a 2x2 kernel leave (4 − 2) + 1 = 3 places in each direction.",
        ),
        (sliding("A 2x2 kernel over a 4x4 image", IMAGE, KERNEL),),
        commands={CHECK: "its gradients, checked"},
        experiments={"mlp_or_cnn": "how many parameters it saves, and translation"},
        code=OPS,
    )


def convolution_backward() -> Lecture:
    """Return the topic of the backward pass."""
    return Lecture(
        "convolution_backward",
        CHAPTER,
        "Convolution backward: every output's gradient goes to all that made it",
        (
            "An output was made of a window of x and of the kernel; its gradient dy goes back to both, times the other "
            "one.",
            "Added up over all outputs, dw is the input correlated with dy, and dx is dy convolved in full with the "
            "kernel: the kernel rotated by 180 degrees over dy with zeros around.",
            "Nothing else is needed to train a convolutional network by hand.",
        ),
        (backward("The gradients of a 2x2 kernel and of a 4x4 image", IMAGE, KERNEL, GRADIENT),),
        commands={CHECK: "the same against difference quotients and TensorFlow"},
        experiments={"mnist_zero_one_scratch": "a network trained by hand-written backward passes"},
        code=(*OPS, "models/scratch_model.py"),
    )


def padding_and_stride() -> Lecture:
    """Return the topic of zeros around the image, and of steps larger than 1."""
    return Lecture(
        "padding_and_stride",
        CHAPTER,
        "Padding keeps the size, a stride reduces it",
        (
            "With P zeros on each side and a window F wide that moves by S, (W − F + 2 P) / S + 1 places fit, rounded "
            "down.",
            "P = (F − 1) / 2 with S = 1 keeps the size: 5 − 3 + 2 + 1 = 5.",
            "S = 2 computes every second output and halves the size: (5 − 3) / 2 + 1 = 2.",
        ),
        (
            sliding("3x3 with one zero on each side: 5x5 stays 5x5", WIDE, CROSS, padding=1),
            sliding("3x3 with stride 2: 5x5 becomes 2x2", WIDE, CROSS, stride=2),
        ),
        experiments={
            "padding_modes": "zeros, reflection or edge beyond the border",
            "downsampling": "maxima, means or a stride",
        },
        code=(*OPS, "models/ops/conv_geometry.py"),
    )


def dilated_convolution() -> Lecture:
    """Return the topic of windows with gaps."""
    return Lecture(
        "dilated_convolution",
        CHAPTER,
        "Dilated convolution: a wide view for the price of a small kernel",
        (
            "With dilation D the kernel's taps lie D pixels apart: F taps reach over (F − 1) D + 1 pixels.",
            "3x3 with D = 2 sees 5x5 pixels with nine weights instead of 25.",
            "Dilations 1, 2, 4 … double the view with every layer without a stride, which segmentation needs.",
        ),
        (sliding("2x2 with dilation 2 over 5x5: it reaches over 3x3", WIDE, KERNEL, dilation=2),),
        experiments={
            "receptive_field": "two 3x3, one 5x5, or a dilated 3x3",
            "digit_segmentation": "dilation, or down and up again",
        },
        code=OPS,
    )
