"""How many photographs does a network need that has seen ImageNet, its own pretraining, or nothing before?

    keras-suite run cifar10_pretrain
    keras-suite run imagenet_transfer --workers 2

The question of `dogs_vs_cats_transfer` asked of real ImageNet features, from 10 photographs on (a quarter more, for
validation, come on top). All ways have the same photographs of 48x48 pixels. `scratch` and `own` are that experiment's
narrow VGG, at random or pretrained on CIFAR-10 (84.27 % of it right) and then trained as a whole. `imagenet` is a head
on the frozen features of EfficientNet-Lite0, which is shown the 48 pixels stretched to 160 (`seen_at`), and
`imagenet_tuned` then trains its last block. Networks differ, too: what is compared is ways of getting an answer.
ImageNet and CIFAR-10 hold dogs and cats.

Measured on 500 test photographs (11 seeds, 264 runs in 82 minutes on 2 cores that were busy with other work for most of
them), test accuracy:

    photographs    scratch      own       imagenet    imagenet_tuned
             10    52.96 %    73.44 %      77.60 %       80.38 %
             20    51.65 %    79.75 %      84.89 %       85.51 %
             50    52.24 %    83.11 %      88.76 %       89.15 %
            100    56.09 %    83.91 %      89.40 %       90.44 %
            400    65.62 %    85.44 %      92.56 %       93.05 %
          1,600    77.33 %    87.76 %      94.31 %       94.71 %

"11 of 18 pairs differ: most of all, 'imagenet_50' is better than 'scratch_50' by 36.53 percentage points of test
accuracy (95 % interval 29.44 to 44.14 over all 18 comparisons, 11 paired seeds); 7 are undecided". Frozen ImageNet
features are better than training from scratch at each size, and from 20 photographs on better than the own
pretraining, by 5.15 to 7.13 points. Training the last block, too, is undecided at each size, by 0.38 to 2.78 points
in 2 to 18 times the time. 20 photographs with ImageNet features read about what 400 read with the own pretraining. All
runs of `own` start from one pretrained network, so the intervals say nothing of another one.
"""

from collections.abc import Sequence
from typing import Any

from keras_suite.experiments.catalog.dogs_vs_cats_transfer import accuracy_lines
from keras_suite.experiments.config import Config, Experiment, use
from keras_suite.reports.run_directory import Run

SIZES = (10, 20, 50, 100, 400, 1600)
SIDE, SEEN_AT = 48, 160  # pixels: of all photographs, and as ImageNet's network is shown them
IMAGENET = use("efficientnet_lite0", weights="imagenet", seen_at=SEEN_AT)
HEAD = use("head", cached_views=4)
WAYS: dict[str, dict[str, Any]] = {
    "scratch": {"model.weights": "random"},
    "own": {"phases": (HEAD, use("whole", epochs=20, learning_rate=2e-4))},
    "imagenet": {"model": IMAGENET, "augmentation": use("standard"), "phases": (use("head"),)},
    "imagenet_tuned": {
        "model": IMAGENET,
        "augmentation": use("standard"),
        "phases": (use("head"), use("last_blocks", epochs=20, learning_rate=2e-4)),
    },
}
PAIRS = (("imagenet", "scratch"), ("imagenet", "own"), ("imagenet_tuned", "imagenet"))

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("image_folder", path="dogs_vs_cats.tar.gz", image_size=[SIDE, SIDE], validation_fraction=0.2),
        augmentation=use("standard", horizontal_flip=True, shift=0.1),
        model=use("vgg", width=0.25, batch_normalization="before_activation", weights="run:cifar10_pretrain"),
        optimizer=use("adam", learning_rate=1e-3),
        callbacks=(use("early_stopping", patience=10),),
        batch_size=32,
        epochs=40,
    ),
    variants={
        f"{way}_{size}": {"dataset.limit": size * 5 // 4, **overrides}
        for size in SIZES
        for way, overrides in WAYS.items()
    },
    against=tuple(f"{a}_{size}={b}_{size}" for size in SIZES for a, b in PAIRS),
    seeds=11,
)


def draw(runs: Sequence[Run]) -> dict[str, Any]:
    """Return accuracy against the number of training photographs, one line for each way."""
    completed = [run for run in runs if run.metrics and "test" in run.metrics]
    title = "Accuracy against the number of training photographs"
    return {title: accuracy_lines(completed, tuple(WAYS), SIZES)} if completed else {}
