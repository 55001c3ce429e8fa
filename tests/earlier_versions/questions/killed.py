"""Does a run that was killed in the middle end as if it had been left alone?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", image_size=[12, 12], limit=700, test_limit=60, validation_fraction=0.3),
        model=use(
            "pattern_cnn", blocks=1, filters=4, units=8, batch_normalization="before_pooling", dropout=0.2, l2=1e-4
        ),
        augmentation=use("standard", shift=0.1, rotation=10, zoom=0.1, brightness=0.1, cutout=0.2, mixup=0.2),
        optimizer=use("adam", learning_rate=1e-2),
        callbacks=(
            use("reduce_lr_on_plateau", patience=1, min_delta=0.05),
            use("early_stopping", patience=4, min_delta=0.02),
        ),
        batch_size=32,
        epochs=16,
    ),
    seeds=1,
)
