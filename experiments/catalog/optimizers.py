"""Which optimizer reads 2,000 digits best, each at the learning rate that wins on validation images?

python -m experiments tune optimizers --tuner grid --trials 35 --seeds 2 --threads 1
python -m experiments run optimizers --threads 1
"""

from typing import Any

from experiments.config import Config, Experiment, use

CENTRES = {
    "sgd": 0.1,
    "momentum": 0.02,
    "rmsprop": 0.002,
    "adagrad": 0.03,
    "adadelta": 5.0,
    "adam": 0.002,
    "adamw": 0.002,
}
TIMES = (0.1, 0.3, 1.0, 3.0, 10.0)
WINNERS = {  # of the sweep, by the mean validation accuracy of two seeds; of equal ones the smaller
    "sgd": 0.3,
    "momentum": 0.02,
    "rmsprop": 0.006,
    "adagrad": 0.09,
    "adadelta": 15.0,
    "adam": 0.006,
    "adamw": 0.006,
}

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", limit=2000, test_limit=5000, validation_fraction=0.25),
        model=use("pattern_cnn", blocks=2, filters=[8, 16], units=64),
        optimizer=use("sgd", learning_rate=WINNERS["sgd"]),
        batch_size=50,
        epochs=6,
    ),
    variants={
        name: {"optimizer.name": name, "optimizer.learning_rate": rate} if name != "sgd" else {}
        for name, rate in WINNERS.items()
    },
    seeds=8,
)


def space(hp: Any) -> dict[str, Any]:
    name = hp.Choice("optimizer", list(CENTRES))
    return {
        "optimizer.name": name,
        "optimizer.learning_rate": round(CENTRES[name] * hp.Choice("times", list(TIMES)), 6),
    }
