"""Which loss trains a classifier best, and what happens when a softmax is fed to a loss that expects logits?

python -m experiments run losses --threads 1
"""

from experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", limit=1000, test_limit=5000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=2, filters=[8, 16], units=64),
        optimizer=use("adam", learning_rate=1e-3),
        batch_size=50,
        epochs=15,
    ),
    variants={
        "cross_entropy": {},
        "hinge": {"loss": use("hinge")},
        "mse": {"loss": use("mse")},
        "kl_smoothed": {"loss": use("kl", label_smoothing=0.1)},
        "softmax_twice": {"model.output_activation": "softmax"},
    },
    seeds=8,
)
