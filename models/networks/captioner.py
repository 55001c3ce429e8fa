"""Captions of images, word by word (Show and Tell; Vinyals et al. 2015), and their greedy and beam-search decoding."""

from collections.abc import Callable
from typing import Literal

import keras
import numpy as np
from keras import layers

from keras_suite.models.layers.recurrent import ManualLSTM, RepeatAndConcatenate
from keras_suite.models.networks.blocks import Activation, Count, ImageShape, Initializer, Rate, images, keyed_layers
from keras_suite.tasks.caption import END, START

IMAGE_FEATURES = "image_features"  # the layer whose output is all that decoding needs of the image
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
    """Build a captioner: images (B, h, w, c) and words (B, T) -> logits (B, T, words) of each next word.

    The first word is the start word. Convolution 3x3 and max pooling 2x2, once for each number of filters; flattened,
    since it matters where things are; a dense layer: the image's features. An embedding of each word, a hand-derived
    LSTM over them, logits.

    Args:
        classes: number of different words, start and end among them; the length of a sentence is open.
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
    add = keyed_layers(seed, activation=activation, initializer=initializer)
    inputs, x = images(input_shape)
    for i, count in enumerate(filters, 1):
        x = add.conv(x, count, 3, name=f"conv_{i}", padding="same")
        x = add.pool(x, "max", name=f"pooling_{i}")
    image = add.dense(add.flatten(x), image_units, name=IMAGE_FEATURES)
    image = add.dropout(image, dropout, name="features_dropout")

    words = keras.Input((None,), name=WORDS, dtype="int32")
    uniform = keras.initializers.RandomUniform(seed=add.seed_of("embedding"))
    embedded = layers.Embedding(classes, embedding, embeddings_initializer=uniform, name="embedding")(words)
    lstm = ManualLSTM(
        units,
        return_sequences=True,
        kernel_initializer=keras.initializers.GlorotUniform(seed=add.seed_of("lstm")),
        recurrent_initializer=keras.initializers.Orthogonal(seed=add.seed_of("lstm_recurrent")),
        name="lstm",
    )
    if features == "initial_state":
        tanh = keyed_layers(seed, activation="tanh", initializer=initializer)
        state = [tanh.dense(image, units, name=name) for name in ("hidden", "cell")]
        y = lstm(embedded, initial_state=state)
    elif features == "every_step":
        y = lstm(RepeatAndConcatenate(name="word_and_image")([embedded, image]))
    else:
        y = RepeatAndConcatenate(name="sentence_and_image")([lstm(embedded), image])
    y = add.dropout(y, dropout, name="logits_dropout")
    return keras.Model([inputs, words], add.logits(y, classes), name="captioner")


LONGEST = 64  # words of a sentence, where its reference does not say
BATCH = 512  # sentences that the network extends at once

NextWord = Callable[[np.ndarray, np.ndarray], np.ndarray]


def greedy(model: keras.Model, images: np.ndarray, start: int, end: int, longest: int) -> np.ndarray:
    """Decode sentences greedily: after the start word always the most probable word, up to the end word.

    Args:
        model: a captioner, called on [images, words (n, T)] with logits (n, T, words) of each next word.
        images: (n, h, w, c).
        start, end: the words that begin and end a sentence.
        longest: words of a sentence that does not end.

    Returns:
        Words int64 (n, longest), -1 after the end word.
    """
    return beam(model, images, start, end, longest, 1)


def greedy_sentences(model: keras.Model, images: np.ndarray, longest: int = LONGEST) -> np.ndarray:
    """Decode sentences int64 (n, longest) greedily, with the start and end words of the task "caption"."""
    return greedy(model, images, START, END, longest)


def beam(model: keras.Model, images: np.ndarray, start: int, end: int, longest: int, width: int) -> np.ndarray:
    """Decode sentences by beam search: at each step the `width` most probable beginnings, or sentences, are kept.

    The probability of a sentence is the product of its words', whatever its length. Width 1 is greedy; one that keeps
    all beginnings finds the most probable sentence there is.

    Args:
        model, images, start, end, longest: as for `greedy`.
        width: of the beam.

    Returns:
        The most probable complete sentences, or beginnings where none has ended, int64 (n, longest), -1 after the end.
    """
    encode, next_logits = _encoder_and_decoder(model)
    words = model.output.shape[-1]
    for name, word in (("start", start), ("end", end)):
        if not 0 <= word < words:
            raise ValueError(f"{name}={word} is no word of {model.name}: give 0 to {words - 1}")
    if longest < 2 or width < 1:
        raise ValueError(f"longest={longest} with width={width} is not possible: give 2 words or more, and width 1 up")
    size = max(BATCH // width, 1)
    parts = [images[at : at + size] for at in range(0, len(images), size)]
    sentences = [_beam(next_logits, np.asarray(encode(part)), start, end, longest, width) for part in parts]
    return np.concatenate([np.zeros((0, longest), np.int64), *sentences])


def _beam(next_logits: NextWord, features: np.ndarray, start: int, end: int, longest: int, width: int) -> np.ndarray:
    """Return the words (n, longest) of images with these features (n, ...)."""
    n = len(features)
    of_each = np.repeat(features, width, axis=0)
    words = np.full((n, width, longest), -1, np.int64)
    words[:, :, 0] = start
    scores = np.full((n, width), -np.inf)  # logarithms of probabilities
    scores[:, 0] = 0  # one beginning; the others are no different yet
    ended = np.zeros((n, width), bool)
    image = np.arange(n)[:, None]
    for step in range(1, longest):
        prefix = np.maximum(words[:, :, :step], 0).reshape(n * width, step)
        following = _log_softmax(next_logits(of_each, prefix)).reshape(n, width, -1)
        count = following.shape[2]
        following[ended] = np.where(np.arange(count) == end, 0, -np.inf)  # complete sentences stay, each once
        total = (scores[:, :, None] + following).reshape(n, -1)
        best = np.argsort(-total, axis=1, kind="stable")[:, :width]
        scores, before, word = total[image, best], best // count, best % count
        words, was_complete = words[image, before], ended[image, before]
        words[:, :, step] = np.where(was_complete, -1, word)
        ended = word == end
        if ended.all():
            break
    chosen = np.lexsort((-scores, ~ended), axis=1)[:, 0]
    return words[np.arange(n), chosen]


def _encoder_and_decoder(model: keras.Model) -> tuple[Callable[[np.ndarray], np.ndarray], NextWord]:
    """Return the image encoder, called once an image, and the logits (n, words) after the words so far."""
    images, words = model.inputs
    features = images
    if any(layer.name == IMAGE_FEATURES for layer in model.layers):
        features = model.get_layer(IMAGE_FEATURES).output
    encoder, decoder = keras.Model(images, features), keras.Model([features, words], model.output)
    return encoder, lambda features, prefix: np.asarray(decoder([features, prefix], training=False)[:, -1])


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
