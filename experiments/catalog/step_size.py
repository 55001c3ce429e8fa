"""How large a step of gradient descent still goes down, on a parabola and on a small CNN?

python -m experiments run step_size --threads 1
"""

from experiments.config import Config, Experiment, use

RATES = (0.1, 0.4, 1.0)
TRAINED = 200

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", image_size=[14, 14], limit=TRAINED * 5 // 4, test_limit=2000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=2, filters=[6, 12], dense_layers=0, activation="tanh", downsample="average"),
        optimizer=use("sgd", learning_rate=RATES[0]),
        callbacks=(use("sharpness", every=8, images=TRAINED),),
        batch_size=TRAINED,
        epochs=240,
    ),
    variants={f"rate_{rate:g}": {"optimizer.learning_rate": rate} if rate != RATES[0] else {} for rate in RATES},
    seeds=7,
)
