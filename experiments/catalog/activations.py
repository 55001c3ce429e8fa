"""Which activation suits a small CNN: sigmoid, tanh, relu, leaky relu, elu or maxout, at equal parameters?

python -m experiments run activations --threads 1
"""

from experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", limit=3000, test_limit=4000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=3, filters=[12, 24, 24], units=48, activation="relu"),
        augmentation=use("standard", horizontal_flip=True),
        optimizer=use("adam", learning_rate=2e-3),
        schedule=use("one_cycle"),
        batch_size=50,
        epochs=8,
    ),
    variants={
        "relu": {},
        "sigmoid": {"model.activation": "sigmoid"},
        "tanh": {"model.activation": "tanh"},
        "leaky_relu": {"model.activation": "leaky_relu"},
        "elu": {"model.activation": "elu"},
        "maxout": {"model.activation": "maxout", "model.filters": [8, 17, 17], "model.units": 34},
    },
    seeds=8,
)
