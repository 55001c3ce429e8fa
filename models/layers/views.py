"""Test-time views: a network that does not train is shown each image in several ways, and answers their mean."""

from typing import Any, Literal

import keras
from keras import ops

from keras_suite.models.layers.manual_layer import PACKAGE

Views = Literal["none", "mirror", "shift", "mirror_and_shift"]
COUNTS: dict[str, int] = {"none": 1, "mirror": 2, "shift": 3, "mirror_and_shift": 6}


@keras.saving.register_keras_serializable(PACKAGE)
class ImageViews(keras.layers.Layer):
    """Each image, then views of it: (B, H, W, C) -> (V B, H, W, C); (B, H, W, C) as they are while training.

    Row i of the first B is image i itself. "mirror" adds its mirror image, V = 2; "shift" adds the image moved by a
    pixel down and to the right and by one up and to the left, with the border repeated, V = 3, for digits and whatever
    else a mirror changes; "mirror_and_shift" has both, and the moved mirror images, V = 6 (Jordan 2024).
    """

    def __init__(self, views: str = "mirror", **options: Any) -> None:
        super().__init__(**options)
        self.views = views

    def call(self, x: Any, training: bool | None = False) -> Any:
        if training:
            return x
        unmoved = [x] if self.views == "shift" else [x, ops.flip(x, axis=2)]
        if self.views == "mirror":
            return ops.concatenate(unmoved, axis=0)
        moved = []
        for image in unmoved:
            height, width = image.shape[1:3]
            padded = ops.concatenate([image[:, :1], image, image[:, -1:]], axis=1)
            padded = ops.concatenate([padded[:, :, :1], padded, padded[:, :, -1:]], axis=2)
            moved += [padded[:, first : first + height, first : first + width] for first in (0, 2)]
        return ops.concatenate([*unmoved, *moved], axis=0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "views": self.views}


@keras.saving.register_keras_serializable(PACKAGE)
class MeanOfViews(keras.layers.Layer):
    """The mean of the answers to the views of each image: (V B, n) -> (B, n); as they are while training."""

    def __init__(self, count: int = 2, **options: Any) -> None:
        super().__init__(**options)
        self.count = count

    def call(self, x: Any, training: bool | None = False) -> Any:
        return x if training else ops.mean(ops.reshape(x, (self.count, -1, x.shape[-1])), axis=0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}
