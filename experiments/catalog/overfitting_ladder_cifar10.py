"""Which remedies against overfitting help when there are only 2,000 small colour photographs?

    keras-suite run overfitting_ladder_cifar10 --workers 2

The rungs of `overfitting_ladder` on CIFAR-10; the augmentation flips too.

Measured on CIFAR-10 re-encoded as JPEG (2,000 training and validation images, all 10,000 test images, 10 seeds, 37
minutes on 2 busy cores): "5 of 9 variants are better than 'plain', most of all 'l1_l2', by 4.15 percentage points of
test accuracy (95 % interval 1.97 to 6.32 over all 9 comparisons, 10 paired seeds); 'until_plateau', 'batch_norm', 'l2'
and 'augmentation' are undecided". plain 43.18 %, blocks 46.00, until_plateau 44.41, batch_norm 42.53, dropout 47.12,
l1 46.69, l2 45.81, l1_l2 47.33, augmentation 45.33, plateau_rate 46.43. Unlike on digits, augmentation is not shown to
help within a stopping patience of 8 epochs, nor is batch normalisation alone.
"""

from keras_suite.experiments.catalog.overfitting_ladder import STEPS, rungs
from keras_suite.experiments.config import Config, Experiment, use

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
    against=STEPS,
)
