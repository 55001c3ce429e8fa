"""How well does a tiny code give digits back?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", task="image", limit=100, test_limit=20),
        model=use("autoencoder", up="unpooling", filters=[2, 4], code=2),
        loss=use("squared_error"),
        optimizer=use("adam", learning_rate=1e-2),
        batch_size=20,
        epochs=2,
    ),
    seeds=1,
)
