"""Does a small CNN read 200 digits better than a network without convolutions?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=200, test_limit=60, validation_fraction=0.3),
        model=use(
            "pattern_cnn", blocks=1, filters=4, units=8, batch_normalization="before_pooling", dropout=0.2, l2=1e-4
        ),
        augmentation=use("standard", shift=0.1, rotation=10, zoom=0.1, brightness=0.1, cutout=0.2, mixup=0.2),
        optimizer=use("adam", learning_rate=1e-2),
        callbacks=(
            use("reduce_lr_on_plateau", patience=1, min_delta=0.05),
            use("early_stopping", patience=2, min_delta=0.05),
        ),
        batch_size=32,
        epochs=8,
    ),
    variants={"cnn": {}, "mlp": {"model": use("mlp", units=[8], dropout=0.1)}},
    seeds=2,
)
