"""The command `graph`: the computational graph of an expression or a network, forward and backward, step by step."""

import contextlib
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from keras_suite.experiments.commands.command_line import DataDir, Debug, TrustCode, bad_input, out, waiting
from keras_suite.experiments.commands.folders import check_input, check_output
from keras_suite.experiments.predicting.one_run import check_one_run
from keras_suite.reports.export.fitting_table import FittingTable
from keras_suite.tasks.wording.near_names import did_you_mean

if TYPE_CHECKING:
    from keras_suite.experiments.inspecting.computational_graph.examples import Example
    from keras_suite.reports.page.graph import GraphPage

SMALL_NETWORK = "small_network"
A_NAME = re.compile(r"[\w.~-]*([/\\][\w.~-]+)*[/\\]?")  # of an example or a run: operators of an expression, too


def graph(
    expression: Annotated[
        str,
        typer.Argument(
            metavar="EXPRESSION",
            help="As '(x + y) * z', or assignments separated by semicolons; or an example: sum_product, neuron, "
            "two_layers, logistic_regression; or a network: a run directory, or small_network.",
        ),
    ],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=NUMBER", help="The value of a variable; repeatable.")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=0, help="Also one training step: the result is a loss that is made smaller.")
    ] = None,
    trained: Annotated[
        str | None, typer.Option("--train", metavar="W1,W2", help="The variables that the step moves (else all).")
    ] = None,
    ops: Annotated[
        list[str] | None,
        typer.Option("--op", metavar="FILE.py:OP", help="A function of your own, with its gradient; repeatable."),
    ] = None,
    output: Annotated[Path, typer.Option(metavar="FOLDER", help="Where graph.html and graph.svg go.")] = Path("graph"),
    data_dir: DataDir = None,
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Draw the graph of an expression or of a network with values forward and gradients backward, step by step.

    It is a page to step through and an SVG. Of a run's network its graph for one training image is drawn, as far as
    the loss, with one step of gradient descent; small_network is an untrained one with a digit of scikit-learn's.
    """
    from keras_suite.experiments.inspecting.computational_graph.examples import EXAMPLES
    from keras_suite.experiments.inspecting.computational_graph.expression import nodes_of

    with bad_input(debug):
        check_output(output, "--output")
        if expression == SMALL_NETWORK or Path(expression).exists():
            refused = [("--set", settings), ("--train", trained), ("--op", ops)]
            _network(
                expression, [name for name, given in refused if given], learning_rate, output, data_dir, trust_code
            )
            return
        example = _example(expression, EXAMPLES.get(expression), settings or [])
        if not ops:  # what is wrong with an expression is said before TensorFlow is imported
            with _name_not_found(expression, settings or [], [*EXAMPLES, SMALL_NETWORK]):
                nodes_of(example.text, example.values)
        with waiting("computing"):
            from keras_suite.experiments.training import runtime

            runtime.start_tensorflow(1)
            from keras_suite.experiments.inspecting.computational_graph.page import graph_page
            from keras_suite.reports.page.graph import write_graph

            own = _own_ops(ops or [])
            functions = {name: len(passes.parameters) for name, passes in own.items()}
            nodes = nodes_of(example.text, example.values, functions)
            variables = [node.name for node in nodes if node.is_variable]
            rate, moved = _step(example, learning_rate, trained, variables)
            page = graph_page(example.title, example.text, example.source, nodes, own, moved, rate)
            html, svg = write_graph(page, output)
        _print(page, html, svg)


@contextlib.contextmanager
def _name_not_found(expression: str, settings: Sequence[str], examples: Iterable[str]) -> Iterator[None]:
    """Say of what looks like the name of a run or example that there is none: runs/cnn is a division, too."""
    try:
        yield
    except ValueError as error:
        if settings or not A_NAME.fullmatch(expression):
            raise
        meant = did_you_mean(expression, examples) if expression.isidentifier() else ""
        raise ValueError(f"there is no run directory {expression}{meant}; read as an expression: {error}") from None


def _print(page: "GraphPage", html: Path, svg: Path) -> None:
    out.print(Text(page.answer))
    out.print(FittingTable(_table(page.variables)))
    out.print(Text(f"{html}: open it in a browser; {svg}"), soft_wrap=True)


def _network(
    given: str, refused: Sequence[str], rate: float | None, output: Path, data_dir: Path | None, trust_code: bool
) -> None:
    """Write the page of a network's graph for one image, and print it."""
    if refused:
        raise ValueError(f"{' and '.join(refused)} are of an expression, and {given} is a network: leave them out")
    run = None if given == SMALL_NETWORK else Path(given)
    if run is not None:
        if not run.is_dir():
            raise ValueError(f"{given} is a file, which names no images: give a run directory, or {SMALL_NETWORK}")
        check_one_run(run)
        check_input(data_dir, "--data-dir")
    with waiting("computing"):
        from keras_suite.experiments.training import runtime

        runtime.start_tensorflow(1)
        from keras_suite.experiments.inspecting.computational_graph.network_page import network_page, of_run, untrained
        from keras_suite.experiments.own_parts.trust import own_classes
        from keras_suite.reports.page.graph import write_graph

        with own_classes([run] if run else [], trust_code, with_parts=False):
            shown = untrained() if run is None else of_run(run, data_dir)
            page = network_page(shown, learning_rate=0.1 if rate is None else rate, name=given)
        html, svg = write_graph(page, output)
    _print(page, html, svg)


def _example(expression: str, example: "Example | None", settings: Sequence[str]) -> "Example":
    """Return the example with other values, or the user's expression as one."""
    from keras_suite.experiments.inspecting.computational_graph.examples import Example

    values = dict(map(_value, settings))
    if example is None:
        return Example("A computational graph", expression, values, "your expression")
    return Example(
        example.title,
        example.text,
        {**example.values, **values},
        example.source if not values else f"{example.source}; with other values",
        example.trained,
        example.learning_rate,
    )


def _value(setting: str) -> tuple[str, float]:
    name, equals, text = setting.partition("=")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not equals or not name.strip().isidentifier() or not math.isfinite(value):
        raise ValueError(f"--set {setting} is not possible: expected a variable and a number, for example --set x=-2")
    return name.strip(), value


def _own_ops(names: Sequence[str]) -> dict[str, Any]:
    from keras_suite.experiments.inspecting.own_op import own_passes

    passes = (own_passes(name, None, {}, ()) for name in names)
    return {each.name.removesuffix("_forward"): each for each in passes}


def _step(
    example: "Example", learning_rate: float | None, trained: str | None, variables: Sequence[str]
) -> tuple[float | None, Sequence[str]]:
    """Return the learning rate and the variables that a training step moves."""
    from keras_suite.tasks.wording.near_names import unknown

    rate = example.learning_rate if learning_rate is None else learning_rate
    if trained is None:
        return rate, example.trained or variables
    names = [name.strip() for name in trained.split(",")]
    for name in names:
        if name not in variables:
            raise ValueError(f"--train {trained}: " + unknown("variable", name, variables))
    if rate is None:
        raise ValueError(f"--train {trained} is of a training step: give its --learning-rate, for example 0.1")
    return rate, names


def _table(rows: Sequence[dict[str, str]]) -> Table:
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for number, heading in enumerate(rows[0]):
        shown.add_column(heading, justify="left" if number == 0 else "right")
    for row in rows:
        shown.add_row(*row.values())
    return shown
