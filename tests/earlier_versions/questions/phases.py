"""Does a network that has seen the digits 0 to 4 learn 5 to 9 from 100 images better than one from scratch?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=100, test_limit=40, classes=[5, 6, 7, 8, 9], validation_fraction=0.3),
        model=use("vgg", width=0.05, blocks=2, units=[8], batch_normalization="before_pooling"),
        augmentation=use("standard", shift=0.1, rotation=10),
        optimizer=use("adam", learning_rate=1e-2),
        callbacks=(use("early_stopping", patience=4),),
        batch_size=16,
        epochs=2,
    ),
    variants={
        "scratch": {},
        "frozen": {
            "model.weights": "run:pretrain",
            "phases": (
                use("head", epochs=3, learning_rate=1e-2, cached_views=2),
                use("last_blocks", learning_rate=3e-3),
                use("whole", epochs=2, learning_rate=1e-4),
            ),
        },
    },
    seeds=2,
)
