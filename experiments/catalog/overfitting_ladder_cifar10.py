"""Which remedies against overfitting help when there are only 2,000 small colour photographs?

    keras-suite run overfitting_ladder_cifar10 --workers 2

The rungs of `overfitting_ladder` on CIFAR-10, each compared with the one below; the augmentation flips too.

Measured on CIFAR-10 re-encoded as JPEG (2,000 training and validation images, all 10,000 test images, 10 seeds, 100
runs in 24 minutes on 2 busy cores): the whole ladder adds 3.34 percentage points of test accuracy to a plain CNN (95 %
interval 0.48 to 6.20 over all 10 comparisons, 10 paired seeds). "3 of 10 pairs differ": 'blocks' is better than 'plain'
by 2.88 points (0.90 to 4.87), 'dropout' better than 'batch_norm' by 3.77 (1.22 to 6.32), and the whole; what each of
the other rungs adds is undecided. plain 43.12 %, blocks 46.00, until_plateau 44.37, batch_norm 42.56, dropout 46.33, l1
46.05, l2 47.64, l1_l2 46.75, augmentation 47.13, plateau_rate 46.46. Unlike on digits, augmentation is not shown to
help within a stopping patience of 8 epochs, nor is batch normalisation. By the rules of version 0.1, which compared
each rung with the plain network, 5 of 9 were better.
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
