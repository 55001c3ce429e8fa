"""MNIST, Fashion-MNIST, CIFAR-10 and CIFAR-100, from the data folder, else Keras's cache, else Keras's download."""

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Unpack

import numpy as np

from keras_suite.data_pipeline.dataset import Dataset, content_fingerprint
from keras_suite.data_pipeline.datasets.keras_files import Arrays, read_cifar, read_idx, read_npz
from keras_suite.data_pipeline.datasets.options import ImageOptions, with_options
from keras_suite.data_pipeline.datasets.stored_images import TreeOptions, stored_images

# Names of the classes, in label order.
DIGITS = tuple("0123456789")

FASHION = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")

CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

CIFAR100 = tuple(  # a hundred quoted names would fill a hundred lines
    """apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle
    caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant
    flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man
    maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck
    pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk
    skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger
    tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm""".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Source:
    """Where a dataset comes from.

    Attributes:
        name: Its name in a Config and in `keras.datasets`.
        class_names: In label order.
        files: Names inside the data folder, each with its reader; the first that exists is used.
        jpeg_archive: A tar of JPEGs to use where there is none of the files.
    """

    name: str
    class_names: tuple[str, ...]
    files: tuple[tuple[str, Callable[[Path], Arrays]], ...]
    jpeg_archive: str | None = None


_SOURCES = {
    "mnist": Source("mnist", DIGITS, (("mnist.npz", read_npz),)),
    "fashion_mnist": Source("fashion_mnist", FASHION, (("fashion_mnist.npz", read_npz), ("fashion-mnist", read_idx))),
    "cifar10": Source(
        "cifar10",
        CIFAR10,
        (
            ("cifar10.npz", read_npz),
            ("cifar-10-batches-py", read_cifar),
            ("cifar-10-batches-py-target/cifar-10-batches-py", read_cifar),
            ("cifar-10-python.tar.gz", read_cifar),
        ),
        jpeg_archive="cifar10_jpeg.tar.gz",
    ),
    "cifar100": Source(
        "cifar100",
        CIFAR100,
        (
            ("cifar100.npz", read_npz),
            ("cifar-100-python", read_cifar),
            ("cifar-100-python-target/cifar-100-python", read_cifar),
            ("cifar-100-python.tar.gz", read_cifar),
        ),
    ),
}


def _builder(name: str, docstring: str) -> Callable[..., Dataset]:
    """Return the builder of one of Keras's datasets, all with the same options."""

    def build(
        data_dir: Path | None,
        /,
        *,
        channels: Literal[1, 3] | None = None,
        **shared: Unpack[ImageOptions],
    ) -> Dataset:
        return with_options(in_channels(_load(name, data_dir), channels), ImageOptions, **shared)

    build.__name__ = build.__qualname__ = name
    build.__doc__ = docstring
    return build


mnist = _builder(
    "mnist",
    """Load 60,000 + 10,000 handwritten digits, (28, 28, 1); LeCun, Cortes, Burges. File: `mnist.npz`.

    `channels` 3 repeats the grey levels, for networks that are to see colours afterwards.
    """,
)
fashion_mnist = _builder(
    "fashion_mnist",
    """Load 60,000 + 10,000 grey pictures of clothes, (28, 28, 1); Xiao, Rasul, Vollgraf 2017.

    Files: `fashion_mnist.npz`, or the folder `fashion-mnist` with the four `*-ubyte.gz`. `channels` as for `mnist`.
    """,
)
cifar10 = _builder(
    "cifar10",
    """Load 50,000 + 10,000 small photographs in 10 classes, (32, 32, 3); Krizhevsky 2009.

    Files: `cifar10.npz`, the folder `cifar-10-batches-py`, `cifar-10-python.tar.gz`, or `cifar10_jpeg.tar.gz` (a tree
    of JPEGs: slightly lossy, and said so in the notes).
    """,
)
cifar100 = _builder(
    "cifar100",
    """Load 50,000 + 10,000 small photographs in 100 classes (the fine labels), (32, 32, 3); Krizhevsky 2009.

    Files: `cifar100.npz`, the folder `cifar-100-python`, or `cifar-100-python.tar.gz`.
    """,
)


def in_channels(source: Dataset, channels: int | None) -> Dataset:
    """Repeat the grey levels of images (n, h, w, 1) in so many channels; None leaves them as they are."""
    if channels is None or channels == source.images.shape[3]:
        return source
    if source.images.shape[3] > 1:
        raise ValueError(f"{source.name} has images in colour: channels={channels} is not possible, leave it out")
    images, test_images = (np.repeat(array, channels, axis=3) for array in (source.images, source.test_images))
    return replace(source, images=images, test_images=test_images)


def _load(name: str, data_dir: Path | None) -> Dataset:
    source = _SOURCES[name]
    if data_dir is not None and not Path(data_dir).is_dir():
        raise FileNotFoundError(f"the data folder {data_dir} does not exist: create it, or give another --data-dir")
    keras_cache = Path(os.path.expanduser(os.environ.get("KERAS_HOME", "~/.keras"))) / "datasets"
    for folder in (data_dir, keras_cache):
        if folder is None:
            continue
        for file, read in source.files:
            if (path := Path(folder) / file).exists():
                return _dataset(source, read(path), str(path))
        if source.jpeg_archive and (path := Path(folder) / source.jpeg_archive).exists():
            return _from_jpegs(source, path)
    return _dataset(source, _download(source, data_dir, keras_cache), "Keras's download")


def _from_jpegs(source: Source, path: Path) -> Dataset:
    stored = stored_images(path, TreeOptions(image_size=(32, 32), channels=3))
    if stored.class_names != source.class_names:
        raise ValueError(
            f"{path} has the classes {', '.join(stored.class_names)}; expected {', '.join(source.class_names)}"
        )
    notes = (
        *stored.notes,
        f"read from {path.name}: re-encoded as JPEG, so its pixels differ slightly from the original's",
    )
    return replace(stored, name=source.name, notes=notes, origin=replace(stored.origin, is_own=False))


def _download(source: Source, data_dir: Path | None, keras_cache: Path) -> Arrays:
    keras_module = importlib.import_module(f"keras.datasets.{source.name}")  # late: TensorFlow takes seconds
    try:
        train, test = keras_module.load_data()
    except Exception as error:  # Keras raises a bare Exception when the download fails
        place = data_dir if data_dir is not None else keras_cache
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileNotFoundError(
            f"{source.name} is not in {place} and its download failed ({reason}): put {source.files[0][0]} into {place}"
        ) from None
    return train[0], train[1], test[0], test[1]


def _dataset(source: Source, arrays: Arrays, where: str) -> Dataset:
    images, labels, test_images, test_labels = (np.asarray(array) for array in arrays)
    parts = []
    for name, pixels, numbers in (("train", images, labels), ("test", test_images, test_labels)):
        numbers = numbers.reshape(-1)
        pixels = pixels[..., np.newaxis] if pixels.ndim == 3 else pixels
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or not len(pixels) or len(pixels) != len(numbers):
            raise ValueError(
                f"{where}: the {name} part holds {pixels.dtype} images of shape {pixels.shape} with {len(numbers)} "
                "labels; expected uint8 (n, height, width[, channels]) and n labels: get the file anew"
            )
        if numbers.dtype.kind not in "iu" or numbers.min() < 0 or numbers.max() >= len(source.class_names):
            raise ValueError(
                f"{where}: {name} labels are {numbers.dtype} from {numbers.min()} to {numbers.max()}; expected "
                f"0..{len(source.class_names) - 1}: get the file anew"
            )
        parts += [np.ascontiguousarray(pixels), numbers.astype(np.int64)]
    return Dataset(
        name=source.name,
        images=parts[0],
        labels=parts[1],
        test_images=parts[2],
        test_labels=parts[3],
        class_names=source.class_names,
        fingerprint=content_fingerprint(*parts),
    )
