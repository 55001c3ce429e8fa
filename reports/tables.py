"""The report's tables: the same rows for the page, the Markdown, the terminal and comparison.csv."""

import math
from typing import Any

from reports.numbers import Numbers, Spread, VariantNumbers
from reports.statistics import Interval
from reports.wording import (
    NONE,
    counted,
    duration,
    listed,
    memory,
    number,
    percent,
    percent_interval,
    points,
    points_interval,
    probability,
    setting,
)

SYMBOLS = {"better": "▲", "worse": "▼", "equivalent": "=", "undecided": "?", "too few seeds": "…"}


def loss_heading(numbers: Numbers) -> str:
    """The heading of the test losses, which says so where they are not of one loss."""
    return "test loss" if numbers.one_loss() else "test loss (not the same loss)"


def verdict_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """One row for each variant but the baseline: the word first, then how large and how sure, then what to mind."""
    rows = []
    for variant in numbers.variants[1:]:
        found = numbers.comparisons[variant.name]
        notes = [*found.notes]
        if found.word == "too few seeds":
            notes.append(f"at least {counted(found.seeds_needed or 0, 'paired seed')} are needed")
        elif found.word == "undecided":
            notes.append(
                f"about {found.seeds_needed:,} seeds would show a difference of this size"
                if found.seeds_needed
                else "no difference was seen, so no number of seeds can be named"
            )
        notes += _treatment_of_failures(numbers, variant)
        rows.append(
            {
                "variant": variant.name,
                "word": found.word,
                "symbol": SYMBOLS[found.word],
                "difference": points(found.mean),
                "interval": points_interval(found.interval),
                "p": probability(found.p_holm),
                "superiority": NONE if math.isnan(found.superiority) else f"{100 * found.superiority:.0f} %",
                "n": found.n,
                "note": "; ".join(notes),
            }
        )
    return rows


def _treatment_of_failures(numbers: Numbers, variant: VariantNumbers) -> list[str]:
    sides = (variant, numbers.variants[0])
    failed = [f"{side.count('failed')} of {side.name!r}" for side in sides if side.count("failed")]
    if not failed:
        return []
    return [f"{listed(failed)} failed; only seeds that both completed are compared"]


def overview_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """One row for each variant: what its runs came to, and at what cost."""
    return [
        {
            "variant": variant.name,
            "accuracy": percent(variant.test_accuracy.mean),
            "sd": points(variant.test_accuracy.sd, sign=False),
            "interval": percent_interval(variant.test_accuracy.interval),
            "n": variant.test_accuracy.n,
            "loss": number(variant.test_loss.mean),
            "loss_sd": number(variant.test_loss.sd, 2),
            "best_epoch": number(_rounded(variant.best_epoch.mean, 1), 3),
            "seconds": duration(variant.seconds.mean),
            "memory": memory(variant.peak_memory_bytes.mean),
            "parameters": number(variant.parameters),
            "failed": variant.count("failed"),
            "unfinished": variant.count("interrupted") + variant.count("running"),
        }
        for variant in numbers.variants
    ]


def _rounded(value: float, digits: int) -> float:
    return value if math.isnan(value) else round(value, digits)


def run_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """One row for each run."""
    return [
        {
            "variant": run.variant,
            "seed": run.seed,
            "status": run.status,
            "accuracy": percent(run.test_accuracy),
            "loss": number(run.test_loss),
            "validation_accuracy": percent(run.validation_accuracy),
            "best_epoch": number(run.best_epoch),
            "model_epoch": number(run.model_epoch),
            "epochs": number(run.epochs),
            "seconds": duration(run.seconds),
            "memory": memory(run.peak_memory_bytes),
            "reason": run.reason or "",
        }
        for run in numbers.runs()
    ]


def differing_settings(numbers: Numbers) -> list[tuple[str, list[tuple[str, str]]]]:
    """(variant, [(setting, value)]): what each variant changes in the experiment's base."""
    return [
        (variant.name, [(key, setting(value)) for key, value in variant.overrides.items()])
        for variant in numbers.variants
    ]


def comparison_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """comparison.csv: a row for each variant, unrounded (shares from 0 to 1, seconds, bytes), empty if unknown."""
    rows = []
    for variant in numbers.variants:
        found = numbers.comparisons.get(variant.name)
        row: dict[str, Any] = {"variant": variant.name, "verdict": found.word if found else "baseline"}
        row |= {f"runs_{status}": variant.count(status) for status in ("completed", "failed", "interrupted", "running")}
        for name in ("test_accuracy", "test_loss", "validation_accuracy", "validation_loss"):
            row |= _spread_columns(name, getattr(variant, name))
        for name in ("best_epoch", "seconds", "peak_memory_bytes"):
            row[f"{name}_mean"] = _known(getattr(variant, name).mean)
        row["parameters"] = _known(variant.parameters)
        row["loss"] = variant.loss
        row["difference_n"] = found.n if found else None
        row["difference_mean"] = _known(found.mean) if found else None
        row["difference_sd"] = _known(found.sd) if found else None
        row |= _interval_columns("difference", found.interval if found else None)
        row |= _interval_columns("equivalence", found.equivalence_interval if found else None)
        for name in ("p", "p_holm", "superiority", "margin", "seeds_needed"):
            row[name] = _known(getattr(found, name)) if found else None
        rows.append(row)
    return rows


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _interval_columns(name: str, interval: Interval | None) -> dict[str, Any]:
    ends = (interval.low, interval.high, interval.level) if interval else (None, None, None)
    return dict(zip((f"{name}_low", f"{name}_high", f"{name}_level"), ends, strict=True))


def _spread_columns(name: str, spread: Spread) -> dict[str, Any]:
    columns = {f"{name}_n": spread.n, f"{name}_mean": _known(spread.mean), f"{name}_sd": _known(spread.sd)}
    return columns | {
        key: value for key, value in _interval_columns(name, spread.interval).items() if "level" not in key
    }
