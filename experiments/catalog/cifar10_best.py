"""How far does one plain network get on CIFAR-10 within 30 minutes on 2 cores?

    keras-suite run cifar10_best

`whitened_cnn` of the whole width, 20 epochs of Nesterov momentum under one cycle with an L2 penalty, label smoothing,
flips, shifts and cutout, in bfloat16. It answers the mean over six views: a photograph, two that are moved by a pixel,
and their mirror images. What the ingredients are worth, `cifar10_ingredients` asks.

Chosen on validation photographs. A quarter of the width, 4 epochs, 5,000 photographs, seeds 1 and 2: AdamW reads 77.56
and 78.16 %, momentum with learning rate 0.2 and l2 2.5e-4 80.46 and 80.70, with 0.4 and 5e-4 82.16 and 81.64 (with
logits_scale 1/9 82.38, seed 1). Convolutions that begin by handing their channels on (Dirac initialization) and offsets
that learn 64 times as fast, as Jordan (2024) has them, added nothing: beside 80.46 and 80.70 they read 80.32 and 81.04,
80.36 and 80.04. The whole width, seed 1: 22 epochs of 0.4 and 5e-4 without cutout and logits_scale read 91.56 %; with
both 77.2 % after 9 epochs, where the present 0.2 and 4e-4 stood at 81.0 and came to 92.1 (these of 1,000 photographs).

Measured on CIFAR-10 as JPEG of quality 75, colours at half the resolution (49,000 training and 1,000 validation images,
all 10,000 test images; 3 seeds, 3 runs in 78 minutes on 2 cores, nothing else running): "'best' reaches 90.90 % test
accuracy (95 % interval 90.00 to 91.78 %, 3 seeds)" (91.11, 91.03 and 90.55), 1,975,106 parameters. 92 % is not reached.
A run's 26 minutes hold 20 epochs (650 images a second in bfloat16, 540 in float32), and the network knows 96 % of the
augmented training photographs by then. Neither time nor regularization alone is what lacks (seed 1): 30 epochs of ReLU
with hand-derived normalisation, model.layers=["batch_normalization"], 930 images a second, read 91.32 % after 27
minutes, with cutout 0.375, shift 0.125, smoothing 0.2 and l2 6e-4 90.94 (train 93 %); those 22 epochs read 90.73, the
first version's best network 84.27. By validation (90.9 and 91.4 %) neither replaced this one. What JPEG costs is not
known: the originals are not here.
"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", validation_fraction=0.02),
        augmentation=use("standard", horizontal_flip=True, shift=0.1, fill="reflect", cutout=0.25),
        model=use("whitened_cnn", activation="gelu", logits_scale=0.125, test_views="mirror_and_shift", l2=4e-4),
        loss=use("cross_entropy", label_smoothing=0.1),
        optimizer=use("momentum", learning_rate=0.2, nesterov=True),
        schedule=use("one_cycle"),
        precision="mixed_bfloat16",
        batch_size=256,
        epochs=20,
    ),
    variants={"best": {}},
    seeds=3,
)
