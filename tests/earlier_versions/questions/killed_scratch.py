"""Does a run without autodiff that was killed in the middle end as if it had been left alone?"""

from keras_suite.experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", limit=400, test_limit=40, classes=[0, 1, 2]),
        model=use("scratch_cnn", l2=1e-4),
        optimizer=use("momentum", learning_rate=0.02),
        schedule=use("one_cycle"),
        batch_size=16,
        epochs=40,
    ),
    seeds=1,
)
