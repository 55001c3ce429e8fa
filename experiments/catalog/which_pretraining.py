"""For a few photographs of dogs and cats, does a network pretrained on the nearer images win?

python -m experiments run which_pretraining_sources --threads 1
python -m experiments run which_pretraining --threads 1
"""

from typing import Any

from experiments.config import Config, Experiment, use

SIZES = (100, 400)
SOURCES = ("animals", "vehicles", "both", "digits", "random")


def variants() -> dict[str, dict[str, Any]]:
    """Frozen features of each source, at each number of training photographs."""
    found = {}
    for size in SIZES:
        for source in SOURCES:
            weights = "random" if source == "random" else f"run:which_pretraining_sources/{source}"
            found[f"{source}_{size}"] = {"dataset.limit": size * 5 // 4, "model.weights": weights}
    return found


EXPERIMENT = Experiment(
    base=Config(
        dataset=use("image_folder", path="dogs_vs_cats.tar.gz", image_size=[32, 32], validation_fraction=0.2),
        augmentation=use("standard", horizontal_flip=True, shift=0.1),
        model=use("vgg", width=0.125, blocks=4, batch_normalization="before_activation"),
        optimizer=use("adam", learning_rate=3e-3),
        callbacks=(use("early_stopping", patience=10),),
        phases=(use("head", cached_views=4),),
        batch_size=20,
        epochs=40,
    ),
    variants=variants(),
    against=tuple(
        f"{a}_{size}={b}_{size}"
        for size in SIZES
        for a, b in (("animals", "vehicles"), ("animals", "digits"), ("digits", "random"), ("both", "animals"))
    ),
    seeds=9,
)
