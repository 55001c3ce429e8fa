"""Which of some named arrays are images, labels, targets and names, under the names that people give them."""

from collections.abc import Collection

from keras_suite.tasks.reading.files import one_line
from keras_suite.tasks.wording.shown import shown

# Each array by the suite's name, and what it is called elsewhere: in Keras's mnist.npz, MedMNIST and notebooks.
ALIASES = {
    "images": ("images", "x_train", "X_train", "train_images", "x", "X"),
    "labels": ("labels", "y_train", "Y_train", "train_labels", "y", "Y"),
    "targets": ("targets", "train_targets"),
    "test_images": ("test_images", "x_test", "X_test"),
    "test_labels": ("test_labels", "y_test", "Y_test"),
    "test_targets": ("test_targets",),
    "class_names": ("class_names", "label_names"),
    "target_names": ("target_names",),
}
_PAIRS = (("images", "test_images"), ("labels", "test_labels"), ("targets", "test_targets"))
_SHOWN = 12


def arrays_named(where: str, there: Collection[str], mend: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Tell which array is which.

    Args:
        where: What the arrays lie in, for an error.
        there: The names that the arrays have.
        mend: How to name them, for an error.

    Returns:
        The arrays' names by the suite's names, and notes on those that are left out.

    Raises:
        ValueError: If images or what is to be predicted of them are missing, or if an array is there twice.
    """
    found: dict[str, str] = {}
    for name, aliases in ALIASES.items():
        present = [alias for alias in aliases if alias in there]
        if len(present) > 1:
            raise ValueError(f"{where} has both {' and '.join(present)}: leave out all but one")
        if present:
            found[name] = present[0]
    has = f"it has {_listed(there)}" if there else "it has no arrays"
    if "images" not in found:
        raise ValueError(f"{where} has no `images` ({has}): {mend}")
    if "labels" not in found and "targets" not in found:
        raise ValueError(f"{where} has no `labels` ({has}): {mend}")
    for _, test in _PAIRS[1:]:
        if test in found and "test_images" not in found:
            raise ValueError(f"{where} has {found[test]} and no `test_images` ({has}): give both or neither")
    for train, test in _PAIRS[1:]:
        if "test_images" in found and (train in found) != (test in found):
            one, missing = (found[train], test) if train in found else (found[test], train)
            raise ValueError(f"{where} has {one} and no `{missing}` ({has}): give both or neither")
    return found, _left_out(set(there) - set(found.values()))


def _left_out(names: set[str]) -> tuple[str, ...]:
    if not names:
        return ()
    validation = any("val" in name.lower() for name in names)
    reason = ": each run draws its own validation images" if validation else ""
    return (f"left out what is called {_listed(names)}{reason}",)


def _listed(names: Collection[str]) -> str:
    first = [one_line(str(name)) if isinstance(name, str) else shown(name) for name in names]
    first.sort()
    more = f" and {len(first) - _SHOWN:,} more" if len(first) > _SHOWN else ""
    return ", ".join(first[:_SHOWN]) + more
