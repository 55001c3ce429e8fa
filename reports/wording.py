"""Numbers, settings and free text as they stand in a report: rounded for a reader, and without this machine's paths."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from keras_suite.reports.statistics.intervals import Interval

NONE = "–"
_PATH = re.compile(r"""(?<![\w.:/\\…<>~])(?:[A-Za-z]:[\\/]|\\\\|~?/)[^\s'"`:;,()\[\]{}<>|?*]*""")


def without_paths(text: str) -> str:
    """The text with each absolute path cut to its last part: a report is sent to others, whose disks look different.

    "cannot read '/home/ada/photos/cat.png'" becomes "cannot read '…/cat.png'"; addresses such as https://… stay.
    """

    def shorten(match: re.Match[str]) -> str:
        path = match.group()
        last = re.split(r"[\\/]", path.rstrip("\\/"))[-1]
        if path == "/":
            return path  # "better / worse"
        return f"…/{last}" if last and not last.endswith((":", "~")) else "…"

    return _PATH.sub(shorten, text.replace("file://", ""))


def known(value: float | None) -> TypeGuard[float]:
    """Whether there is a number."""
    return value is not None and not math.isnan(value)


def signed(value: float, sign: bool = True) -> str:
    """A difference as "+0.42" or "−1.30"; as many digits as show that it is not zero."""
    digits = 2 if value == 0 or abs(value) >= 0.005 else 4
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    return re.sub(r"^[+-](?=0\.0+$)", "", text).replace("-", "−")


def percent(share: float | None, digits: int = 2) -> str:
    """0.9912 as "99.12 %"."""
    return NONE if share is None or math.isnan(share) else f"{100 * share:.{digits}f} %"


def points(difference: float | None, sign: bool = True) -> str:
    """A difference of shares in percentage points: 0.0042 as "+0.42"."""
    return signed(100 * difference, sign) if known(difference) else NONE


def points_interval(interval: Interval | None) -> str:
    """ "0.21 to 0.63", in percentage points."""
    if interval is None:
        return NONE
    return f"{points(interval.low, sign=False)} to {points(interval.high, sign=False)}"


def percent_interval(interval: Interval | None) -> str:
    """ "98.90 to 99.30 %"."""
    return NONE if interval is None else f"{100 * interval.low:.2f} to {100 * interval.high:.2f} %"


def number(value: float | None, digits: int = 4) -> str:
    """A loss or a count, to `digits` significant digits."""
    if value is None or math.isnan(value):
        return NONE
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:.{digits}g}"


def probability(p: float) -> str:
    """A p value: "0.008", or "< 0.001"."""
    return NONE if math.isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"


def sureness(share: float) -> str:
    """The probability given to an answer: "87 %"; "> 99 %" rather than a 100 % that it was not."""
    return f"{100 * share:.0f} %" if share < 0.995 else "> 99 %"


def duration(seconds: float | None) -> str:
    """85.2 as "1 min 25 s"."""
    if seconds is None or math.isnan(seconds):
        return NONE
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def memory(count: float | None) -> str:
    """Bytes in binary units: "612 MiB"."""
    if count is None or math.isnan(count):
        return NONE
    return f"{count / 2**30:.2f} GiB" if count >= 1023.5 * 2**20 else f"{count / 2**20:.0f} MiB"


def counted(count: int, noun: str) -> str:
    """ "1 run", "3 runs", "2 studies"."""
    many = f"{noun[:-1]}ies" if noun.endswith("dy") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else many}"


def listed(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def setting(value: Any) -> str:
    """An override's value as its author wrote it: a part with options as name(option=value)."""
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
