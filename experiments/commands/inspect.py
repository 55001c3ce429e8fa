"""The commands `inspect …`: figures of what is inside a trained network, and a page in which it computes."""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.text import Text

from keras_suite.experiments.commands.command_line import DataDir, Debug, TrustCode, bad_input, out, waiting
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.predicting.one_run import check_one_run
from keras_suite.reports.wording import sureness

if TYPE_CHECKING:
    from matplotlib.figure import Figure

inspect = typer.Typer(help="Plot what is inside trained networks.", no_args_is_help=True, rich_markup_mode=None)

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="A run directory, or any .keras file.")]
Images = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[IMAGE]…", help="Image files (else the test images that the run got most confidently wrong)."
    ),
]
Folder = Annotated[
    Path | None, typer.Option("--output", metavar="FOLDER", help="Where the pictures go (else RUN/inspect).")
]
OfClass = Annotated[str | None, typer.Option("--class", metavar="NAME", help="For this class (else the predicted).")]


@inspect.callback()
def _inspect() -> None:
    """Plot what is inside trained networks, as PNG and SVG; nothing else of the run changes."""


@inspect.command()
def filters(run: RunPath, output: Folder = None, trust_code: TrustCode = False, debug: Debug = False) -> None:
    """Plot the kernels of the first layer, each scaled by its own largest weight."""
    with _inspecting(debug, trust_code, (run,), _folder(run, output)):
        from keras_suite.experiments.inspecting.filters_and_features import draw_filters, first_filters
        from keras_suite.experiments.inspecting.network import load_network

        _write(draw_filters(first_filters(load_network(run))), _folder(run, output), "filters")


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
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Plot feature maps along the network: a figure for each image, a row for each layer."""
    with _inspecting(debug, trust_code, (run,), _folder(run, output)):
        from keras_suite.experiments.inspecting.filters_and_features import draw_features, maps_along
        from keras_suite.experiments.inspecting.images import images_to_show
        from keras_suite.experiments.inspecting.network import load_network

        network = load_network(run)
        shown = images_to_show(run, network, images or [])
        all_maps = [maps_along(network, image.pixels, layer or [], channels) for image in shown]
        for image, rows in zip(shown, all_maps, strict=True):
            _write(draw_features(image, rows), _folder(run, output), f"features-{image.file_name}")


@inspect.command()
def units(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")],
    layer: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Of this layer; repeatable (else of six along the network)."),
    ] = None,
    channels: Annotated[int, typer.Option(min=1, max=16, help="Channels of each layer, the strongest.")] = 6,
    images: Annotated[int, typer.Option(min=9, help="At most so many training images are looked at.")] = 1000,
    data_dir: DataDir = None,
    output: Folder = None,
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Plot what channels respond to: the nine strongest patches of the data, and an image made by optimisation."""
    with _inspecting(debug, trust_code, (run,), _folder(run, output), data_dir):
        from keras_suite.experiments.inspecting.network import load_network
        from keras_suite.experiments.inspecting.run_images import images_of
        from keras_suite.experiments.inspecting.units import draw_units, units_along
        from keras_suite.reports import run_directory

        if not run.is_dir():
            raise ValueError(f"{run} is a model file, which names no data: give a run directory")
        network = load_network(run)
        shown = images_of(run_directory.read_run(run, needs=()), data_dir, "training", images).images
        for each in units_along(network, shown, layer or [], channels):
            _write(draw_units(each, len(shown)), _folder(run, output), f"units-{each.name.replace('/', '-')}")


@inspect.command()
def gradcam(
    run: RunPath,
    images: Images = None,
    of_class: OfClass = None,
    layer: Annotated[
        str | None, typer.Option(metavar="NAME", help="At this layer (else the last with positions).")
    ] = None,
    output: Folder = None,
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Plot which places of images raise the score of a class (Grad-CAM); also each overlay at the image's own size."""
    with _inspecting(debug, trust_code, (run,), _folder(run, output)):
        from PIL import Image

        from keras_suite.experiments.inspecting import saliency
        from keras_suite.experiments.inspecting.images import images_to_show
        from keras_suite.experiments.inspecting.network import load_network
        from keras_suite.tasks.atomic_files import replacing

        network = load_network(run)
        index = None if of_class is None else network.class_index(of_class)
        shown = images_to_show(run, network, images or [])
        heats = [saliency.gradcam(network, image.pixels, index, layer) for image in shown]
        folder = _folder(run, output)
        for image, heat in zip(shown, heats, strict=True):
            _print_class(image.title, network.class_names[heat.index], heat.probability)
            with replacing(folder / f"gradcam-{image.file_name}.png") as temporary:
                Image.fromarray(saliency.overlay(image.shown, heat.values)).save(temporary)
        _write(saliency.draw_heats(shown, heats, network.class_names), folder, "gradcam")


@inspect.command()
def occlusion(
    run: RunPath,
    images: Images = None,
    of_class: OfClass = None,
    size: Annotated[int | None, typer.Option(help="Side of the square, in the network's pixels.")] = None,
    stride: Annotated[int | None, typer.Option(help="By how many pixels it is moved (else half its side).")] = None,
    output: Folder = None,
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Plot how much less probable a class becomes when a grey square covers each place of an image."""
    with _inspecting(debug, trust_code, (run,), _folder(run, output)):
        from keras_suite.experiments.inspecting import saliency
        from keras_suite.experiments.inspecting.images import images_to_show
        from keras_suite.experiments.inspecting.network import load_network

        network = load_network(run)
        index = None if of_class is None else network.class_index(of_class)
        shown = images_to_show(run, network, images or [])
        drops = [saliency.occlusion(network, image.pixels, index, size, stride) for image in shown]
        for image, drop in zip(shown, drops, strict=True):
            _print_class(image.title, network.class_names[drop.index], drop.probability)
        _write(saliency.draw_drops(shown, drops, network.class_names), _folder(run, output), "occlusion")


@inspect.command()
def landscape(
    first: Annotated[Path, typer.Argument(metavar="RUN_A", help="A run directory.")],
    second: Annotated[Path, typer.Argument(metavar="RUN_B", help="Another one, of the same data and loss.")],
    of: Annotated[Literal["validation", "training"], typer.Option("--on", help="Whose images.")] = "validation",
    images: Annotated[int, typer.Option(min=1, help="At most so many images.")] = 200,
    grid: Annotated[int, typer.Option(min=3, help="Points along each direction, an odd number.")] = 15,
    reach: Annotated[
        float, typer.Option(help="How far from the weights; 1 is as far as the weights are from 0.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the two directions.")] = 1,
    data_dir: DataDir = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FOLDER", help="Where the picture goes (else RUN_A/inspect).")
    ] = None,
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Plot the loss around the weights of two runs, along filter-normalised random directions, on one scale."""
    with _inspecting(debug, trust_code, (first, second), _folder(first, output), data_dir):
        from keras_suite.experiments.inspecting.landscape import measured_pair, surface
        from keras_suite.reports.figures.loss_surface import draw_surfaces

        if grid % 2 == 0:
            raise ValueError(
                f"--grid {grid} has no point in the middle, where the run's own weights are: give {grid + 1}"
            )
        if not 0 < reach < float("inf"):
            raise ValueError(f"--reach {reach:g} is not possible: expected a number above 0, for example 1")
        pair = measured_pair(first, second, data_dir, of, images)
        surfaces = [surface(each, seed=seed, grid=grid, reach=reach) for each in pair]
        figure = draw_surfaces(surfaces, f"{of} images, filter-normalised directions of seed {seed}")
        for each in surfaces:
            out.print(
                Text(f"{each.name}: loss {each.middle:.4g}, up to {each.losses.max():.4g} around it"), soft_wrap=True
            )
        _write(figure, _folder(first, output), "landscape")


@inspect.command()
def live(
    run: RunPath,
    images: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[IMAGE]…", help="Image files to choose on the page (else wrong test images)."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FOLDER", help="Where live.html goes (else RUN/inspect).")
    ] = None,
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Write a page in which the network computes: draw, drop a picture, and see every layer and why."""
    with _inspecting(debug, trust_code, (run,), _folder(run, output)):
        from keras_suite.experiments.inspecting.live.page import live_page
        from keras_suite.reports.page.live import write_live

        page = live_page(run, images or [])
        path = _folder(run, output) / "live.html"
        write_live(page, path)
        out.print(Text(f"{path}: open it in a browser; it needs no network"), soft_wrap=True)


@contextlib.contextmanager
def _inspecting(
    debug: bool, trust_code: bool, runs: Sequence[Path], folder: Path, data_dir: Path | None = None
) -> Iterator[None]:
    """Check the paths, start TensorFlow for a command, and report what is wrong in one line."""
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        for run in runs:
            check_one_run(run)
        check_output(folder, "--output")
        check_input(data_dir, "--data-dir")
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        from keras_suite.experiments.own_parts.trust import own_classes

        with waiting("computing"), own_classes(runs, trust_code, with_parts=len(runs) > 1):
            yield


def _folder(run: Path, output: Path | None) -> Path:
    return output or (run if run.is_dir() else run.parent) / "inspect"


def _print_class(image: str, class_name: str, probability: float) -> None:
    out.print(Text(f"{image.replace(chr(10), ', ')}: {class_name} {sureness(probability)}"), soft_wrap=True)


def _write(figure: "Figure", folder: Path, name: str) -> None:
    from keras_suite.reports.figures.svg import write_figure

    write_figure(figure, folder, name)
    out.print(Text(f"{folder / name}.png and .svg"), soft_wrap=True)
