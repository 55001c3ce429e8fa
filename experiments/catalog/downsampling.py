"""How should a network halve its feature maps: by maxima, by means, by a stride, or not at all?

python -m experiments run downsampling --threads 1
"""

from experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", limit=3000, test_limit=4000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=3, filters=[12, 24, 24], dense_layers=0, downsample="max"),
        augmentation=use("standard", horizontal_flip=True),
        optimizer=use("adam", learning_rate=2e-3),
        schedule=use("one_cycle"),
        batch_size=50,
        epochs=8,
    ),
    variants={way: {"model.downsample": way} for way in ("max", "average", "stride", "none")},
    seeds=8,
)
