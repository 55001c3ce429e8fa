"""How much should leaky relu leak: slope 0 (relu), 0.01, 0.1, 0.2 or 0.5 below zero?

    keras-suite run leaky_slope --threads 1

Leaky relu is max(slope * x, x): a lecture draws it with 0.1, its paper (Maas et al. 2013) has 0.01, Keras 0.2. The
network is that of `activations`, three blocks of one convolution and a pooling, and a hidden dense layer.

"""

from keras_suite.experiments.config import Config, Experiment, use

LECTURE = 0.1
SLOPES = (0.01, 0.3)

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", limit=2000, test_limit=4000, validation_fraction=0.2),
        model=use(
            "pattern_cnn",
            blocks=3,
            filters=[12, 24, 24],
            units=48,
            activation="leaky_relu",
            negative_slope=LECTURE,
        ),
        augmentation=use("standard", horizontal_flip=True),
        optimizer=use("adam", learning_rate=2e-3),
        schedule=use("one_cycle"),
        batch_size=50,
        epochs=5,
    ),
    variants={
        f"slope_{LECTURE:g}": {},
        "relu": {"model.activation": "relu", "model.negative_slope": None},
        **{f"slope_{slope:g}": {"model.negative_slope": slope} for slope in SLOPES},
    },
    seeds=8,
)
