"""What a run on several devices cannot do, and what of its numbers differs from a run on one device."""

from collections.abc import Iterator

import keras
import tensorflow as tf

from keras_suite.experiments.training.devices import generators, parts_of_batch
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.models.hyperparameter_variables import innermost_layers
from keras_suite.models.layers.core import ManualBatchNormalization

WATCHING = ("sharpness",)  # callbacks that differentiate the network itself, whose variables are on several devices
CLIPPING = ("clipnorm", "clipvalue", "global_clipnorm")
NAMED = 4  # layers of a kind


def refuse_devices(run: PreparedRun, model: keras.Model) -> None:
    """Raise ValueError with what of a run cannot be trained on several devices."""
    config, devices = run.job.config, run.job.options.devices
    if config.batch_size % devices:
        raise ValueError(
            f"batch_size {config.batch_size} cannot be shared equally by {devices} devices: give a multiple of "
            f"{devices}"
        )
    _refuse_empty_parts(run, devices)
    if config.phases:
        raise ValueError(
            f"it has phases, whose frozen features are computed on one device: leave --devices {devices} out"
        )
    if type(model).train_step is not keras.Model.train_step:
        raise ValueError(
            f"its {type(model).__name__} has a training step of its own, which averages over one device's images: "
            f"leave --devices {devices} out"
        )
    if config.precision == "mixed_float16":
        raise ValueError(
            "precision mixed_float16 scales the loss anew when gradients overflow, on each device by itself: set "
            "precision=mixed_bfloat16 or float32"
        )
    for part in run.config.callbacks:
        if part.own is None and part.name in WATCHING:
            raise ValueError(f"callback {part.name} measures a network on one device: leave that or --devices out")


def _refuse_empty_parts(run: PreparedRun, devices: int) -> None:
    """Raise ValueError where the last batch would leave a device without an image: its loss would be no number."""
    for what, images in (("training", len(run.split.train)), ("validation", len(run.split.validation))):
        last = _last_batch(images, run.batch_size)
        if 0 in parts_of_batch(last, devices):
            raise ValueError(
                f"the last batch of {images:,} {what} images has {last}, which leaves one of {devices} devices "
                "without any: give another batch_size, or other numbers of images"
            )


def _last_batch(images: int, batch_size: int) -> int:
    return images % batch_size or batch_size


def device_notes(run: PreparedRun, model: keras.Model) -> list[str]:
    """Return lines, to be read before training, on what several devices bring here and what differs from one."""
    devices, lines = run.job.options.devices, []
    if not tf.config.list_physical_devices("GPU"):
        lines.append(
            f"Note: there is no GPU: {devices} logical devices share this machine's processor, which brings no speed; "
            "they are for trying what several GPUs would compute"
        )
    differing = list(_differing(run, model))
    if differing:
        lines.append(f"Note: on {devices} devices variant {run.job.variant!r} does not end as on one: ")
        lines[-1] += "; ".join(differing)
    return lines


def _differing(run: PreparedRun, model: keras.Model) -> Iterator[str]:
    """Yield what makes a run on several devices another one, by more than rounding, with the names of the layers."""
    devices, layers = run.job.options.devices, list(innermost_layers(model))
    normalising = [layer.name for layer in layers if _normalises_batches(layer)]
    if normalising:
        yield f"normalised by each device's own part of a batch: {_named(normalising)}"
    drawing = [layer.name for layer in layers if generators(layer)]
    if drawing:
        yield f"other random numbers on each device: {_named(drawing)}"
    optimizer = run.config.optimizer.build(learning_rate=1.0)
    clipped = [name for name in CLIPPING if getattr(optimizer, name, None) is not None]
    if clipped:
        yield f"the optimizer clips ({', '.join(clipped)}) each device's gradients before they are summed"
    last = _last_batch(len(run.split.train), run.batch_size)
    parts = parts_of_batch(last, devices)
    if len(set(parts)) > 1:
        shares = " and ".join(map(str, dict.fromkeys(parts)))
        yield f"the epoch's last batch of {last} images is shared unequally ({shares}), and each part counts the same"


def _named(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _normalises_batches(layer: keras.Layer) -> bool:
    """Return whether a layer's outputs for an image depend on the other images of the batch."""
    if isinstance(layer, keras.layers.BatchNormalization):
        return not layer.synchronized
    return isinstance(layer, ManualBatchNormalization)
