"""The report's tables: the same rows for the page, the Markdown and the terminal.

Cells are text for readers; `raw` holds the numbers behind them, by the same keys, for the page to sort by.
"""

import math
from typing import Any

from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.image_words import image_note
from keras_suite.reports.results.pairs import Pair
from keras_suite.reports.results.run_numbers import RunNumbers, other_metrics
from keras_suite.reports.results.variant_numbers import VariantNumbers
from keras_suite.reports.statistics.verdicts import Comparison
from keras_suite.reports.wording import number, probability, setting
from keras_suite.tasks.task import Metric
from keras_suite.tasks.wording.quantities import NONE, counted, duration, listed, memory

SYMBOLS = {"better": "▲", "worse": "▼", "equivalent": "=", "undecided": "?", "too few seeds": "…", "too few folds": "…"}


def loss_heading(numbers: Numbers) -> str:
    """The heading of the test losses, which says so where they are not of one loss."""
    return "test loss" if numbers.one_loss() else "test loss (not the same loss)"


def verdict_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """One row for each pair that is compared: the word first, then how large and how sure, then what to mind."""
    rows = []
    for pair in numbers.pairs:
        found = pair.comparison
        images = image_note(pair, numbers.metric)
        notes = [*found.notes, *_what_would_do(found), *([images] if images else [])]
        notes += _treatment_of_failures(numbers, pair)
        rows.append(
            {
                "variant": pair.variant,
                "against": pair.against,
                "word": found.word,
                "symbol": SYMBOLS[found.word],
                "difference": numbers.metric.format_difference(found.mean),
                "interval": numbers.metric.format_difference_interval(found.interval),
                "p": probability(found.p_holm),
                "superiority": NONE if math.isnan(found.superiority) else f"{100 * found.superiority:.0f} %",
                "n": found.n,
                "note": "; ".join(notes),
                "raw": _raw(
                    difference=found.mean,
                    interval=found.interval.low if found.interval else None,
                    p=found.p_holm,
                    superiority=found.superiority,
                    n=found.n,
                ),
            }
        )
    return rows


def _what_would_do(found: Comparison) -> list[str]:
    if found.too_few:
        return [f"at least {counted(found.seeds_needed or 0, f'paired {found.replicate}')} are needed"]
    if found.word != "undecided":
        return []
    if found.replicate == "fold":
        return ["more folds of the same images would hardly say more, more images might"]
    if found.seeds_needed is None:
        return ["no difference was seen, so no number of seeds can be named"]
    return [f"about {found.seeds_needed:,} seeds would show a difference of this size"]


def _treatment_of_failures(numbers: Numbers, pair: Pair) -> list[str]:
    sides = (numbers.variant(pair.variant), numbers.variant(pair.against))
    failed = [f"{side.count('failed')} of {side.name!r}" for side in sides if side.count("failed")]
    if not failed:
        return []
    return [f"{listed(failed)} failed; only {numbers.replicate}s that both completed are compared"]


def overview_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """One row for each variant: what its runs came to, and at what cost."""
    return [_overview_row(variant) for variant in numbers.variants]


def measured_metrics(numbers: Numbers) -> list[Metric]:
    """Return the metrics beside the score that any run has a test value of."""
    return [
        metric
        for metric in other_metrics(numbers.task)
        if any(variant.test_metrics[metric.key].n for variant in numbers.variants)
    ]


def _overview_row(variant: VariantNumbers) -> dict[str, Any]:
    score, metric, failed = variant.test_score, variant.metric, variant.count("failed")
    best_epoch = variant.best_epoch.mean
    return {
        "variant": variant.name,
        "score": metric.format(score.mean),
        "sd": metric.format_difference(score.sd, sign=False),
        "interval": metric.format_interval(score.interval),
        "n": score.n,
        **{
            f"test_{other.key}": other.format(variant.test_metrics[other.key].mean)
            for other in other_metrics(variant.task)
        },
        "loss": number(variant.test_loss.mean),
        "loss_sd": number(variant.test_loss.sd, 2),
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


def _commit(run: RunNumbers) -> str:
    """The first seven digits, with a star where there were uncommitted changes."""
    record = run.source.record if run.source else {}
    return (str(record.get("commit") or "")[:7] or NONE) + ("*" if record.get("dirty") else "")


def _raw(**values: float | None) -> dict[str, float | None]:
    return {key: None if value is None or math.isnan(value) else value for key, value in values.items()}


def run_rows(numbers: Numbers) -> list[dict[str, Any]]:
    """One row for each run."""
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
    """(variant, [(setting, value)]): what each variant changes in the experiment's base."""
    return [
        (variant.name, [(key, setting(value)) for key, value in variant.overrides.items()])
        for variant in numbers.variants
    ]
