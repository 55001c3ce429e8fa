"""Which way does the zero lie?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use(
            "homing_scenes",
            scenes=100,
            test_scenes=100,
            limit=60,
            test_limit=20,
            image_size=(16, 16),
            validation_fraction=0.2,
        ),
        model=use("pattern_cnn", blocks=2, filters=4, units=8, pooling="place", coordinates=True),
        loss=use("cosine_distance"),
        optimizer=use("adam", learning_rate=1e-2),
        batch_size=20,
        epochs=2,
    ),
    seeds=1,
)
