"""Does a run in phases that was killed in its second phase end as if it had been left alone?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=300, test_limit=40, validation_fraction=0.3),
        model=use("vgg", width=0.05, blocks=2, units=[8], dropout=0.2, batch_normalization="before_pooling"),
        augmentation=use("standard", shift=0.1, rotation=10),
        optimizer=use("adam", learning_rate=1e-2),
        callbacks=(
            use("reduce_lr_on_plateau", patience=2, min_delta=0.05),
            use("early_stopping", patience=4, min_delta=0.05),
        ),
        phases=(
            use("head", epochs=2, learning_rate=1e-2, cached_views=2),
            use("last_blocks", learning_rate=3e-3),
            use("whole", epochs=2, learning_rate=1e-4),
        ),
        batch_size=16,
        epochs=5,
    ),
    seeds=1,
)
