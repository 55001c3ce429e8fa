"""How much do wrong labels cost, and does the report's page of confidently wrong answers find them?

python -m experiments run label_noise --threads 1
"""

from typing import Any

import numpy as np

from experiments.config import Config, Experiment, use

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4)
TOP = (10, 24, 50, 100, 200, 400)  # 24 is what the report's page stores of a run

EXPERIMENT = Experiment(
    base=Config(
        dataset=use("mnist", limit=2000, test_limit=4000, validation_fraction=0.2),
        model=use("pattern_cnn", blocks=2, filters=[8, 16], units=64, dropout=0.1, dense_dropout=0.3),
        optimizer=use("adam", learning_rate=2e-3),
        callbacks=(use("early_stopping", patience=4),),
        batch_size=50,
        epochs=20,
    ),
    variants={f"wrong_{100 * share:.0f}": {"dataset.label_noise": share} if share else {} for share in SHARES},
    seeds=8,
)


def measure(model: Any, images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """For each share of wrong labels: of the k most confidently wrong answers, the share whose label is wrong.

    The images are the test images, which no training saw, with labels made wrong as those of the training images are.
    """
    from data_pipeline.dataset import with_wrong_labels
    from experiments.evaluation import most_confidently_wrong, softmax

    probabilities = softmax(np.asarray(model.predict(images.astype(np.float32), batch_size=500, verbose=0)))
    found: dict[str, Any] = {}
    for share in SHARES[1:]:
        noisy = with_wrong_labels(labels, share, probabilities.shape[1])
        wrong = noisy != labels
        suspects = most_confidently_wrong(noisy, probabilities, count=len(labels))
        right = np.cumsum(wrong[suspects])
        found[f"{share:g}"] = {
            "precision": {str(k): float(right[k - 1] / k) for k in TOP if k <= len(suspects)},
            "recall": float(wrong[suspects].sum() / wrong.sum()),
            "suspects": len(suspects),
            "wrong": int(wrong.sum()),
        }
    return found
