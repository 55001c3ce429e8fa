"""A CNN looks at the image, an LSTM says it word by word: captions as Vinyals et al. 2015 (Show and Tell) make them."""

from typing import Literal

import keras
from keras import layers

from keras_suite.models.layers.beside import BesideEach
from keras_suite.models.layers.lstm import ManualLSTM
from keras_suite.models.networks.blocks import Activation, Count, ImageShape, Initializer, Rate, images, keyed_layers

IMAGE_FEATURES = "image_features"  # the layer after which the image is not looked at any more
WORDS = "words"


def captioner(
    input_shape: ImageShape,
    classes: int,
    seed: int,
    /,
    *,
    features: Literal["initial_state", "every_step", "after"] = "initial_state",
    filters: tuple[Count, ...] = (16, 32, 64),
    image_units: Count = 128,
    embedding: Count = 32,
    units: Count = 128,
    dropout: Rate = 0.0,
    activation: Activation = "relu",
    initializer: Initializer = "glorot_uniform",
) -> keras.Model:
    """(B, h, w, c) images and (B, T) words, the first of them the start word -> logits (B, T, words) of each next one.

    Convolution 3x3 and max pooling 2x2, once for each number of filters; flattened, since it matters where things are;
    a dense layer: the image's features. An embedding of each word, a hand-derived LSTM over them, logits.

    Args:
        input_shape: (height, width, channels) of images, float32 0..255.
        classes: number of different words, start and end among them; how many a sentence has is not asked for.
        seed: of initial weights and dropout masks.
        features: where the words meet the image (Tanti, Gatt and Camilleri 2018 compare the same three). In the
            "initial_state", hidden and cell, of the LSTM, each by a dense layer with tanh; at "every_step" beside the
            word; or "after" the LSTM, which then knows of words only, beside each of its outputs.
        filters: of each convolution.
        image_units: how many features an image has.
        embedding: numbers that stand for a word.
        units: of the LSTM.
        dropout: of the image's features and of what the logits are made of.
        activation: of the convolutions and the dense layer.
        initializer: of all kernels but the LSTM's own.
    """
    height, width, _ = input_shape
    if min(height, width) >> len(filters) == 0:
        raise ValueError(
            f"captioner was given images of {height}x{width} pixels, which {len(filters)} poolings leave nothing of: "
            "give larger images or fewer model.filters"
        )
    add = keyed_layers(seed, activation, initializer, 0.0, 0.0)
    inputs, x = images(input_shape)
    for i, count in enumerate(filters, 1):
        x = add.conv(x, count, 3, name=f"conv_{i}", padding="same")
        x = add.pool(x, "max", name=f"pooling_{i}")
    seen = add.dense(add.flatten(x), image_units, name=IMAGE_FEATURES)
    seen = add.dropout(seen, dropout, name="features_dropout")

    words = keras.Input((None,), name=WORDS, dtype="int32")
    uniform = keras.initializers.RandomUniform(seed=add.seed_of("embedding"))
    said = layers.Embedding(classes, embedding, embeddings_initializer=uniform, name="embedding")(words)
    lstm = ManualLSTM(
        units,
        return_sequences=True,
        kernel_initializer=keras.initializers.GlorotUniform(seed=add.seed_of("lstm")),
        recurrent_initializer=keras.initializers.Orthogonal(seed=add.seed_of("lstm_recurrent")),
        name="lstm",
    )
    if features == "initial_state":
        within = keyed_layers(seed, "tanh", initializer, 0.0, 0.0)
        state = [within.dense(seen, units, name=name) for name in ("hidden", "cell")]
        y = lstm(said, initial_state=state)
    elif features == "every_step":
        y = lstm(BesideEach(name="word_and_image")([said, seen]))
    else:
        y = BesideEach(name="sentence_and_image")([lstm(said), seen])
    y = add.dropout(y, dropout, name="logits_dropout")
    return keras.Model([inputs, words], add.logits(y, classes), name="captioner")
