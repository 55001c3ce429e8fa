"""How much better than a first guess does a small CNN read 8x8 digits after 20 tuning trials?

python -m experiments tune digits_tuning --trials 20 --confirm 3 --confirm-seeds 10
python -m experiments run digits_tuning --seeds 10        the first guess alone
"""

from typing import Any

from experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", validation_fraction=0.3),
        model=use("pattern_cnn", blocks=1, filters=8, units=32),
        optimizer=use("adam", learning_rate=1e-3),
        batch_size=64,
        epochs=6,
    ),
)


def space(hp: Any) -> dict[str, Any]:
    return {
        "optimizer.learning_rate": hp.Float("learning_rate", 3e-4, 3e-2, sampling="log"),
        "batch_size": hp.Choice("batch_size", [16, 32, 64]),
        "model.filters": hp.Choice("filters", [8, 16]),
        "model.dropout": hp.Float("dropout", 0.0, 0.5, step=0.25),
        "augmentation.shift": hp.Float("shift", 0.0, 0.15),
    }
