"""Findings on single images: blank ones, a range of levels that is lost or unused, sizes and shapes far apart."""

import numpy as np

from keras_suite.data_pipeline.inspection.duplicates import AllImages
from keras_suite.data_pipeline.inspection.facts import ImageFacts
from keras_suite.data_pipeline.inspection.findings import Finding
from keras_suite.tasks.wording.quantities import counted

_BLANK = 1.0  # the standard deviation of the levels of a blank image, as JPEG leaves it
_SPAN = 96  # levels that all images together span at least where nothing of their range was lost
_NARROW = 0.25  # the share of images of little contrast at which it is no matter of some skies
_AREAS, _SHAPES, _ENLARGED = 16.0, 3.0, 4.0


def images_are(count: int) -> str:
    """Return "1 image is" or "2 images are"."""
    return f"{counted(count, 'image')} {'is' if count == 1 else 'are'}"


def blank(images: AllImages, facts: ImageFacts) -> Finding | None:
    """Return which images are of one colour throughout."""
    rows = np.flatnonzero(facts.spread < _BLANK)
    if not len(rows):
        return None
    return Finding(
        "blank",
        f"{images_are(len(rows))} blank, of one colour throughout",
        examples=tuple(images.name(row) for row in rows.tolist()),
        doubtful=tuple((images.name(row), "blank") for row in rows.tolist()),
    )


def dynamic_range(images: AllImages, facts: ImageFacts) -> Finding | None:
    """Return whether all images together use few of the 256 levels, or most are much darker than the brightest."""
    low, high = int(facts.low.min()), int(facts.high.max())
    if high - low < _SPAN:
        return Finding(
            "range",
            f"all pixels lie between {low} and {high} of 0..255: most of the range is unused{_of_scale(images)}",
        )
    span = facts.high.astype(int) - facts.low
    narrow = np.flatnonzero((span < _SPAN / 3) & (facts.spread >= _BLANK))
    if len(narrow) < _NARROW * len(span):
        return None
    return Finding(
        "contrast",
        f"{len(narrow):,} of {len(span):,} images span fewer than {_SPAN // 3} of the 256 levels{_of_scale(images)}",
        examples=tuple(images.name(row) for row in narrow.tolist()),
    )


def _of_scale(images: AllImages) -> str:
    """Return what to do where files have more than 8 bits; "" where they have not."""
    levels = images.dataset.origin.levels
    if isinstance(levels, str):
        return ""
    return (
        f"; {levels[0]:g} was taken as black and {levels[1]:g} as white: say what is with levels=[low, high], or "
        'levels="image"'
    )


def sizes(images: AllImages) -> list[Finding | None]:
    """Return how far the images' sizes and shapes were apart before they were stretched to one."""
    origin = images.dataset.origin
    if origin.sizes is None or origin.test_sizes is None:
        return []
    found = np.concatenate([origin.sizes, origin.test_sizes]).astype(float)
    height, width = images.dataset.image_shape[:2]
    return [_areas(images, found), _shapes(images, found, height, width), _enlarged(images, found, height, width)]


def _areas(images: AllImages, found: np.ndarray) -> Finding | None:
    areas = found[:, 0] * found[:, 1]
    least, most = int(areas.argmin()), int(areas.argmax())
    if areas[most] < _AREAS * areas[least]:
        return None
    return Finding(
        "sizes",
        f"the images' sizes are far apart, from {_size(found[least])} to {_size(found[most])} pixels",
        is_warning=False,
        examples=(images.name(least), images.name(most)),
    )


def _shapes(images: AllImages, found: np.ndarray, height: int, width: int) -> Finding | None:
    """Return which images were stretched much more in one direction than in the other."""
    stretched = (found[:, 0] / found[:, 1]) / (height / width)
    usual = np.median(stretched)
    rows = np.flatnonzero((stretched > _SHAPES * usual) | (stretched < usual / _SHAPES))
    if not len(rows):
        return None
    return Finding(
        "shapes",
        f"{len(rows):,} of {len(found):,} images had other proportions than most, {_SHAPES:g} times or more, before "
        f"all were stretched to {height}x{width}",
        examples=tuple(f"{images.name(row)} ({_size(found[row])})" for row in rows.tolist()),
        doubtful=tuple((images.name(row), f"of {_size(found[row])} pixels") for row in rows.tolist()),
    )


def _enlarged(images: AllImages, found: np.ndarray, height: int, width: int) -> Finding | None:
    rows = np.flatnonzero((found[:, 0] * _ENLARGED <= height) | (found[:, 1] * _ENLARGED <= width))
    if not len(rows):
        return None
    return Finding(
        "enlarged",
        f"{len(rows):,} of {len(found):,} images had to be enlarged {_ENLARGED:g} times or more to {height}x{width}",
        examples=tuple(f"{images.name(row)} ({_size(found[row])})" for row in rows.tolist()),
        doubtful=tuple((images.name(row), f"only of {_size(found[row])} pixels") for row in rows.tolist()),
    )


def _size(size: np.ndarray) -> str:
    return f"{int(size[0])}x{int(size[1])}"
