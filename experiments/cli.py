"""The command line. Only commands that train or predict import TensorFlow, so the others answer at once.

Exit codes: 0 all done; 1 some runs failed, the others finished; 2 bad input, with one line on stderr and nothing
written; 130 interrupted, the same command resumes.
"""

import typer

from keras_suite.experiments.commands import (
    cache,
    card,
    classify,
    data,
    export,
    find_lr,
    graph,
    inspect,
    lecture,
    listing,
    networks,
    parts,
    predict,
    report,
    run,
    runs,
    tune,
    verify,
    watch,
)
from keras_suite.experiments.commands.last_resort import CommandLine, WithoutOptions

app = typer.Typer(
    cls=CommandLine,
    help="From a question about images to a compared answer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("list", cls=WithoutOptions)(listing.list_experiments)
app.command()(listing.show)
app.command()(parts.parts)
app.command()(run.run)
app.command()(tune.tune)
app.command()(report.report)
app.command()(predict.predict)
app.command()(classify.classify)
app.command()(export.export)
app.command()(card.card)
app.command()(verify.verify)
app.command()(runs.runs)
app.command()(watch.watch)
app.command()(data.data)
app.command("find-lr")(find_lr.find_lr)
app.command()(graph.graph)
app.command()(lecture.lecture)
app.command()(networks.shapes)
app.command()(networks.weights)
app.command()(networks.convolutional)
app.command()(cache.cache)
app.add_typer(inspect.inspect, name="inspect")
app.add_typer(networks.check, name="check")
