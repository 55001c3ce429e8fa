"""Numbers, settings and free text as they stand in a report: rounded for a reader, and without this machine's paths."""

import math
import re
from collections.abc import Mapping
from typing import Any

from keras_suite.reports.statistics.intervals import Interval
from keras_suite.tasks.wording.quantities import NONE, known, signed

MOST_SETTINGS = 6  # settings of a trial in a sentence: of more it says how many, and a table beside it has them

_PATH = re.compile(r"""(?<![\w.:/\\…<>~])(?:[A-Za-z]:[\\/]|\\\\|~?/)[^\s'"`:;,()\[\]{}<>|?*]*""")


def without_paths(text: str) -> str:
    """Return the text with each absolute path cut to its last part: a report is sent to others, whose disks look
    different.

    "cannot read '/home/ada/photos/cat.png'" becomes "cannot read '…/cat.png'"; addresses such as https://… stay.
    """

    def shorten(match: re.Match[str]) -> str:
        path = match.group()
        last = re.split(r"[\\/]", path.rstrip("\\/"))[-1]
        if path == "/":
            return path  # "better / worse"
        return f"…/{last}" if last and not last.endswith((":", "~")) else "…"

    return _PATH.sub(shorten, text.replace("file://", ""))


def points(difference: float | None, sign: bool = True) -> str:
    """Return a difference of shares in percentage points: 0.0042 as "+0.42"."""
    return signed(100 * difference, sign) if known(difference) else NONE


def points_interval(interval: Interval | None) -> str:
    """Return "0.21 to 0.63", in percentage points."""
    if interval is None:
        return NONE
    return f"{points(interval.low, sign=False)} to {points(interval.high, sign=False)}"


def percent_interval(interval: Interval | None) -> str:
    """Return "98.90 to 99.30 %"."""
    return NONE if interval is None else f"{100 * interval.low:.2f} to {100 * interval.high:.2f} %"


def number(value: float | None, digits: int = 4) -> str:
    """Return a loss or a count, to `digits` significant digits."""
    if value is None or math.isnan(value):
        return NONE
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.{digits}g}"


def probability(p: float) -> str:
    """Return a p value: "0.008", or "< 0.001"."""
    return NONE if math.isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"


def sureness(share: float) -> str:
    """Return the probability given to an answer: "87 %"; "> 99 %" rather than a 100 % that it was not."""
    return f"{100 * share:.0f} %" if share < 0.995 else "> 99 %"


def setting(value: Any) -> str:
    """Return an override's value as its author wrote it: a part with options as name(option=value)."""
    if isinstance(value, Mapping) and "name" in value:
        options = ", ".join(f"{key}={setting(item)}" for key, item in value.get("options", {}).items())
        return f"{value['name']}({options})" if options else str(value["name"])
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={setting(item)}" for key, item in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(setting(item) for item in value) or "none"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    return without_paths(f"{value:.12g}" if isinstance(value, float) else str(value))
