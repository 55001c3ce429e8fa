"""Which remedies against overfitting help when there are only 2,000 small colour photographs?

    python -m experiments run overfitting_ladder_cifar10 --workers 2

The rungs of `overfitting_ladder` on CIFAR-10; the augmentation flips too.
"""

from experiments.catalog.overfitting_ladder import rungs
from experiments.config import Config, Experiment, use

FLIPPED = {"augmentation.horizontal_flip": True}

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", limit=2000, validation_fraction=0.2),
        model=use("mnist_demo_net", dropout=0.0, dense_dropout=0.0),
        optimizer=use("adam", learning_rate=1e-3),
        batch_size=32,
        epochs=12,
    ),
    variants={
        name: overrides | (FLIPPED if "augmentation.shift" in overrides else {}) for name, overrides in rungs().items()
    },
    seeds=10,
)
