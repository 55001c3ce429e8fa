"""The weights that a run starts from: a file's, an earlier run's, or ImageNet's. No TensorFlow."""

import contextlib
import functools
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from keras_suite.experiments.config import Config
from keras_suite.experiments.own_parts.names import is_own
from keras_suite.models.transfer.imagenet_weights import imagenet_weights
from keras_suite.reports import run_directory
from keras_suite.tasks.reading.archives import most_weights, zip_member
from keras_suite.tasks.reading.files import WrongFile, damage_named, open_file

RUN = "run:"
WEIGHTS_IN_ARCHIVE = "model.weights.h5"  # the rest of a .keras archive holds the time at which it was saved


@dataclass(frozen=True)
class Pretrained:
    """Where weights come from.

    Attributes:
        source: In words.
        weights: What the model's builder is given.
        fingerprint: A hash of their content.
    """

    source: str
    weights: str
    fingerprint: str


def pretrained(config: Config, runs_dir: Path) -> Pretrained | None:
    """Find the weights that the Config's `model.weights` names. ImageNet's are downloaded where they are missing.

    "run:X" is a run directory X, or the first variant's first run of the experiment X in `runs_dir`; "run:X/V" is the
    first run of its variant V.

    Returns:
        None for random weights.

    Raises:
        ValueError, FileNotFoundError: If they are not there; the line says what is missing.
    """
    weights = config.model.options.get("weights", "random")
    if not isinstance(weights, str) or weights == "random":
        return None
    if is_own(config.model.name) and not weights.startswith(RUN) and not Path(weights).is_file():
        return None  # it means what it means to the user's own function
    if weights == "imagenet":
        path = imagenet_weights(config.model.name)
        return Pretrained(f"ImageNet, {path.name}", weights, _fingerprint(path, path.stat().st_mtime_ns))
    if not weights.startswith(RUN):
        path = Path(weights)
        if not path.is_file():
            raise FileNotFoundError(
                f"model.weights={weights}: there is no such file; give random, imagenet, the path of a file, or "
                "run:<run directory>"
            )
        run_directory.whole_model(path)
        return Pretrained(f"the file {path.name}", weights, _fingerprint(path, path.stat().st_mtime_ns))
    run = run_directory.read_run(_directory(weights.removeprefix(RUN), runs_dir), needs=())
    if run.metrics is None:
        raise ValueError(f"model.weights={weights}: that run is {run.status}: run its command to the end first")
    path = run_directory.whole_model(run.path)
    source = f"{run.experiment}, variant {run.variant}, seed {run.seed}"
    return Pretrained(source, str(path), _fingerprint(path, path.stat().st_mtime_ns))


def _directory(name: str, runs_dir: Path) -> Path:
    for path in (Path(name), runs_dir / name):
        if (path / "run.json").exists():
            return path
        for folder, variant in ((path, None), (path.parent, path.name)):
            if (folder / "experiment.json").exists():
                experiment = run_directory.read_experiment(folder)
                chosen = variant or experiment.baseline
                first = [run for run in experiment.runs if run.variant == chosen]
                if first:
                    return min(first, key=lambda run: run.seed).path
    experiment_name, _, variant = name.partition("/")
    whose = f"variant {variant} of an experiment {experiment_name}" if variant else "an experiment of that name"
    raise FileNotFoundError(
        f"model.weights=run:{name}: there is no such run, nor runs of {whose} in {runs_dir}; train "
        f"it first: keras-suite run {experiment_name}"
    )


@functools.lru_cache(maxsize=16)
def _fingerprint(path: Path, changed: int) -> str:
    """Hash the weights' bytes; the result is equal for models that were saved at different times with equal weights."""
    expected = "a .keras file, or Keras's .h5"
    digest = hashlib.sha256()
    with contextlib.ExitStack() as stack:
        stack.enter_context(damage_named(path, expected, "copy it anew; it was left as it is"))
        content: IO[bytes] = stack.enter_context(open_file(path, expected=expected))
        if zipfile.is_zipfile(content):
            archive = stack.enter_context(zipfile.ZipFile(content))
            if WEIGHTS_IN_ARCHIVE not in archive.namelist():
                raise WrongFile(f"{path} holds no weights: give {expected}")
            most = most_weights(path.stat().st_size)
            content = stack.enter_context(zip_member(archive, WEIGHTS_IN_ARCHIVE, at_most=most))
        else:
            content.seek(0)
        for block in iter(functools.partial(content.read, 2**20), b""):
            digest.update(block)
    return digest.hexdigest()[:16]
