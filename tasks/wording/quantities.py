"""Numbers, durations, sizes and lists as a reader reads them."""

import math
import re
from collections.abc import Sequence
from typing import TypeGuard

NONE = "–"


def known(value: float | None) -> TypeGuard[float]:
    """Return whether there is a number."""
    return value is not None and not math.isnan(value)


def signed(value: float, sign: bool = True, least: int = 2) -> str:
    """Format a difference as "+0.42" or "−1.30": with `least` decimals, and two more where it would look like zero."""
    digits = least if value == 0 or abs(value) >= 0.5 * 10**-least else least + 2
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    return re.sub(r"^[+-](?=0(\.0+)?$)", "", text).replace("-", "−")


def percent(share: float | None, digits: int = 2) -> str:
    """Format 0.9912 as "99.12 %"."""
    return f"{100 * share:.{digits}f} %" if known(share) else NONE


def duration(seconds: float | None) -> str:
    """Format a measured duration: 85.2 as "1 min 25 s"."""
    if not known(seconds):
        return NONE
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def rough_duration(seconds: float) -> str:
    """Format an estimated duration: "45 s", "3 min", "2 h 5 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def memory(count: float | None) -> str:
    """Format bytes in binary units: "612 MiB"."""
    if not known(count):
        return NONE
    return f"{count / 2**30:.2f} GiB" if count >= 1023.5 * 2**20 else f"{count / 2**20:.0f} MiB"


def file_size(count: int) -> str:
    """Format the bytes of a file in decimal units: "19.8 kB", "3.98 MB"."""
    return f"{count / 1e6:.2f} MB" if count >= 999_950 else f"{count / 1e3:.1f} kB"


def rough_size(count: float) -> str:
    """Format about how many bytes something will take: "0.4 MB", "3 MB", "58 MB"."""
    megabytes = count / 1e6
    return f"{megabytes:,.0f} MB" if megabytes >= 9.95 else f"{megabytes:.1f}".removesuffix(".0") + " MB"


def counted(count: int, noun: str) -> str:
    """Format a count with its noun: "1 run", "3 runs", "2 studies"."""
    many = f"{noun[:-1]}ies" if noun.endswith("dy") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else many}"


def listed(items: Sequence[str], last: str = "and") -> str:
    """Join words as in a sentence: "a", "a and b", "a, b and c"; `last` stands before the last one."""
    return f" {last} ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def listed_or_counted(items: Sequence[str], noun: str, most: int = 12) -> str:
    """Join words as `listed` does, or say how many there are where a sentence cannot hold them: "188 variants"."""
    return listed(items) if len(items) <= most else counted(len(items), noun)
