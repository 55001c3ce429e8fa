"""What becomes of a learning rate that is far too high?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=150, test_limit=50),
        model=use("mlp", units=[8]),
        optimizer=use("sgd", learning_rate=1e-2),
        batch_size=32,
        epochs=2,
    ),
    variants={"low": {}, "high": {"optimizer.learning_rate": 1e30}},
    seeds=2,
)
