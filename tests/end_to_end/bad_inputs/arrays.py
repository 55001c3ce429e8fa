"""Files of arrays that no dataset can be made of."""

import io
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from tests.end_to_end.bad_inputs.row import SMALL, Row

DIGITS = load_digits()
IMAGES, LABELS = DIGITS.images.astype(np.uint8)[:60], DIGITS.target[:60]


def packed(**given: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **given)
    return file.getvalue()


def single(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def row(content: bytes | str, said: str, *settings: str) -> Row:
    words = [word for text in ("name=arrays", "path=x.npz", *settings) for word in ("--set", f"dataset.{text}")]
    return Row(("run", "mine.py", *words), said, {"mine.py": SMALL, "x.npz": content})


def arrays(said: str, *settings: str, **changed: Any) -> Row:
    return row(packed(**{"images": IMAGES, "labels": LABELS, **changed}), said, *settings)


ARRAYS = [
    row("image,label\na.png,3\n", "x.npz cannot be read as an .npz with images and labels"),
    row(b"", "x.npz cannot be read as an .npz"),
    row(packed(images=IMAGES, labels=LABELS)[:3000], "x.npz cannot be read as an .npz"),
    row(single(IMAGES), "x.npz is an .npy, one array without a name"),
    row(packed(a=IMAGES, b=LABELS), "has no `images` (it has a, b): name the arrays"),
    row(packed(images=IMAGES), "has no `labels` (it has images)"),
    arrays("there are 60 images and 59 labels: give one each", labels=LABELS[1:]),
    arrays("labels are 3 throughout", labels=np.full(60, 3)),
    arrays("images are empty", images=IMAGES[:0], labels=LABELS[:0]),
    arrays("Python objects, which could run code", labels=LABELS.astype(object)),
    arrays("np.moveaxis(images, 1, -1)", images=np.repeat(IMAGES[:, None], 3, axis=1)),
    arrays("images.reshape(-1, 8, 8)", images=IMAGES.reshape(60, 64)),
    arrays("with 1 or 3 channels", images=np.repeat(IMAGES[..., None], 5, axis=3)),
    arrays("images are int16 from -16 to 0; expected 0..255", images=-IMAGES.astype(np.int16)),
    arrays("images are uint16 from 0 to 4080; expected 0..255", images=IMAGES.astype(np.uint16) * 255),
    arrays("images hold NaN or infinity (first: image 0)", images=np.where(IMAGES == 0, np.nan, IMAGES)),
    arrays("of type <U", images=IMAGES.astype(str)),
    arrays("labels are no whole numbers (first: 0.5 of image 0)", labels=LABELS + 0.5),
    arrays("labels hold an empty name", labels=np.array(["a", ""] * 30)),
    arrays("one-hot", labels=np.full((60, 10), 0.1)),
    arrays("has test_labels and no `test_images`", test_labels=LABELS),
    arrays("test_images are of 4x8x1 and others of 8x8x1", test_images=IMAGES[:, 4:], test_labels=LABELS),
    arrays("test_labels hold 77, and no training image", test_images=IMAGES, test_labels=np.full(60, 77)),
    arrays("class_names", class_names=["a", "b"]),
    arrays("has no `targets`, which task='angle' predicts", "task=angle"),
    arrays("dataset.task='nothing' is not possible", "task=nothing"),
    arrays("dataset.test_fraction=1.5 is not possible", "test_fraction=1.5"),
    arrays("limit=10000 must be from", "limit=10000"),
    Row(("run", "mine.py", "--set", "dataset.name=arrays"), "arrays needs `path`", {"mine.py": SMALL}),
    *(
        Row(("run", "mine.py", "--set", f"dataset.name={name}"), f"{name} needs `path`: the name", {"mine.py": SMALL})
        for name in ("tfds", "huggingface")
    ),
    Row(
        ("data", "mine.py", "--set", "dataset.name=arrays", "--set", "dataset.path=x"),
        "x is a folder: expected an .npz",
        {"mine.py": SMALL},
        ("x",),
    ),
]
