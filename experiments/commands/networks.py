"""Commands on a network: its layers, its gradients, its conversion to convolutions, its ImageNet weights."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from keras_suite.experiments.commands.command_line import (
    DataDir,
    Debug,
    RunsDir,
    Settings,
    TrustCode,
    bad_input,
    out,
    waiting,
)
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.inspecting.checked_experiment import checked_experiment
from keras_suite.experiments.predicting.one_run import check_one_run
from keras_suite.reports.export.fitting_table import FittingTable

check = typer.Typer(help="Check gradients, or a network before it trains.", no_args_is_help=True, rich_markup_mode=None)
CASES, OWN_CASES = 20, 3


@check.callback()
def _check() -> None:
    """Check gradients, or a network before it trains."""


@check.command()
def gradients(
    own: Annotated[
        str | None,
        typer.Argument(metavar="[FILE.py:OP]", help="An op of your own: my_ops.py:conv.", show_default=False),
    ] = None,
    op: Annotated[str | None, typer.Option(help="Only this hand-derived op of the suite (else all of them).")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="A network's name, file.py:function of your own, or a .keras file: check its own gradients instead."
        ),
    ] = None,
    shapes: Annotated[
        str | None,
        typer.Option(metavar="4x5,5x3", help="Your op's tensors (else the first small shapes that it runs on)."),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="name=value, an option of your op's forward pass; repeatable.")
    ] = None,
    constants: Annotated[
        list[str] | None,
        typer.Option("--constant", metavar="NAME", help="A tensor of your op that has no gradient; repeatable."),
    ] = None,
    cases: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Random cases for each op (20; 3 of your own).")
    ] = None,
    entries: Annotated[int, typer.Option(min=1, help="Entries compared of each of the model's weights.")] = 10,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="The ops in every precision, eagerly and in a graph, on more cases.")
    ] = False,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Prove the check: run it on hundreds of faults of the ops (15 minutes).")
    ] = False,
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Compare gradients with difference quotients (ops also with TensorFlow's own and as adjoints), as a table.

    An op of your own is a pair in a file: conv_forward(*tensors, **options) -> (y, cache), and beside it
    conv_backward(dy, cache) -> the gradient for each tensor, None for a constant; given as my_ops.py:conv. Or it is a
    function of tensors that returns one, with tf.custom_gradient or without. Its tensors are its parameters without a
    default. Each gradient is compared in float64 with difference quotients and TensorFlow's autodiff of the forward
    pass, and as computed in float32; then deliberately wrong versions of the backward pass are run: the check must
    notice each. Exit code 1: a gradient is wrong.
    """
    from keras_suite.experiments.scheduling.selection import parse_settings
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        if sum(each is not None for each in (own, op, model)) > 1:
            raise ValueError("an op of your own, --op and --model are different checks: give one of them")
        if own is None and (shapes is not None or settings or constants):
            option = "--set" if settings else "--constant" if constants else "--shapes"
            raise ValueError(f"{option} is of an op of your own: give that, too, as my_ops.py:my_op")
        if (thorough and (own or model)) or (mutants and (own or model or op or thorough or cases)):
            option = "--mutants" if mutants else "--thorough"
            raise ValueError(f"{option} is of the suite's own ops: give it{' alone' if mutants else ''}")
        options = parse_settings(settings or [])
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        from keras_suite.experiments.inspecting import gradients as checks
        from keras_suite.experiments.inspecting.mutants import mutants_answer
        from keras_suite.experiments.own_parts.trust import own_classes

        with own_classes([Path(model)] if model else [], trust_code), waiting("comparing"):
            if mutants:
                answer = mutants_answer(runtime.available_cores())
            elif own is not None:
                answer = checks.own_answer(own, shapes, options, constants or [], cases or OWN_CASES)
            elif model:
                answer = checks.model_answer(model, entries)
            else:
                answer = checks.ops_answer(op, cases or CASES, thorough)
    for each in answer.shown:
        out.print(each)
    raise typer.Exit(0 if answer.good else 1)


@check.command()
def training(
    name: Annotated[str, typer.Argument(help="A catalog name, your own experiment file, or a network (on digits).")],
    variant: Annotated[str | None, typer.Option(help="The variant that is checked (else the first).")] = None,
    seed: Annotated[int, typer.Option(min=1, help="Of the split, the initial weights and the images.")] = 1,
    settings: Settings = None,
    runs_dir: RunsDir = Path("runs"),
    data_dir: DataDir = None,
    debug: Debug = False,
) -> None:
    """Make the classic sanity checks before a training, each with its evidence; no run is started or changed.

    What pixels the network is given; the initial loss, near ln C; penalties raise the loss; every weight has a
    gradient; a few images are learned by heart; and with targets shuffled among the images it does worse. A check that
    says nothing of the task at hand is "not applicable". Exit code 1: a check failed.
    """
    from keras_suite.experiments.scheduling import selection
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        entry_name, experiment = checked_experiment(name)
        configs = selection.configs(experiment, selection.parse_settings(settings or []))
        chosen = selection.chosen_variants(experiment, [variant] if variant else [])[0]
        check_input(data_dir, "--data-dir")
        threads = runtime.available_cores()
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(threads)
        from keras_suite.experiments.inspecting.training_answer import training_answer
        from keras_suite.experiments.training.job import Job, RunOptions

        job = Job(entry_name, chosen, configs[chosen], seed, RunOptions(threads, runs_dir, data_dir))
        with waiting("training a few steps"):
            answer = training_answer(job)
    for each in answer.shown:
        out.print(FittingTable(each) if isinstance(each, Table) else each)
    raise typer.Exit(0 if answer.good else 1)


def shapes(
    model: Annotated[str, typer.Argument(help="A network's name, file.py:function of your own, or a .keras file.")],
    size: Annotated[
        str | None,
        typer.Option("--input", metavar="HxWxC", help="The images' shape (else that of the paper, with its head)."),
    ] = None,
    classes: Annotated[int | None, typer.Option(min=1, help="Number of classes of a network (10).")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="model.option=value of a network; repeatable.")
    ] = None,
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Show a network's layers: windows, outputs, parameters, receptive fields, work and memory for one image."""
    from keras_suite.experiments.scheduling import selection
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        options = selection.parse_settings(settings or [])
        for key in options:
            if not key.startswith("model."):
                raise ValueError(f"--set {key}=… is not possible here: expected an option of the model, model.<option>")
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        from keras_suite.experiments.inspecting import layer_table as layers
        from keras_suite.experiments.inspecting.published import PUBLISHED
        from keras_suite.experiments.own_parts.trust import own_classes

        chosen = {key.removeprefix("model."): value for key, value in options.items()}
        shape, published = layers.parse_input(size) if size else None, None
        if size is None and (published := PUBLISHED.get(model)) is not None:
            shape, classes = published.input_shape, classes or published.classes
            chosen = {**published.options, **chosen}
        with own_classes([Path(model)], trust_code):
            built = layers.build(model, shape, classes, chosen)
            table, memory = layers.table(layers.rows(built)), layers.training_memory(built)
    if published is not None and not options:
        out.print(Text(str(published)), soft_wrap=True)
    out.print(FittingTable(table))
    out.print(Text(memory), soft_wrap=True)


def convolutional(
    run_path: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory, or a .keras file from one.")],
    turned_path: Annotated[Path, typer.Argument(metavar="OUT.keras", help="The file to write.")],
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Convert a run's dense head to convolutions: `predict` then takes larger images, and averages over positions."""
    from keras_suite.experiments.training import runtime

    with bad_input(debug):
        if turned_path.suffix != ".keras":
            raise ValueError(f"{turned_path} is no name for a model: give one that ends in .keras")
        if turned_path.exists():
            raise ValueError(f"{turned_path} is there already: give another name")
        check_one_run(run_path)
        check_output(turned_path.parent, "OUT.keras")
        with waiting("starting TensorFlow"):
            runtime.start_tensorflow(runtime.available_cores())
        from keras_suite.experiments.inspecting.predict import trained
        from keras_suite.experiments.own_parts.trust import own_classes
        from keras_suite.models.saving import save_model
        from keras_suite.models.transfer.fully_convolutional import to_convolutional
        from keras_suite.tasks.atomic_files import replacing

        with own_classes([run_path], trust_code):
            model, class_names = trained(run_path)
            turned = to_convolutional(model)
            with replacing(turned_path) as temporary:
                save_model(turned, temporary, class_names)
    height, width = model.input_shape[1:3]
    out.print(f"{turned_path} takes images of {height}x{width} pixels or more, at their own size.")


def weights(
    network: Annotated[str, typer.Argument(help="A network of Keras Applications, for example vgg16.")],
    debug: Debug = False,
) -> None:
    """Fetch a network's ImageNet weights into Keras's cache, check them, and print their path; never overwrites."""
    from keras_suite.models.transfer.imagenet_weights import imagenet_weights, md5

    with bad_input(debug):
        path = imagenet_weights(network)
    out.print(Text(f"{path} (MD5 {md5(path)})"), soft_wrap=True)
