"""What the functions of an experiment file must return, checked where it is returned: named, or as it is used."""

import math
import sys
from collections.abc import Mapping
from typing import Any

from keras_suite.experiments.foreign_code import WrongResult
from keras_suite.reports.page.study import Study
from keras_suite.tasks.wording.shown import shown

DEEPEST = 32


def overrides(value: Any) -> dict[str, Any]:
    """Check what `space(hp)` returned: overrides of the base."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise WrongResult(
            f"returned {shown(value)}: expected overrides of the base, for example "
            "{'model.dropout': hp.Float('dropout', 0.0, 0.6)}"
        )
    return dict(value)


def json_values(value: Any) -> dict[str, Any]:
    """Check what `measure(...)` returned: names and JSON values. NumPy's numbers become Python's."""
    if not isinstance(value, Mapping):
        raise WrongResult(f"returned {shown(value)}: expected names and JSON values, for example {{'norm': 1.5}}")
    found: dict[str, Any] = _json(value, "", 0)
    return found


def _json(value: Any, where: str, depth: int) -> Any:
    at = f" at {where!r}" if where else ""
    if depth > DEEPEST:
        raise WrongResult(f"returned lists and dicts that are nested more than {DEEPEST} deep{at}: flatten them")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise WrongResult(f"returned the key {shown(key)}{at}: expected text, for example str(…)")
        return {str(key): _json(item, f"{where}.{key}".lstrip("."), depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item, f"{where}[{number}]", depth + 1) for number, item in enumerate(value)]
    if getattr(value, "shape", None) == () and hasattr(value, "item"):  # a number of NumPy's
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    mend = "a finite number, or None" if isinstance(value, float) else "a JSON value, as float(…) or .tolist() gives"
    raise WrongResult(f"returned {shown(value)}{at}, which JSON cannot hold: expected {mend}")


def figures(value: Any) -> dict[str, Any]:
    """Check what `draw(runs)` returned: titles and figures."""
    if not isinstance(value, Mapping):
        raise WrongResult(f"returned {shown(value)}: expected titles and figures, for example {{'Title': figure}}")
    for title, figure in value.items():
        if not isinstance(title, str):
            raise WrongResult(f"returned the title {shown(title)}: expected text")
        if not _is_figure(figure):
            raise WrongResult(f"returned {shown(figure)} under {shown(title)}: expected a matplotlib Figure")
    return dict(value)


def study(value: Any) -> Study:
    """Check what `study(data_dir)` returned."""
    if not isinstance(value, Study):
        raise WrongResult(f"returned {shown(value)}: expected keras_suite.reports.page.study.Study(answer, …)")
    if not isinstance(value.answer, str) or not value.answer.strip():
        raise WrongResult(f"returned a Study whose answer is {shown(value.answer)}: expected one sentence")
    _check_tables(value.tables)
    figures(value.figures)
    return value


def _check_tables(tables: Any) -> None:
    if not isinstance(tables, Mapping) or not all(isinstance(title, str) for title in tables):
        raise WrongResult(f"returned a Study whose tables are {shown(tables)}: expected titles and rows")
    for title, rows in tables.items():
        if not isinstance(rows, list | tuple) or not rows or not all(isinstance(row, Mapping) for row in rows):
            raise WrongResult(
                f"returned the table {shown(title)} as {shown(rows)}: expected a list of dicts, a row each"
            )
        columns = list(rows[0])
        for row in rows:
            if list(row) != columns or not all(isinstance(column, str) for column in row):
                raise WrongResult(
                    f"returned the table {shown(title)} with a row of {shown(list(row))}: expected the columns of the "
                    f"first, {shown(columns)}"
                )


def _is_figure(value: Any) -> bool:
    matplotlib = sys.modules.get("matplotlib.figure")  # where it has not been imported, nobody has a figure
    return matplotlib is not None and isinstance(value, matplotlib.Figure)
