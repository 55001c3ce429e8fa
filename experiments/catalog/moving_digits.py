"""Which way does a digit move: does a convolution over time tell it better than frames stacked as channels?

    python -m experiments run moving_digits --threads 1

Measured
"""

from experiments.config import Config, Experiment, use

THREE_D = {"model.convolution": "3d", "model.filters": [8, 16, 16]}  # as many parameters as stacked: 10,760

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("moving_digits", noise=60.0, limit=1250, validation_fraction=0.2),
        model=use("clip_cnn", convolution="stacked", filters=[18, 24, 26]),
        optimizer=use("adam", learning_rate=3e-3),
        schedule=use("one_cycle"),
        batch_size=50,
        epochs=20,
    ),
    variants={
        "stacked": {},
        "3d": THREE_D,
        "3d_longer": {**THREE_D, "epochs": 40},
    },
    seeds=6,
)
