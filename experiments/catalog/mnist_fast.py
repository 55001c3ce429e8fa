"""How fast can the demo net reach 99.25 % of MNIST's test digits, where 12 epochs of Adadelta are the reference?

python -m experiments run mnist_fast
"""

from experiments.catalog import mnist_demo
from experiments.config import Experiment, use

EXPERIMENT = Experiment(
    base=mnist_demo.EXPERIMENT.base,
    variants={
        "adadelta_12": {},
        "one_cycle_3": {
            "epochs": 3,
            "optimizer": use("adamw", learning_rate=3e-3, weight_decay=1e-2),
            "schedule": use("one_cycle"),
            "loss": use("cross_entropy", label_smoothing=0.1),
            "augmentation": use("standard", shift=1 / 28),
            "model.batch_normalization": "after_pooling",
            "model.dropout": 0.1,
            "model.dense_dropout": 0.3,
        },
    },
    seeds=5,
)
