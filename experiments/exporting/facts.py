"""What is known of an exported file: what it takes and answers, and what was measured of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_suite.experiments.exporting.agreement import Agreement
from keras_suite.experiments.exporting.images import Images
from keras_suite.experiments.exporting.network import Classifier
from keras_suite.experiments.exporting.running import Latency
from keras_suite.experiments.exporting.target import Target
from keras_suite.experiments.exporting.task_agreement import TaskAgreement


@dataclass(frozen=True)
class Written:
    """A file that was written, or was to be compared with.

    Attributes:
        bytes: Its size.
        latency: Of one image.
    """

    bytes: int
    latency: Latency


@dataclass(frozen=True)
class Exported:
    """An exported file and what was measured of it.

    Attributes:
        path: The file, or the folder.
        target: What it is.
        classifier: What it was written of.
        images: What it was run on.
        agreement: With the network.
        written: Its size and latency.
        float32: Those of the same network in float32, where the file is int8.
        whole: Whether all of it is int8, where that was asked for.
        calibration: The number of images that int8's ranges are from.
    """

    path: Path
    target: Target
    classifier: Classifier
    images: Images
    agreement: Agreement | TaskAgreement
    written: Written
    float32: Written | None
    whole: bool
    calibration: int


def about(classifier: Classifier, target: Target) -> dict[str, Any]:
    """Return what somebody who has only the file has to know."""
    height, width, channels = classifier.shape
    shape = (1, *classifier.model.output_shape[1:])
    colours = {1: "grey", 3: "RGB"}.get(channels, f"{channels} channels")
    return {
        "input": f"images: uint8 (1, {height}, {width}, {channels}), {colours} pixels 0 to 255 as they are",
        "resizing": f"stretched to {height}x{width} (height x width), not cropped: areas of pixels are averaged where "
        "both sides shrink, else interpolated bilinearly (OpenCV's INTER_AREA, INTER_LINEAR)",
        "output": f"{classifier.output}: {'uint8' if target.int8 else 'float32'} {shape}, "
        f"{classifier.task.output_in_words}{', divide by 256' if target.int8 else ''}",
        "class_names": list(classifier.class_names),
    }


def facts(exported: Exported) -> dict[str, Any]:
    """Return what is written beside the file, as JSON values."""
    agreed, written, float32 = exported.agreement, exported.written, exported.float32
    return {
        "file": exported.path.name,
        "to": exported.target.to,
        "int8": exported.target.int8,
        "run": str(exported.classifier.run),
        **about(exported.classifier, exported.target),
        "bytes": written.bytes,
        "latency_ms": round(written.latency.milliseconds, 4),
        "latency_images": written.latency.images,
        "latency_threads": written.latency.threads,
        **(
            {
                "float32_bytes": float32.bytes,
                "float32_latency_ms": round(float32.latency.milliseconds, 4),
                "calibration_images": exported.calibration,
                "all_int8": exported.whole,
            }
            if float32
            else {}
        ),
        "measured_on": f"{exported.images.called}s",
        "measured_images": agreed.images,
        "trained_on_them": exported.images.trained,
        **_measured(agreed),
        "largest_difference": agreed.largest,
        "difference": agreed.difference,
        "difference_interval_90": [agreed.difference_interval.low, agreed.difference_interval.high],
        "margin": agreed.margin,
        "verdict": None if exported.images.trained and agreed.word != "same" else agreed.word,
        "read": exported.target.reading(exported.path, exported.classifier.output).splitlines(),
    }


def _measured(agreed: Agreement | TaskAgreement) -> dict[str, Any]:
    """Return how good the file is by the task's score, and what is known of classes alone."""
    interval = [agreed.interval.low, agreed.interval.high]
    if isinstance(agreed, TaskAgreement):
        key = agreed.task.score.key
        return {key: agreed.score, f"{key}_interval": interval, f"network_{key}": agreed.of_network}
    return {
        "accuracy": agreed.accuracy,
        "accuracy_interval": interval,
        "network_accuracy": agreed.of_network,
        "same_answers": agreed.same,
        "mcnemar_p": agreed.p,
    }
