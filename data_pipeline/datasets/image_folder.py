"""A folder of photographs, one subfolder for each class, or a tar archive of one, as a dataset."""

from pathlib import Path
from typing import Annotated, Any, Literal, Unpack

from pydantic import Field

from keras_suite.data_pipeline.dataset import Dataset
from keras_suite.data_pipeline.datasets.options import (
    FileOptions,
    ImageOptions,
    refuse_uncached,
    skipped_files,
    with_options,
)
from keras_suite.data_pipeline.datasets.other_class import with_other
from keras_suite.data_pipeline.datasets.stored_images import TreeOptions, stored_images
from keras_suite.data_pipeline.datasets.tree_layout import Layout
from keras_suite.data_pipeline.images.image_sources import locate


def image_folder(
    data_dir: Path | None,
    /,
    *,
    path: str = "",
    channels: Literal[1, 3] = 3,
    test_fraction: Annotated[float, Field(gt=0, lt=1)] = 0.2,
    layout: Layout = None,
    **shared: Unpack[FileOptions],
) -> Dataset:
    """Load the images of a class-per-folder tree or of a .zip, .tar or .tar.gz of one, (*image_size, channels).

    Folders `train` and `test`, under any of their customary names, are used where there are such. Images are stretched
    to `image_size`, which may be left out when all have one size. Decoded images are stored in the cache folder
    (environment CACHE_DIR, else ~/.cache/keras-experiment-suite).

    Args:
        path: The tree, looked for where the command runs, then in the data folder.
        channels: 1 for grey images, 3 for colour.
        test_fraction: The share of each class that tests, the same images for every seed, where the tree has no
            folder `test`.
        layout: "parts" if the top folders are train and test, "classes" if they are classes, where that is unclear.
        **shared: `levels` says how images of more than 8 bits are scaled: "dataset" on one scale by the largest level
            of any, "full" by all 16 bits, "image" each from its darkest to its brightest pixel, or [black, white];
            `skip` is a table of files to leave out, as `data NAME --problems FILE.csv` writes it; `other` is a folder
            of pictures of none of the classes, which become one more class, "other". Without `cache` no decoded
            image is stored, and each is decoded whenever it is read: for data that neither memory nor disk would hold.
    """
    expected = "a folder with one subfolder of images a class, or a .zip or .tar.gz of one"
    place = locate("image_folder", path, data_dir, expected)
    skip, levels, other = shared.pop("skip", ""), shared.pop("levels", "dataset"), shared.pop("other", "")
    cache = shared.pop("cache", True)
    refuse_uncached("image_folder", cache, other)
    source = stored_images(
        place,
        TreeOptions(
            image_size=shared.get("image_size"),
            channels=channels,
            classes=shared.pop("classes", None),  # applied here, before anything is decoded
            test_fraction=test_fraction,
            layout=layout,
            levels=levels,
            skipped=skipped_files(skip, data_dir),
            cache=cache,
        ),
        limits=(shared.get("limit"), shared.get("test_limit")),
    )
    source = with_other(source, other, data_dir, path=place, test_fraction=test_fraction, levels=levels)
    options: Any = shared  # without those that were applied here
    return with_options(source, ImageOptions, **options)
