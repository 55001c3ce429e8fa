"""Which learning rate and width read digits best?"""

from typing import Any

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=400, test_limit=50, validation_fraction=0.3),
        model=use("mlp", units=[8]),
        optimizer=use("adam", learning_rate=1e-3),
        batch_size=32,
        epochs=2,
    ),
)


def space(hp: Any) -> dict[str, Any]:
    return {
        "optimizer.learning_rate": hp.Float("learning_rate", 1e-4, 1e-1, sampling="log"),
        "model.units": [hp.Choice("units", [4, 8, 12])],
    }
