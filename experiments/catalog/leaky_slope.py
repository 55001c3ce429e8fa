"""How much should leaky relu leak: a slope of 0 (relu), 0.01, 0.1 or 0.3 below zero?

    keras-suite run leaky_slope --threads 1

Leaky relu is max(slope * x, x): a lecture draws it with 0.1, its paper (Maas et al. 2013) has 0.01, Keras's layer 0.3.
The network is that of `activations`, three blocks of one convolution and a pooling, and a hidden dense layer.

Measured on CIFAR-10 re-encoded as JPEG (1,600 training and 400 validation images, 4,000 test images, 5 epochs, 8 seeds,
32 runs in 3 minutes of one of 2 cores, 13 beside other work): "1 of 3 variants is better than 'slope_0.1': 'slope_0.3',
by 0.76 percentage points of test accuracy (95 % interval 0.02 to 1.50 over all 3 comparisons, 8 paired seeds); 'relu'
is worse; 'slope_0.01' is undecided". relu 34.43 %, slope_0.01 35.39, slope_0.1 36.55, slope_0.3 37.31: in 160 steps the
more leaks the further training gets, as `activations` found of 0.2. A longer training was not tried.

"""

from keras_suite.experiments.config import Config, Experiment, use

LECTURE = 0.1
SLOPES = (0.01, 0.3)

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", limit=2000, test_limit=4000, validation_fraction=0.2),
        model=use(
            "pattern_cnn",
            blocks=3,
            filters=[12, 24, 24],
            units=48,
            activation="leaky_relu",
            negative_slope=LECTURE,
        ),
        augmentation=use("standard", horizontal_flip=True),
        optimizer=use("adam", learning_rate=2e-3),
        schedule=use("one_cycle"),
        batch_size=50,
        epochs=5,
    ),
    variants={
        f"slope_{LECTURE:g}": {},
        "relu": {"model.activation": "relu", "model.negative_slope": None},
        **{f"slope_{slope:g}": {"model.negative_slope": slope} for slope in SLOPES},
    },
    seeds=8,
)
