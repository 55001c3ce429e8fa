"""How far is a digit turned: squared or absolute error?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("rotated_digits", image_size=(10, 10), limit=100, test_limit=24, validation_fraction=0.2),
        model=use("pattern_cnn", filters=4, units=8),
        loss=use("squared_error"),
        optimizer=use("adam", learning_rate=1e-2),
        schedule=use("cosine"),
        batch_size=20,
        epochs=2,
    ),
    variants={"squared": {}, "huber": {"loss": use("huber", delta=0.1)}},
    seeds=2,
)
