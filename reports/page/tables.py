"""Rows of the report's tables, for the page, the Markdown and the terminal.

Cells are text; `raw` has the numbers behind them, by the same keys, that the page sorts by.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from keras_suite.reports.results.evidence import image_note, would_take
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.pairs import Pair
from keras_suite.reports.results.run_numbers import RunNumbers, other_metrics
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.statistics.verdicts import Comparison
from keras_suite.reports.wording import number, probability, setting
from keras_suite.tasks.classes import CLASSES
from keras_suite.tasks.task import Metric
from keras_suite.tasks.wording.quantities import NONE, counted, duration, listed, memory

SYMBOLS = {
    "better": "▲",
    "worse": "▼",
    "equivalent": "=",
    "undecided": "?",
    "too few seeds": "…",
    "too few folds": "…",
    "same runs": "≡",
    "not comparable": "×",
}


def overview_columns(numbers: Numbers) -> list[tuple[str, str]]:
    """Return the (key, heading) of what the overview says of losses and costs, see `known_columns`."""
    columns = [
        ("loss", loss_heading(numbers)),
        ("best_epoch", "best epoch"),
        ("seconds", "time per run"),
        ("memory", "peak memory"),
        ("parameters", "parameters"),
    ]
    return known_columns(numbers, columns, overview_rows(numbers))


def shows_failures(numbers: Numbers) -> bool:
    """Return whether the overview counts failed runs; not where other code trained the runs and recorded none."""
    return not numbers.elsewhere or any(run.status != "completed" for run in numbers.runs())


def run_columns(numbers: Numbers) -> list[tuple[str, str]]:
    """Return the (key, heading) of what the table of runs says of each beside its score, see `known_columns`."""
    columns = [
        ("loss", "test loss"),
        ("validation_score", f"validation {numbers.metric.in_history.label}"),
        ("epochs", "epochs"),
        ("best_epoch", "best epoch"),
        ("model_epoch", "epoch of the saved model"),
        ("seconds", "time"),
        ("memory", "peak memory"),
    ]
    return known_columns(numbers, columns, run_rows(numbers))


def known_columns(
    numbers: Numbers, columns: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, Any]]
) -> list[tuple[str, str]]:
    """Return the columns; where other code trained the runs, those only of which any row has a value."""
    if not numbers.elsewhere:
        return list(columns)
    return [(key, heading) for key, heading in columns if any(row["raw"].get(key) is not None for row in rows)]


def loss_heading(numbers: Numbers) -> str:
    """Return the heading of the test losses, which says where variants have different losses."""
    return "test loss" if numbers.one_loss() else "test loss (losses differ)"


def report_warnings(numbers: Numbers) -> list[str]:
    """Return what limits the results: problems of the runs, and folders that the report leaves out; with full paths."""
    if not numbers.left_out:
        return list(numbers.problems)
    folders = counted(len(numbers.left_out), "folder")
    return [*numbers.problems, f"left out {folders} with earlier or other settings: {listed(numbers.left_out)}"]


def verdict_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """Return a row for each compared pair: the verdict, the difference and its interval, and notes."""
    rows = []
    for pair in numbers.pairs:
        comparison = pair.comparison
        images = image_note(pair, numbers.metric)
        notes = [*comparison.notes, *_missing_evidence(comparison), *([images] if images else [])]
        notes += [*_skewness(numbers.metric, comparison), *_failures(numbers, pair)]
        # Where no outcome could have decided, p is 1 whatever the seeds show, beside an interval that may leave out 0.
        p = math.nan if comparison.too_few else comparison.p_holm
        rows.append(
            {
                "variant": pair.variant,
                "settings": numbers.variant(pair.variant).trial_settings,
                "against": pair.against,
                "word": comparison.word,
                "symbol": SYMBOLS[comparison.word],
                "difference": numbers.metric.format_difference(comparison.mean),
                "interval": numbers.metric.format_difference_interval(comparison.interval),
                "p": probability(p),
                "superiority": NONE if math.isnan(comparison.superiority) else f"{100 * comparison.superiority:.0f} %",
                "n": comparison.n,
                "note": "; ".join(notes),
                "raw": _raw(
                    difference=comparison.mean,
                    interval=comparison.interval.low if comparison.interval else None,
                    p=p,
                    superiority=comparison.superiority,
                    n=comparison.n,
                ),
            }
        )
    return rows


def _missing_evidence(comparison: Comparison) -> list[str]:
    if comparison.too_few:
        return [f"at least {counted(comparison.seeds_needed or 0, f'paired {comparison.replicate}')} are needed"]
    if comparison.word != "undecided":
        return []
    return [would_take(comparison)]


def _skewness(metric: Metric, comparison: Comparison) -> list[str]:
    if not comparison.skewed:
        return []
    median = metric.format_difference(comparison.median)
    return [f"the differences are skewed: their median is {median}, and few {comparison.replicate}s make the mean"]


def _failures(numbers: Numbers, pair: Pair) -> list[str]:
    sides = (numbers.variant(pair.variant), numbers.variant(pair.against))
    failed = [f"{side.count('failed')} of {side.name!r}" for side in sides if side.count("failed")]
    if not failed:
        return []
    return [
        f"{listed(failed)} failed; only {numbers.replicate}s that both completed are compared, and "
        "a failure counts as worse than any result"
    ]


def overview_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """Return a row for each variant: its test scores and their cost."""
    return [_overview_row(variant) for variant in numbers.variants]


def measured_metrics(numbers: Numbers) -> list[Metric]:
    """Return the metrics other than the score of which any run has a test value, see `alike_metrics` for the others."""
    return [
        metric
        for metric in other_metrics(numbers.task)
        if metric not in CLASSES.on_request and any(variant.test_metrics[metric.key].n for variant in numbers.variants)
    ]


def _overview_row(variant: VariantNumbers) -> dict[str, Any]:
    score, metric, failed = variant.test_score, variant.metric, variant.count("failed")
    best_epoch = variant.best_epoch.mean
    return {
        "variant": variant.name,
        "score": metric.format(score.mean),
        "sd": metric.format_difference(score.sd, sign=False),
        "interval": metric.format_interval(score.interval),
        "expected": metric.format_interval(variant.expected),
        "n": score.n,
        **{
            f"test_{other.key}": other.format(variant.test_metrics[other.key].mean)
            for other in other_metrics(variant.task)
        },
        "loss": number(variant.test_loss.mean),
        "best_epoch": number(best_epoch if math.isnan(best_epoch) else round(best_epoch, 1), 3),
        "seconds": duration(variant.seconds.mean),
        "memory": memory(variant.peak_memory_bytes.mean),
        "parameters": number(variant.parameters),
        "failed": failed,
        "unfinished": variant.count("interrupted") + variant.count("running"),
        "raw": _raw(
            score=score.mean,
            sd=score.sd,
            interval=score.interval.low if score.interval else None,
            expected=variant.expected.low if variant.expected else None,
            n=score.n,
            **{f"test_{key}": spread.mean for key, spread in variant.test_metrics.items()},
            loss=variant.test_loss.mean,
            best_epoch=best_epoch,
            seconds=variant.seconds.mean,
            memory=variant.peak_memory_bytes.mean,
            parameters=variant.parameters,
            failed=failed,
        ),
    }


def unseen_failures(numbers: Numbers) -> str:
    """Return which share of many runs may fail, or collapse, although few or none did: as 31 % where none of 8 did."""
    from scipy import stats

    known = [(variant.count("failed"), variant.test_score.n) for variant in numbers.variants if variant.test_score.n]
    if not known or numbers.replicate == "fold" or not shows_failures(numbers):
        return ""
    failed, completed = max(known, key=lambda each: (each[0] + 1) / (each[1] + each[0] + 1))
    share = 100 * float(stats.beta.ppf(0.95, failed + 1, completed))
    return (
        f"{failed} of {counted(failed + completed, 'run')} of a variant failed, so up to {share:.0f} % of many may "
        "fail, or collapse in a way that no run has shown (one-sided 95 %); the means know nothing of that."
    )


def _commit(run: RunNumbers) -> str:
    """Return the first seven digits, with an asterisk if there were uncommitted changes."""
    record = run.source.record if run.source else {}
    return (str(record.get("commit") or "")[:7] or NONE) + ("*" if record.get("dirty") else "")


def _raw(**values: float | None) -> dict[str, float | None]:
    return {key: None if value is None or math.isnan(value) else value for key, value in values.items()}


def run_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """Return a row for each run."""
    return [
        {
            "variant": run.variant,
            "seed": run.seed,
            "status": run.status,
            "score": run.metric.format(run.test_score),
            "loss": number(run.test_loss),
            "validation_score": run.metric.format(run.validation_score),
            "best_epoch": number(run.best_epoch),
            "model_epoch": number(run.model_epoch),
            "epochs": number(run.epochs),
            "seconds": duration(run.seconds),
            "memory": memory(run.peak_memory_bytes),
            "commit": _commit(run),
            "reason": run.reason or "",
            "raw": _raw(
                seed=run.seed,
                score=run.test_score,
                loss=run.test_loss,
                validation_score=run.validation_score,
                best_epoch=run.best_epoch,
                model_epoch=run.model_epoch,
                epochs=run.epochs,
                seconds=run.seconds,
                memory=run.peak_memory_bytes,
            ),
        }
        for run in numbers.runs()
    ]


def differing_settings(numbers: Numbers) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return (variant, [(setting, value)]) for each variant: what it changes in the base configuration.

    Where other code trained the runs, that is what it recorded of them; none at all where it recorded nothing.
    """
    if numbers.elsewhere and not any(variant.overrides for variant in numbers.variants):
        return []
    return [
        (variant.name, [(key, setting(value)) for key, value in variant.overrides.items()])
        for variant in numbers.variants
    ]
