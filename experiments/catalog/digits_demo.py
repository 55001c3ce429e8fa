"""Does augmentation or a smaller step on plateaus help a small CNN on real handwritten digits?

python -m experiments run digits_demo --seeds 8
"""

from experiments.config import Config, Experiment, use

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("digits", image_size=[16, 16], validation_fraction=0.2),
        model=use("mnist_demo_net"),
        optimizer=use("adam", learning_rate=2e-3),
        batch_size=64,
        epochs=8,
    ),
    variants={
        "plain": {},
        "shifted": {"augmentation.shift": 0.08},
        "plateau": {"callbacks": (use("reduce_lr_on_plateau", factor=0.5, patience=1),)},
    },
    seeds=8,
)
