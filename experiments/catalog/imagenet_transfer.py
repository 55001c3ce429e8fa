"""How many photographs does a network need that has seen ImageNet, its own pretraining, or nothing before?

    keras-suite run cifar10_pretrain --set epochs=12
    keras-suite run imagenet_transfer --threads 1

The question of `dogs_vs_cats_transfer` asked of real ImageNet features, from 10 photographs on (a quarter more, for
validation, come on top). All ways have the same photographs of 48x48 pixels. `scratch` and `own` are that experiment's
narrow VGG, at random or pretrained on CIFAR-10 and then trained as a whole. `imagenet` is a head on the frozen features
of EfficientNet-Lite0, which is shown the 48 pixels stretched to 160 (`seen_at`), and `imagenet_tuned` then trains its
last block. Networks differ, too: what is compared is ways of getting an answer. ImageNet and CIFAR-10 hold dogs and
cats.

Measured on 500 test photographs (30 runs, trained in 8 minutes on 2 cores under a load of 15 to 25: `imagenet` 3 seeds,
`imagenet_tuned` 2, scratch and own 1, of 11; own pretraining: 12 epochs, 81.51 % of CIFAR-10 right). In brackets the 9
seeds of `dogs_vs_cats_transfer`, the same photographs and size, whose own pretraining took 30 epochs; test accuracy:

    photographs    scratch              own                  imagenet    imagenet_tuned
             10    56.80 %              66.00 %              81.07 %
             20    58.00 %              79.00 %              86.40 %     86.60 %
             50                                              89.60 %
            100    49.60 % (56.29 %)    79.60 % (83.73 %)    90.00 %     92.00 %
            400            (65.51 %)            (85.60 %)    92.07 %     93.60 %
          1,600            (77.27 %)            (87.82 %)    94.53 %

"Too few seeds to say: 1 paired seed cannot decide 9 comparisons, at least 10 are needed." By the intervals of each way
alone, for other seeds and test images: frozen ImageNet features reach 87.51 to 92.20 % from 100 photographs, and 92.28
to 96.40 % from 1,600. 20 photographs with them read about what 400 read with the own pretraining, and more than 1,600
from scratch. Training the last block, too, brought +0.3 points from 20 photographs, +2.0 from 100 and +1.6 from 400 (2
paired seeds each, undecided), in 1.5, 4 and 13 times the time.
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
