"""The head of a transfer network: what is trained anew for other classes, on top of a backbone's feature maps."""

from collections.abc import Sequence
from typing import Any, Literal

from keras import layers

from keras_suite.models.networks.blocks import KeyedLayers

HeadPooling = Literal["average", "max", "flatten"]

FEATURES = "features"  # the head's first layer: what comes before it is the backbone


def classification_head(
    add: KeyedLayers,
    x: Any,
    classes: int,
    pooling: HeadPooling,
    units: Sequence[int],
    dropout: float,
    normalised: bool = False,
) -> Any:
    """Feature maps (B, H, W, C) -> logits (B, classes): pooling, hidden dense layers, dropout before each dense layer.

    pooling: "average" or "max" over all positions gives (B, C), whatever the image's size; "flatten" keeps where things
    are, (B, H * W * C). The first layer is named "features".
    """
    kinds = {"average": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D, "flatten": layers.Flatten}
    x = kinds[pooling](name=FEATURES)(x)
    for number, count in enumerate(units, 1):
        x = add.dropout(x, dropout, name=f"dense_{number}_dropout")
        x = add.dense(x, count, name=f"dense_{number}", normalised=normalised)
    x = add.dropout(x, dropout, name="logits_dropout")
    return add.logits(x, classes)
