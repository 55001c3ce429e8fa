"""What was trained in each phase of each variant: a table, where any run was trained in phases."""

from collections.abc import Sequence
from statistics import mean
from typing import Any

from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.run_directory import Run
from keras_suite.reports.wording import number

WHOLE = "whole"


def phase_rows(variants: Sequence[VariantNumbers]) -> list[dict[str, Any]]:
    """Return a row for each phase of each variant with a completed run; none at all where nothing was ever frozen.

    `epochs` is the mean over the variant's completed runs, which may have stopped early; `parameters` are those that
    the phase trained, and `features` says whether it trained on features that are computed once.
    """
    rows = []
    for variant in variants:
        runs = [row.source for row in variant.runs if row.status == "completed" and row.source]
        phases = (runs[0].metrics or {}).get("phases") if runs else None
        for k, phase in enumerate(phases or (), 1):
            rows.append(
                {
                    "variant": variant.name,
                    "number": k,
                    "trained": phase["trained"],
                    "parameters": number(phase["trainable_parameters"]),
                    "learning_rate": number(phase["learning_rate"]),
                    "epochs": number(round(mean(_epochs(run, k) for run in runs), 1), 3),
                    "features": _features(phase["cached_views"]),
                }
            )
    return rows if any(row["trained"] != WHOLE for row in rows) else []


def _epochs(run: Run, phase: int) -> int:
    return sum(row.get("phase", 1) == phase for row in run.history)


def _features(views: int) -> str:
    return {0: "no", 1: "yes"}.get(views, f"yes, of {views} augmented copies")
