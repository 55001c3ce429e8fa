"""What would another 1,000 labels buy the demo network, with and without augmentation?

python -m experiments run learning_curve --threads 1
"""

from typing import Any

from experiments.config import Config, Experiment, use

SIZES = (250, 500, 1000, 2000, 4000)  # training images; a quarter more, for validation, come on top
STEPS = 400  # of every run: more images are shown less often
BATCH = 50
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "augmented": {"augmentation.shift": 0.08, "augmentation.rotation": 10, "augmentation.zoom": 0.1},
}

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", image_size=[12, 12], test_limit=5000, validation_fraction=0.2),
        model=use("mnist_demo_net"),
        optimizer=use("adam", learning_rate=3e-3),
        schedule=use("one_cycle"),
        batch_size=BATCH,
    ),
    variants={
        f"{way}_{size}": {"dataset.limit": size * 5 // 4, "epochs": STEPS * BATCH // size, **overrides}
        for size in SIZES
        for way, overrides in WAYS.items()
    },
    against=tuple(f"augmented_{size}=plain_{size}" for size in SIZES),
    seeds=8,
)
