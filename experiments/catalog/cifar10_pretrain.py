"""How well does a narrow VGG read CIFAR-10, as a start for other photographs?

    keras-suite run cifar10_pretrain

Measured on CIFAR-10 re-encoded as JPEG (all 50,000 + 10,000 images, 13 minutes on 2 busy cores): 84.27 % of the test
images right, in one run, which says nothing of the spread.
"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10"),
        augmentation=use("standard", horizontal_flip=True, shift=0.125),
        model=use("vgg", width=0.25, batch_normalization="before_activation"),
        optimizer=use("adamw", learning_rate=4e-3, weight_decay=1e-2),
        schedule=use("one_cycle"),
        batch_size=128,
        epochs=30,
    ),
    seeds=1,
)
