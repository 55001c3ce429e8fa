"""What networks of Keras Applications expect of pixels, as a layer: so a saved model takes plain images."""

from typing import Any

import keras
from keras.applications import mobilenet_v2, resnet, vgg16

from keras_suite.models.layers.manual_layer import PACKAGE

PREPROCESSING = {
    "vgg16": vgg16.preprocess_input,  # BGR less ImageNet's mean
    "resnet50": resnet.preprocess_input,  # the same
    "mobilenet_v2": mobilenet_v2.preprocess_input,  # -1..1
}


@keras.saving.register_keras_serializable(PACKAGE)
class KerasPreprocessing(keras.layers.Layer):
    """RGB pixels 0..255 (B, H, W, 3) -> the same shape, by the `preprocess_input` of this network in Keras."""

    def __init__(self, network: str, **layer: Any) -> None:
        super().__init__(**layer)
        if network not in PREPROCESSING:
            raise ValueError(f"KerasPreprocessing: network={network!r}: expected one of {', '.join(PREPROCESSING)}")
        self.network = network

    def call(self, x: Any) -> Any:
        return PREPROCESSING[self.network](x)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "network": self.network}
