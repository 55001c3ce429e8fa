"""The command `cache`: list or clear cached features and decoded images."""

import shutil
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from keras_suite.data_pipeline.images.decoded_images import cache_folder
from keras_suite.experiments.commands.command_line import Debug, bad_input, out
from keras_suite.experiments.feature_cache import entries
from keras_suite.experiments.feature_cache.entries import Entry, megabytes
from keras_suite.reports.export.fitting_table import FittingTable


def cache(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY]…", help="Only entries whose keys begin so.")
    ] = None,
    clear: Annotated[
        bool, typer.Option("--clear", help="Remove them, except for those in use; without KEY all.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Show the cached features and decoded images, or clear them."""
    with bad_input(debug):
        limit = entries.limit_bytes()
        features, decoded = _chosen(keys or [])
    if clear:
        raise typer.Exit(_clear(features, decoded))
    if features:
        out.print(FittingTable(_table(features)))
    total = sum(entry.bytes for entry in features)
    out.print(Text(f"Features: {_entries(len(features))}, {megabytes(total)} of at most {megabytes(limit)}."))
    if decoded:
        taken = sum(map(_folder_bytes, decoded))
        out.print(Text(f"Decoded images: {_entries(len(decoded))}, {megabytes(taken)}; no limit."))
    out.print(Text(f"All in {cache_folder()}; `--clear` removes them."), soft_wrap=True)


def _chosen(keys: list[str]) -> tuple[list[Entry], list[Path]]:
    """Return the feature entries and folders of decoded images whose names begin with a key; all without keys."""
    features = entries.entries()
    decoded = sorted((cache_folder() / "decoded").glob("[!.]*"))
    for key in keys:
        if not any(name.startswith(key) for name in (*(e.key for e in features), *(path.name for path in decoded))):
            raise ValueError(f"no entry begins with {key!r}: `keras-suite cache` shows what there is")
    chosen = tuple(keys) or ("",)
    return [e for e in features if e.key.startswith(chosen)], [path for path in decoded if path.name.startswith(chosen)]


def _table(features: list[Entry]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("entry", "network", "layer", "augmentation"):
        table.add_column(column)
    for column in ("images", "size", "last used"):
        table.add_column(column, justify="right")
    for entry in features:
        words = [str(entry.about.get(name, "unknown")) for name in ("network", "layer", "augmentation")]
        used = "now" if entries.users(entry.key) else _ago(time.time() - entry.last_used)
        cells = [
            entry.key[:8],
            words[0],
            words[1],
            words[2] or "none",
            f"{entry.images:,}",
            megabytes(entry.bytes),
            used,
        ]
        table.add_row(*map(Text, cells))
    return table


def _clear(features: list[Entry], decoded: list[Path]) -> int:
    """Remove what is not in use, and return the exit code: 1 if anything was left."""
    kept = [entry for entry in features if not entries.remove(entry.key)]
    freed = sum(entry.bytes for entry in features if entry not in kept) + sum(map(_folder_bytes, decoded))
    for folder in decoded:
        shutil.rmtree(folder, ignore_errors=True)  # whoever has mapped these images keeps them until it ends
    count = len(features) - len(kept) + len(decoded)
    out.print(f"Removed {_entries(count)}, {megabytes(freed)}.")
    for entry in kept:
        processes = ", ".join(map(str, entries.users(entry.key))) or "that is filling it"
        print(
            f"error: {entry.key[:8]} was kept, it is in use by process {processes}: clear it when that has ended",
            file=sys.stderr,
        )
    return 1 if kept else 0


def _folder_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*"))


def _entries(count: int) -> str:
    return "1 entry" if count == 1 else f"{count:,} entries"


def _ago(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{max(seconds, 0):.0f} s ago"
