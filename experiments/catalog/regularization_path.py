"""What do L1 and L2 penalties do from none to far too much, on 1,000 digits?

python -m experiments run regularization_path --threads 1
"""

from typing import Any

import numpy as np

from experiments.config import Config, Experiment, use

STRENGTHS = {"l1": (1e-4, 1e-3, 1e-2, 1e-1), "l2": (1e-3, 1e-2, 1e-1, 1.0)}
NEAR_ZERO = 1e-3
EDGES = np.linspace(-0.2, 0.2, 81)  # of the histogram of weights

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", limit=1000, test_limit=5000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=2, filters=[8, 16], units=64),
        optimizer=use("adam", learning_rate=2e-3),
        schedule=use("cosine"),
        batch_size=50,
        epochs=20,
    ),
    variants={
        "none": {},
        **{f"{kind}_{each:g}": {f"model.{kind}": each} for kind, found in STRENGTHS.items() for each in found},
    },
    seeds=9,
)


def measure(model: Any, images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Of all kernels together: the sums of |w| and w^2, the share with |w| below 0.001, and a histogram."""
    kernels = [np.asarray(weight) for weight in model.trainable_weights if len(weight.shape) > 1]
    weights = np.concatenate([kernel.ravel() for kernel in kernels]).astype(np.float64)
    return {
        "l1_norm": float(np.abs(weights).sum()),
        "l2_norm": float(np.sqrt(np.square(weights).sum())),
        "near_zero": float(np.mean(np.abs(weights) < NEAR_ZERO)),
        "weights": int(weights.size),
        "histogram": np.histogram(np.clip(weights, EDGES[0], EDGES[-1]), EDGES)[0].tolist(),
    }
