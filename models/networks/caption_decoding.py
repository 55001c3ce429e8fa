"""Sentences from a captioner: greedily, the most probable word at a time, or by beam search.

A captioner takes [images, words (n, T)], the start word first, and gives logits (n, T, words): at each place, of the
word that comes next. What comes after a place has no part in it.
"""

from collections.abc import Callable

import keras
import numpy as np

from keras_suite.models.networks.captioner import IMAGE_FEATURES
from keras_suite.tasks.caption import END, START

LONGEST = 64  # words of a sentence, where its reference does not say
BATCH = 512  # sentences that the network goes on with at once

NextWord = Callable[[np.ndarray, np.ndarray], np.ndarray]


def greedy(model: keras.Model, images: np.ndarray, start: int, end: int, longest: int) -> np.ndarray:
    """Words int64 (n, longest) said of images (n, h, w, c): the start word, then always the most probable one, up to
    the end word; -1 after it. A sentence that does not end has `longest` words.
    """
    return beam(model, images, start, end, longest, 1)


def greedy_sentences(model: keras.Model, images: np.ndarray, longest: int = LONGEST) -> np.ndarray:
    """Decode sentences int64 (n, longest) greedily, with the start and end words of the task "caption"."""
    return greedy(model, images, START, END, longest)


def beam(model: keras.Model, images: np.ndarray, start: int, end: int, longest: int, width: int) -> np.ndarray:
    """As `greedy`, but at each step the `width` most probable beginnings are kept, whole sentences among them.

    What is given of them is the most probable whole sentence, or beginning where none has ended. The probability of a
    sentence is the product of its words', whatever its length. Width 1 is greedy; one that keeps all beginnings finds
    the most probable sentence there is.
    """
    look, say = _halves(model)
    words = model.output.shape[-1]
    for name, word in (("start", start), ("end", end)):
        if not 0 <= word < words:
            raise ValueError(f"{name}={word} is no word of {model.name}: give 0 to {words - 1}")
    if longest < 2 or width < 1:
        raise ValueError(f"longest={longest} with width={width} is not possible: give 2 words or more, and width 1 up")
    size = max(BATCH // width, 1)
    parts = [images[at : at + size] for at in range(0, len(images), size)]
    found = [_beam(say, np.asarray(look(part)), start, end, longest, width) for part in parts]
    return np.concatenate([np.zeros((0, longest), np.int64), *found])


def _beam(say: NextWord, features: np.ndarray, start: int, end: int, longest: int, width: int) -> np.ndarray:
    """The words (n, longest) of images with these features (n, ...)."""
    n = len(features)
    of_each = np.repeat(features, width, axis=0)
    words = np.full((n, width, longest), -1, np.int64)
    words[:, :, 0] = start
    scores = np.full((n, width), -np.inf)  # logarithms of probabilities
    scores[:, 0] = 0  # one beginning; the others are no different yet
    ended = np.zeros((n, width), bool)
    image = np.arange(n)[:, None]
    for place in range(1, longest):
        said = np.maximum(words[:, :, :place], 0).reshape(n * width, place)
        following = _log_softmax(say(of_each, said)).reshape(n, width, -1)
        count = following.shape[2]
        following[ended] = np.where(np.arange(count) == end, 0, -np.inf)  # whole sentences stay, each once
        total = (scores[:, :, None] + following).reshape(n, -1)
        best = np.argsort(-total, axis=1, kind="stable")[:, :width]
        scores, before, word = total[image, best], best // count, best % count
        words, was_whole = words[image, before], ended[image, before]
        words[:, :, place] = np.where(was_whole, -1, word)
        ended = word == end
        if ended.all():
            break
    chosen = np.lexsort((-scores, ~ended), axis=1)[:, 0]
    return words[np.arange(n), chosen]


def _halves(model: keras.Model) -> tuple[Callable[[np.ndarray], np.ndarray], NextWord]:
    """What looks at images, and what gives the logits (n, words) after the words so far: an image is looked at once."""
    images, words = model.inputs
    seen = images
    if any(layer.name == IMAGE_FEATURES for layer in model.layers):
        seen = model.get_layer(IMAGE_FEATURES).output
    look, say = keras.Model(images, seen), keras.Model([seen, words], model.output)
    return look, lambda features, said: np.asarray(say([features, said], training=False)[:, -1])


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
