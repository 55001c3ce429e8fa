"""How well does a network tell zeros from ones that is trained by nothing but hand-written backward passes?

python -m experiments run mnist_zero_one_scratch
"""

from experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", classes=[0, 1]),
        model=use("scratch_cnn"),
        optimizer=use("momentum", learning_rate=0.05),
        schedule=use("cosine"),
        batch_size=64,
        epochs=8,
    ),
    variants={
        "plain": {},
        "shifted": {"augmentation.shift": 1 / 28},
    },
    seeds=10,
)
