"""How well are the digits 0 to 4 told apart?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=200, test_limit=40, classes=[0, 1, 2, 3, 4]),
        model=use("vgg", width=0.05, blocks=2, batch_normalization="before_pooling"),
        optimizer=use("adam", learning_rate=1e-2),
        batch_size=32,
        epochs=2,
    ),
    seeds=1,
)
