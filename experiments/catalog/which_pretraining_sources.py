"""What do 6,000 animals, vehicles, both or digits teach a network, as a start for other photographs?

    python -m experiments run which_pretraining_sources --threads 1

The networks that `which_pretraining` starts from. "both" draws from all ten classes of CIFAR-10.
"""

from experiments.config import Config, Experiment, use

ANIMALS = ["bird", "cat", "deer", "dog", "frog", "horse"]
VEHICLES = ["airplane", "automobile", "ship", "truck"]
SEEN = {"limit": 6000, "test_limit": 1000}

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", classes=ANIMALS, **SEEN),
        augmentation=use("standard", shift=0.1),
        model=use("vgg", width=0.125, blocks=4, batch_normalization="before_activation"),
        optimizer=use("adamw", learning_rate=4e-3, weight_decay=1e-2),
        schedule=use("one_cycle"),
        batch_size=100,
        epochs=20,
    ),
    variants={
        "animals": {},
        "vehicles": {"dataset.classes": VEHICLES},
        "both": {"dataset.classes": None},
        "digits": {"dataset": use("mnist", image_size=[32, 32], channels=3, **SEEN)},
    },
    seeds=1,
)
