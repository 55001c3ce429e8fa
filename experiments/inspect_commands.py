"""The commands `inspect …`: pictures of what a trained network has learnt and of what it looks at."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from experiments.command_line import Debug, bad_input, out, waiting
from reports.wording import sureness

if TYPE_CHECKING:
    from matplotlib.figure import Figure

inspect = typer.Typer(help="Looks into trained networks.", no_args_is_help=True, rich_markup_mode=None)

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory, or any .keras file.")]
Images = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[IMAGE]…", help="Image files (else test images that the run got confidently wrong)."),
]
Folder = Annotated[
    Path | None, typer.Option("--output", metavar="FOLDER", help="Where the pictures go (else RUN/inspect).")
]
OfClass = Annotated[str | None, typer.Option("--class", metavar="NAME", help="For this class (else the predicted).")]


@inspect.callback()
def _inspect() -> None:
    """Looks into trained networks: pictures as PNG and SVG, and nothing else of the run is touched."""


@inspect.command()
def filters(run: RunPath, output: Folder = None, debug: Debug = False) -> None:
    """Draws the kernels of the first layer, each scaled by its own largest weight."""
    with _looking(debug):
        from experiments.inspecting.filters import draw_filters, first_filters
        from experiments.inspecting.network import load_network

        found = first_filters(load_network(run))
        _write(draw_filters(found), _folder(run, output), "filters")


@inspect.command()
def features(
    run: RunPath,
    images: Images = None,
    layer: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Of this layer; repeatable (else of six along the network)."),
    ] = None,
    channels: Annotated[int, typer.Option(min=1, max=32, help="Channels of each layer, the strongest.")] = 8,
    output: Folder = None,
    debug: Debug = False,
) -> None:
    """Draws feature maps along the network: a picture for each image, a row for each layer."""
    with _looking(debug):
        from experiments.inspecting.features import draw_features, maps_along
        from experiments.inspecting.network import load_network
        from experiments.inspecting.shown_images import images_to_show

        network = load_network(run)
        shown = images_to_show(run, network, images or [])
        found = [maps_along(network, image.pixels, layer or [], channels) for image in shown]
        for image, rows in zip(shown, found, strict=True):
            _write(draw_features(image, rows), _folder(run, output), f"features-{image.file_name}")


@inspect.command()
def gradcam(
    run: RunPath,
    images: Images = None,
    of_class: OfClass = None,
    layer: Annotated[
        str | None, typer.Option(metavar="NAME", help="At this layer (else the last with positions).")
    ] = None,
    output: Folder = None,
    debug: Debug = False,
) -> None:
    """Draws where images speak for a class, by its gradients (Grad-CAM); each overlay also at the image's own size."""
    with _looking(debug):
        from PIL import Image

        from experiments.inspecting import gradcam as maps
        from experiments.inspecting.network import load_network
        from experiments.inspecting.shown_images import images_to_show
        from reports.files import replacing

        network = load_network(run)
        index = None if of_class is None else network.class_index(of_class)
        shown = images_to_show(run, network, images or [])
        found = [maps.gradcam(network, image.pixels, index, layer) for image in shown]
        folder = _folder(run, output)
        for image, heat in zip(shown, found, strict=True):
            _say(image.title, network.class_names[heat.index], heat.probability)
            with replacing(folder / f"gradcam-{image.file_name}.png") as temporary:
                Image.fromarray(maps.overlay(image.shown, heat.values)).save(temporary)
        _write(maps.draw_heats(shown, found, network.class_names), folder, "gradcam")


@inspect.command()
def occlusion(
    run: RunPath,
    images: Images = None,
    of_class: OfClass = None,
    size: Annotated[int | None, typer.Option(help="Side of the square, in the network's pixels.")] = None,
    stride: Annotated[int | None, typer.Option(help="By how many pixels it is moved (else half its side).")] = None,
    output: Folder = None,
    debug: Debug = False,
) -> None:
    """Draws how much less probable a class becomes when a grey square covers each place of an image."""
    with _looking(debug):
        from experiments.inspecting import occlusion as maps
        from experiments.inspecting.network import load_network
        from experiments.inspecting.shown_images import images_to_show

        network = load_network(run)
        index = None if of_class is None else network.class_index(of_class)
        shown = images_to_show(run, network, images or [])
        found = [maps.occlusion(network, image.pixels, index, size, stride) for image in shown]
        for image, drops in zip(shown, found, strict=True):
            _say(image.title, network.class_names[drops.index], drops.probability)
        _write(maps.draw_drops(shown, found, network.class_names), _folder(run, output), "occlusion")


@contextlib.contextmanager
def _looking(debug: bool) -> Iterator[None]:
    """Around a command: TensorFlow is started, and what is wrong is said in one line."""
    from experiments import runtime

    with bad_input(debug):
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        with waiting("looking"):
            yield


def _folder(run: Path, output: Path | None) -> Path:
    return output or (run if run.is_dir() else run.parent) / "inspect"


def _say(image: str, class_name: str, probability: float) -> None:
    out.print(Text(f"{image.replace(chr(10), ', ')}: {class_name} {sureness(probability)}"), soft_wrap=True)


def _write(figure: "Figure", folder: Path, name: str) -> None:
    from reports.svg import write_figure

    write_figure(figure, folder, name)
    out.print(Text(f"{folder / name}.png and .svg"), soft_wrap=True)
