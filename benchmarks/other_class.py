"""Pictures of none of the classes: are they refused by a threshold on the probability, or by a trained class "other"?

Heads on frozen features (EfficientNet-Lite0 at 160 px), fitted as `classify` does to 200 pictures of cats and dogs,
once without other pictures and once with some of four of CIFAR-10's other kinds. Then pictures of these kinds and of
the four kinds that no head has seen are to be refused. Both ways lose the same share of the known pictures, of which a
threshold refuses some, too: what the threshold is, is read off them.
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from keras_suite.experiments.classifying.head import Head, cross_validate, fit_head

SIDE = 160  # pixels, to which all are stretched
KNOWN, SIZES = 200, (20, 100, 200)  # pictures to train on: of the two classes, of the others
LOST = 0.05  # of the known pictures
CATS, DOGS = 3, 5  # of CIFAR-10


@dataclass(frozen=True)
class Pictures:
    """Features of pictures of the two classes, with labels 0 and 1, and of others, with the number of their kind."""

    known: np.ndarray
    labels: np.ndarray
    others: np.ndarray
    kinds: np.ndarray


@dataclass
class Refused:
    """Shares over all draws: what is refused of kinds that trained, of kinds that did not, and lost of the known."""

    seen: list[float]
    unseen: list[float]
    lost: list[float]

    def line(self) -> str:
        """Return the means, with their standard deviations over the draws."""
        shares = {"kinds that trained": self.seen, "kinds never seen": self.unseen, "known pictures": self.lost}
        return "; ".join(f"{name} {100 * np.mean(of):.1f} ({100 * np.std(of):.1f})" for name, of in shares.items())


def pictures(data_dir: Path, each: int) -> dict[str, Pictures]:
    """Return the features of photographs and of CIFAR-10, `each` of a kind."""
    from keras_suite.data_pipeline.datasets.image_folder import image_folder
    from keras_suite.data_pipeline.datasets.keras_datasets import cifar10
    from keras_suite.data_pipeline.images.image_files import resize
    from keras_suite.experiments.classifying.classifier import features_of, networks_for

    photographs = image_folder(data_dir, path="dogs_vs_cats.tar.gz", image_size=(SIDE, SIDE))
    small = cifar10(data_dir)
    backbone, _ = networks_for(photographs, "imagenet")
    rows = np.concatenate([np.flatnonzero(photographs.labels == label)[: 3 * each] for label in (0, 1)])
    photos, photo_labels = features_of(backbone, photographs.images[rows]), photographs.labels[rows]
    rows = np.concatenate(
        [
            np.flatnonzero(small.test_labels == label)[: 3 * each if label in (CATS, DOGS) else each]
            for label in range(10)
        ]
    )
    kinds = small.test_labels[rows]
    found = features_of(backbone, np.stack([resize(image, (SIDE, SIDE)) for image in small.test_images[rows]]))
    is_known = np.isin(kinds, (CATS, DOGS))
    others = found[~is_known].astype(np.float64), kinds[~is_known]
    return {
        "photographs": Pictures(photos.astype(np.float64), photo_labels, *others),
        "cifar10": Pictures(found[is_known].astype(np.float64), (kinds[is_known] == DOGS).astype(np.int64), *others),
    }


def measure(data: Pictures, trained: int, draws: int) -> dict[str, Refused]:
    """Return what the two ways refuse, and the trained class by itself, without a threshold."""
    random = np.random.default_rng(trained)
    found = {way: Refused([], [], []) for way in ("threshold", "class and threshold", "class alone")}
    for _ in range(draws):
        kinds = random.permutation(np.unique(data.kinds))
        is_seen = np.isin(data.kinds, kinds[: len(kinds) // 2])
        rows = _stratified(data.labels, KNOWN // 2, random)
        other = random.choice(np.flatnonzero(is_seen), trained, replace=False)
        rest = np.setdiff1d(np.arange(len(data.labels)), rows)
        seen = data.others[np.setdiff1d(np.flatnonzero(is_seen), other)]
        plain = _head(data.known[rows], data.labels[rows])
        joined = np.concatenate([data.known[rows], data.others[other]])
        third = _head(joined, np.concatenate([data.labels[rows], np.full(trained, 2)]))
        asked = (data.known[rest], seen, data.others[~is_seen])
        for way, head in (("threshold", plain), ("class and threshold", third)):
            sure = [head.probabilities(of)[:, :2].max(axis=1) for of in asked]
            _add(found[way], [of < np.quantile(sure[0], LOST) for of in sure])
        _add(found["class alone"], [third.probabilities(of).argmax(axis=1) == 2 for of in asked])
    return found


def _add(found: Refused, refused: list[np.ndarray]) -> None:
    for of, shares in zip(refused, (found.lost, found.seen, found.unseen), strict=True):
        shares.append(float(of.mean()))


def _head(features: np.ndarray, labels: np.ndarray) -> Head:
    return fit_head(features, labels, cross_validate(features, labels, repeats=1).strength)


def _stratified(labels: np.ndarray, each: int, random: np.random.Generator) -> np.ndarray:
    return np.concatenate(
        [random.choice(np.flatnonzero(labels == label), each, replace=False) for label in np.unique(labels)]
    )


def main() -> int:
    """Print three lines for each size, and a JSON line; 2 if the data are missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few pictures, 2 draws of one size")
    parser.add_argument("--draws", type=int, default=20, help="of each size (20)")
    parser.add_argument("--data-dir", type=Path, default=os.environ.get("DATA_DIR"), help="default: DATA_DIR")
    arguments = parser.parse_args()
    from keras_suite.experiments.training import runtime

    runtime.start_tensorflow(runtime.available_cores())
    try:
        data = pictures(Path(arguments.data_dir or "."), 40 if arguments.quick else 200)
    except (ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    rows = []
    for name, each in data.items():
        for trained in SIZES[:1] if arguments.quick else SIZES:
            for way, refused in measure(each, trained, 2 if arguments.quick else arguments.draws).items():
                print(f"{name:11} {trained:3} others: {way:19} refuses % of {refused.line()}", flush=True)
                rows.append({"data": name, "others": trained, "way": way, **vars(refused)})
    print(json.dumps({"benchmark": "other_class", "rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
