"""Which digit does each pixel belong to?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use(
            "digit_scenes", scenes=40, test_scenes=20, test_limit=10, side=20, digits=[1, 1], sizes=[12, 14], scraps=0
        ),
        model=use("segmenter", context="down_and_up", filters=4, skips=True),
        optimizer=use("adam", learning_rate=2e-2),
        batch_size=10,
        epochs=2,
    ),
    seeds=1,
)
