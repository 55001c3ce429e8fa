"""How bright is what a network gets wrong?"""

from typing import Any

import numpy as np

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=150, test_limit=40),
        model=use("mlp", units=[8]),
        optimizer=use("adam", learning_rate=1e-2),
        batch_size=32,
        epochs=2,
    ),
    variants={"narrow": {}, "wide": {"model.units": [12]}},
    seeds=2,
)


def measure(model: Any, images: Any, labels: Any) -> dict[str, Any]:
    given = np.asarray(model(images.astype(np.float32))).argmax(axis=1)
    wrong = given != labels
    return {"wrong": int(wrong.sum()), "of": len(labels), "grey": float(images[wrong].mean()) if wrong.any() else None}
