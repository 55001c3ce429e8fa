"""What do frozen ImageNet features know of photographs: by how large those are, how large they are seen, and by depth?

Heads on features of EfficientNet-Lite0, fitted as `classify` does to draws of 100 and 400 of 1,000 photographs of dogs
and cats, read 500 test photographs. The photographs are first stretched to 32, 48 or 160 pixels, as `which_pretraining`
and `general_layers` have them, then to the size at which the network sees them. Features of a depth are the means of
the block's outputs over all positions.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from keras_suite.experiments.classifying.head import cross_validate, fit_head

CASES = ((32, 32), (32, 160), (48, 48), (48, 160), (160, 160))  # pixels of the photograph, and as it is seen
DEPTHS_OF = (48, 160)
POOL, TESTS, SIZES = 500, 250, (100, 400)  # of a class: to draw from, to test on; photographs of both to train on


def features(data_dir: Path, side: int, seen_at: int, each: tuple[int, int]) -> tuple[dict[str, Any], np.ndarray]:
    """Return the features (n, d) at each depth of training, then of test photographs, and their labels."""
    import keras

    from keras_suite.data_pipeline.datasets.image_folder import image_folder
    from keras_suite.experiments.classifying.classifier import features_of
    from keras_suite.models.networks.applications import efficientnet_lite0
    from keras_suite.models.networks.backbone import blocks

    dataset = image_folder(data_dir, path="dogs_vs_cats.tar.gz", image_size=(side, side))
    parts = ((dataset.images, dataset.labels, each[0]), (dataset.test_images, dataset.test_labels, each[1]))
    rows = [np.concatenate([np.flatnonzero(labels == label)[:count] for label in (0, 1)]) for _, labels, count in parts]
    images = np.concatenate([part[0][chosen] for part, chosen in zip(parts, rows, strict=True)])
    labels = np.concatenate([part[1][chosen] for part, chosen in zip(parts, rows, strict=True)])
    network = efficientnet_lite0(dataset.image_shape, 2, 1, weights="imagenet", seen_at=seen_at)
    last = {f"block {number}": block[-1].output for number, block in enumerate(blocks(network)[:-1], 1)}
    last["all"] = network.get_layer("features").input
    if (side, seen_at) != DEPTHS_OF:
        last = {"all": last["all"]}
    means = [keras.ops.mean(output, axis=(1, 2)) for output in last.values()]
    widths = [int(mean.shape[-1]) for mean in means]
    found = features_of(keras.Model(network.input, keras.ops.concatenate(means, axis=-1), name="depths"), images)
    split = np.split(found.astype(np.float64), np.cumsum(widths)[:-1], axis=1)
    return dict(zip(last, split, strict=True)), labels


def right(found: np.ndarray, labels: np.ndarray, tests: int, count: int, draws: int) -> list[float]:
    """Return the share of the last `tests` photographs that heads on draws of `count` of the others read right."""
    random, pool = np.random.default_rng(count), labels[:-tests]
    shares = []
    for _ in range(draws):
        rows = np.concatenate(
            [random.choice(np.flatnonzero(pool == label), count // 2, replace=False) for label in (0, 1)]
        )
        chosen = cross_validate(found[rows], labels[rows], repeats=1)
        head = fit_head(found[rows], labels[rows], chosen.strength)
        answers = head.probabilities(found[-tests:]).argmax(axis=1)
        shares.append(float(np.mean(answers == labels[-tests:])))
    return shares


def main() -> int:
    """Print a line for each case, depth and size, and a JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few photographs, 2 draws of one size, two cases")
    parser.add_argument("--draws", type=int, default=10, help="of each size (10)")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"), help="default: DATA_DIR")
    arguments = parser.parse_args()
    from keras_suite.experiments.training import runtime

    runtime.start_tensorflow(runtime.available_cores())
    rows = []
    for side, seen_at in ((32, 32), (48, 48)) if arguments.quick else CASES:
        each = (60, 20) if arguments.quick else (POOL, TESTS)
        try:
            by_depth, labels = features(Path(arguments.data_dir or "."), side, seen_at, each)
        except (ValueError, OSError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        for depth, found in by_depth.items():
            for count in SIZES[:1] if arguments.quick else SIZES:
                shares = right(found, labels, 2 * each[1], count, 2 if arguments.quick else arguments.draws)
                said = f"{100 * np.mean(shares):5.2f} % ({100 * np.std(shares, ddof=1):.2f})"
                print(f"{side:3} px seen at {seen_at:3}, {depth:7}: {count:3} photographs {said}", flush=True)
                rows.append({"side": side, "seen_at": seen_at, "depth": depth, "count": count, "right": shares})
    print(json.dumps({"benchmark": "imagenet_features", "rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
