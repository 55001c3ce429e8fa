"""What stands in a scene, in a sentence?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("captioned_scenes", scenes=100, test_scenes=100, limit=60, test_limit=10, side=40),
        model=use("captioner", features="every_step", filters=[2, 2, 2], image_units=4, embedding=4, units=6),
        optimizer=use("adam", learning_rate=1e-2),
        batch_size=20,
        epochs=2,
    ),
    seeds=1,
)
