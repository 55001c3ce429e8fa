"""The task "caption": a sentence that says what is in an image.

Sentences are word numbers int64 (n, T): the start word 0, the sentence, the end word 1, then -1. There may be several
true ones for a test image, (n, R, T).
"""

from collections.abc import Sequence

import numpy as np

from keras_suite.tasks.task import Metric, Task

START, END, PADDING = 0, 1, -1


def sentence(words: np.ndarray, names: Sequence[str]) -> str:
    """Return the words (T,) as text, without the start word, up to the end word or the first -1."""
    text = []
    for word in words[1:].tolist():
        if word in (PADDING, END):
            break
        text.append(names[word] if word < len(names) else str(word))
    return " ".join(text)


def is_a_reference(targets: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Compute for each image whether the words (n, T) are one of its true sentences (n, R, T): bool (n,)."""
    return (targets == predictions[:, None, :]).all(axis=2).any(axis=1)


def _describe_targets(targets: np.ndarray, names: Sequence[str]) -> str:
    words = (targets > END).sum(axis=1)
    return f"of {words.min()} to {words.max()} words, out of {len(names) - 2} (the start and the end apart)"


WORD_ACCURACY = Metric(
    name="words",
    label="right words",
    keras="keras_suite.models.metrics:WordAccuracy",
    unit=" %",
    difference="percentage points of right words",
    scale=100.0,
)
CAPTION_ACCURACY = Metric(
    name="captions",
    label="caption accuracy",
    unit=" %",
    difference="percentage points of test caption accuracy",
    scale=100.0,
    binary=True,
    while_training=WORD_ACCURACY,
)
CAPTION = Task(
    name="caption",
    target="a sentence",
    losses=("cross_entropy",),
    metrics=(WORD_ACCURACY,),
    score=CAPTION_ACCURACY,
    score_images=is_a_reference,
    source="targets",
    output_shape=lambda image, targets, names: (targets[-1] - 1, len(names)),
    one_hot=True,
    teacher_forcing=True,
    to_predictions=lambda outputs: outputs.argmax(axis=-1).astype(np.int64),
    decode="keras_suite.models.networks.captioner:greedy_sentences",
    to_references=lambda targets: targets[:, None] if targets.ndim == 2 else targets,
    describe_targets=_describe_targets,
    describe_prediction=lambda words, pixels, names: sentence(words, names),
    figure="keras_suite.reports.figures.predictions:sentences_figure",
)
