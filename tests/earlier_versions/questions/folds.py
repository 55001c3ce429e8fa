"""How much do two penalties differ over three folds?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=120, test_limit=30),
        model=use("mlp", units=[8]),
        optimizer=use("adam", learning_rate=1e-2),
        batch_size=32,
        epochs=2,
    ),
    variants={"none": {}, "l2": {"model.l2": 1e-2}},
)
