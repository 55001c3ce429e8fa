"""What `inspect` drew of the runs: its pictures, inside the page."""

import base64
from pathlib import PurePath
from typing import Any

from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.run_directory import drawn_afterwards

TITLES = {
    "filters": "Kernels of the first layer",
    "features": "Feature maps along the network",
    "gradcam": "Where an image speaks for its class (Grad-CAM)",
    "occlusion": "How much less probable a class becomes where it is covered",
    "landscape": "The loss around the weights",
}
LARGEST = 1_000_000  # bytes of a picture inside the page; larger ones are left beside the run
FEATURES = 2  # pictures of feature maps, one for each image, that are shown of a variant


def inside(numbers: Numbers) -> list[dict[str, Any]]:
    """For each variant with pictures: `variant`, `seed` (the first run that has any), `pictures`, `left_out`.

    A picture has a `title`, its `path` from the experiment's folder, and a data address, `source`. Grad-CAM's overlays
    of single images stay beside the run: the picture of all of them is shown.
    """
    return [found for variant in numbers.variants if (found := _of(variant)) is not None]


def _of(variant: VariantNumbers) -> dict[str, Any] | None:
    for run in variant.runs:
        paths = drawn_afterwards(run.source) if run.source else []
        known = [path for path in paths if _title(path) is not None]
        if not known:
            continue
        known.sort(key=lambda path: (list(TITLES).index(path.stem.partition("-")[0]), path.stem))
        features = [path for path in known if path.stem.startswith("features")]
        small = [path for path in known if path.stat().st_size <= LARGEST]
        shown = [path for path in small if path not in features[FEATURES:]]
        return {
            "variant": variant.name,
            "seed": run.seed,
            "pictures": [
                {
                    "title": _title(path),
                    "path": PurePath(*path.parts[-4:]).as_posix(),
                    "source": "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii"),
                }
                for path in shown
            ],
            "left_out": len(known) - len(shown),
        }
    return None


def _title(path: PurePath) -> str | None:
    kind, _, image = path.stem.partition("-")
    if kind not in TITLES or (image and kind != "features"):
        return None
    return f"{TITLES[kind]}, {image.replace('-', ' ')}" if image else TITLES[kind]
