"""Ask a network about damaged copies of images, and count what the damage costs."""

import numpy as np

from keras_suite.data_pipeline.images.likeness import Likeness
from keras_suite.experiments.exporting.images import Images
from keras_suite.experiments.model_card.corruptions import CORRUPTIONS, Corruption
from keras_suite.experiments.predicting.stream import Ask, images_at_a_time
from keras_suite.reports.results.robustness import Robustness, against_clean

MOST_IMAGES, _SEED = 2_000, 1


def robustness(ask: Ask, images: Images, likeness: Likeness | None) -> Robustness:
    """Measure a network on images as they are, and with every corruption at every strength.

    Args:
        ask: The network.
        images: To measure on; of more than 2,000 so many are drawn, always the same ones.
        likeness: What its training images look like, where that is known.
    """
    drawn = images.some(MOST_IMAGES, _SEED)
    side = min(drawn.pixels.shape[1:3])
    clean, unlike = _answered(ask, drawn, likeness)
    rows = []
    for corruption in CORRUPTIONS:
        for level, strength in enumerate(corruption.strengths, 1):
            right, told = _answered(ask, drawn, likeness, corruption, level)
            rows.append(against_clean(corruption.name, corruption.in_words(strength, side), clean, right, told))
    return Robustness(
        drawn.called, len(images), drawn.trained, against_clean("none", "", clean, clean, unlike), tuple(rows)
    )


def _answered(
    ask: Ask, images: Images, likeness: Likeness | None, corruption: Corruption | None = None, level: int = 0
) -> tuple[np.ndarray, int | None]:
    """Return whether each answer is right, bool (n,), and how many images look unlike those that trained the network.

    A batch of damaged images at a time is in memory.
    """
    size = images_at_a_time(*images.pixels.shape[1:3])
    answers: list[np.ndarray] = []
    unlike, keys = 0, iter(images.rows.tolist())
    tells = likeness is not None and likeness.channels == images.pixels.shape[3]
    for batch in images.batches(size):
        if corruption is not None:
            batch = np.stack([corruption.corrupted(image, level, key) for image, key in zip(batch, keys, strict=False)])
        answers.append(ask(batch).argmax(axis=-1))
        if tells and likeness is not None:
            unlike += sum(bool(word) for word in likeness.unlike(batch))
    return np.concatenate(answers) == images.truth, unlike if tells else None
