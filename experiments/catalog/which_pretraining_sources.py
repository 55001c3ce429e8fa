"""What do 6,000 animals, vehicles, both or digits teach a network, as a start for other photographs?

    keras-suite run which_pretraining_sources --workers 2

The networks that `which_pretraining` starts from. "both" draws from all ten classes of CIFAR-10; the digits are MNIST's
at 32x32 pixels, grey in all three channels.

Measured (5,400 training and 600 validation images, 1,000 test images, CIFAR-10 re-encoded as JPEG; 1 seed, 4 runs in 2
minutes on 2 busy cores): 60.30 % of the animals right, of six kinds; 81.60 % of the vehicles, of four; 63.80 % of both,
of ten; 99.40 % of the digits.
"""

from keras_suite.experiments.config import Config, Experiment, use

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
