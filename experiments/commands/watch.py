"""The command `watch`: a page over the runs and sweeps of a folder while they go on."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from keras_suite.experiments.commands.command_line import Debug, bad_input, out
from keras_suite.tasks.wording.shown import shown


def watch(
    folder: Annotated[
        Path, typer.Argument(help="A runs folder, or that of one experiment or sweep in it.", metavar="[FOLDER]")
    ] = Path("runs"),
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Where the page is, on this machine only; 0 for any.")
    ] = 8787,
    debug: Debug = False,
) -> None:
    """Show runs and sweeps while they go on, in the browser: curves, trials, time left, decided or open.

    It reads only; to watch spends nothing of a verdict's error rate. Ctrl-C ends it, and the runs go on.
    """
    from keras_suite.experiments.watching.server import Server
    from keras_suite.experiments.watching.snapshot import Watched
    from keras_suite.reports.page.watch import watch_page

    with bad_input(debug):
        if not folder.is_dir():
            raise FileNotFoundError(
                f"there is no folder {shown(str(folder))}: give the one that `run` or `tune` writes into (--runs-dir)"
            )
        watched = Watched(folder.resolve())
        page, policy = watch_page(watched.folder.name)
        server = Server(port, page, policy, watched.snapshot)
    with server:
        out.print(Text(f"Watching {folder}: {server.url} (Ctrl-C ends this page, not the runs)"), soft_wrap=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            out.print("The page has ended; the runs go on.")
