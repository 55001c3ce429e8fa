"""What the names of runs' folders say: their variant and seed, by a pattern, or by the number at their end."""

import re
from collections.abc import Sequence

from keras_suite.tasks.reading.text import shortened
from keras_suite.tasks.wording.shown import shown

FIELD = re.compile(r"\{([^{}]*)\}")
SEED = "seed"
EXAMPLE = '"{variant}/seed-{seed}"'
# A number after a separator, with or without a word that says what it is: adam/seed-1, adam_s1, adam-1, adam/run=1.
AT_THE_END = re.compile(r"(?P<variant>.+?)[/_-]+(?:(?:seed|run|trial|s)[_=-]?)?(?P<seed>\d+)", re.IGNORECASE)


def settings_of(source: str, names: Sequence[str], pattern: str | None) -> dict[str, dict[str, str]]:
    """Return by name what it says.

    Args:
        source: What has the runs, for messages.
        names: The runs' folders, as "adam/seed-1".
        pattern: Names as they are, with fields for what they say: "{optimizer}-{rate}/seed-{seed}"; None for a variant
            with a number at its end, the seed.

    Raises:
        ValueError: If the pattern is none, or a name does not follow it.
    """
    expression = AT_THE_END if pattern is None else _expression(pattern)
    found = {}
    for name in names:
        fits = expression.fullmatch(name)
        if fits is None:
            how = (
                f"do not follow --folders {shown(pattern)}"
                if pattern
                else "do not end with a seed's number, as adam/seed-1"
            )
            raise ValueError(
                f"{source}: names of runs {how} ({shortened(name)} does not): say how they are "
                f"called, as --folders {EXAMPLE}"
            )
        found[name] = fits.groupdict()
    return found


def _expression(pattern: str) -> re.Pattern[str]:
    """Return a pattern as a regular expression; ValueError for one that names no seed."""
    fields = FIELD.findall(pattern)
    wrong = next((name for name in fields if not name.isidentifier() or fields.count(name) > 1), None)
    if wrong is not None or SEED not in fields or len(fields) < 2:
        raise ValueError(
            f"--folders {shown(pattern)} is not possible: expected names in braces, each once, {{seed}} among them and "
            f"one that tells variants apart, as {EXAMPLE}"
        )
    parts = FIELD.split(pattern.strip("/"))  # every second one is a field's name
    words = [
        (rf"(?P<{part}>\d+)" if part == SEED else rf"(?P<{part}>[^/]+?)") if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    ]
    return re.compile("".join(words))
