"""Networks as their papers have them: the images, classes and head that `shapes` shows without `--input`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Published:
    """What a network was published with.

    Attributes:
        input_shape: (height, width, channels)
        classes: The number of outputs.
        options: Of the suite's builder, where they differ from its defaults.
        source: The paper.
    """

    input_shape: tuple[int, int, int]
    source: str
    classes: int = 1000
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        size = "x".join(map(str, self.input_shape))
        return f"As published, for {size} images and {self.classes:,} classes: {self.source}."


PUBLISHED: Mapping[str, Published] = {
    "mnist_demo_net": Published((28, 28, 1), "the mnist_cnn example of Keras", classes=10),
    "alexnet": Published((227, 227, 3), "Krizhevsky, Sutskever and Hinton 2012, without the split over two GPUs"),
    "vgg16": Published(
        (224, 224, 3),
        "Simonyan and Zisserman 2014, configuration D",
        options={"pooling": "flatten", "units": [4096, 4096]},
    ),
    "resnet50": Published((224, 224, 3), "He et al. 2015"),
    "mobilenet_v2": Published((224, 224, 3), "Sandler et al. 2018"),
    "efficientnet_v2_b0": Published((224, 224, 3), "Tan and Le 2021, the size B0 of Keras"),
    "efficientnet_lite0": Published((224, 224, 3), "Google's EfficientNet-Lite 2020"),
}
