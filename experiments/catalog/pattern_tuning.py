"""Which INPUT -> [(CONV -> RELU) x N -> POOL] x M -> [FC -> RELU] x K -> FC is best with 2,000 small photographs?

    keras-suite tune pattern_tuning --tuner hyperband --max-epochs 9 --iterations 2 --threads 1 \
        --confirm 2 --confirm-seeds 12
    keras-suite run pattern_tuning --seeds 12       the first guess alone

Hyperband tries many such networks for an epoch, and goes on with the best. The space holds N, M and K, the filters of
the first block (each later block has twice as many), the kernels' size, what halves height and width, how the weights
begin, and the optimizer, each with learning rates of its own.

Measured on CIFAR-10 re-encoded as JPEG (2,000 training and 1,000 validation photographs, 5,000 test photographs; 46
trials in 2 iterations, then 12 fresh seeds of the two best and of the base, after 6 had been too few for two
comparisons; 23 minutes with 1 thread on 2 cores that were busy with other work). All three have M = 2 blocks of N = 1
convolution of 3x3 with max pooling and K = 1 hidden layer:

                                                     validation, %              test, %
                  filters, initializer, rate   in the sweep  fresh seeds   fresh seeds     difference
    base          16, glorot_uniform, 0.001       44.00         44.02         43.82
    trial-0041    16, he_normal, 0.0017           46.60         44.93         44.84      +1.02 (-0.57 to 2.61)
    trial-0035    8, orthogonal, 0.0044           45.60         43.12         43.25      -0.57 (-2.21 to 1.07)

"None of 2 variants is shown to be better than 'base'": what looked like 2.60 points was mostly the luck of the best of
46. What the sweep does show is what not to do: of all trials only these two came above the base, and besides the epochs
that a trial was trained, the optimizer (adam before momentum) decided on its rank.
"""

from typing import Any

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("cifar10", limit=3000, test_limit=5000, validation_fraction=1 / 3),
        model=use("pattern_cnn", convs=1, blocks=2, dense_layers=1, filters=[16, 32], units=64),
        optimizer=use("adam", learning_rate=1e-3),
        batch_size=32,
        epochs=9,
    ),
    seeds=12,
)


def space(hp: Any) -> dict[str, Any]:
    blocks = hp.Int("blocks", 1, 3)
    filters = hp.Choice("filters", [8, 16, 32])
    optimizer = hp.Choice("optimizer", ["adam", "momentum"])
    with hp.conditional_scope("optimizer", ["adam"]):
        adam_rate = hp.Float("adam_learning_rate", 3e-4, 1e-2, sampling="log")
    with hp.conditional_scope("optimizer", ["momentum"]):
        momentum_rate = hp.Float("momentum_learning_rate", 1e-3, 1e-1, sampling="log")
    return {
        "model.convs": hp.Int("convs", 1, 3),
        "model.blocks": blocks,
        "model.dense_layers": hp.Int("dense_layers", 0, 2),
        "model.filters": [filters * 2**i for i in range(blocks)],
        "model.kernel_size": hp.Choice("kernel_size", [3, 5]),
        "model.downsample": hp.Choice("downsample", ["max", "average", "stride"]),
        "model.initializer": hp.Choice("initializer", ["glorot_uniform", "he_normal", "orthogonal", "random_normal"]),
        "optimizer.name": optimizer,
        "optimizer.learning_rate": adam_rate if optimizer == "adam" else momentum_rate,
    }
