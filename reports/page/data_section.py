"""What the runs' data are, and what the inspection found in them before anything trained."""

from collections.abc import Mapping
from typing import Any

from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.wording import without_paths
from keras_suite.tasks.wording.quantities import listed

_AT_THE_TOP = ("copies_tested", "near_duplicates_tested", "two_labels")


def data_inspections(numbers: Numbers) -> list[dict[str, Any]]:
    """Return what the page says of each data set that was inspected; none for runs of before there were inspections.

    Each has `variants` (named where they differ in their data), `layout`, `findings` with `text`, `is_warning` and
    `examples`, and `classes`, rows of a name and its images to train and validate, and to test.
    """
    seen: dict[str, dict[str, Any]] = {}
    variants: dict[str, list[str]] = {}
    for run in numbers.runs():
        data = (run.source.record if run.source else {}).get("data") or {}
        inspection = data.get("inspection")
        if not isinstance(inspection, Mapping):
            continue
        key = repr(inspection)
        seen.setdefault(key, inspection_view(inspection, data.get("class_names") or []))
        if run.variant not in variants.setdefault(key, []):
            variants[key].append(run.variant)
    names = {key: listed(variants[key]) if len(seen) > 1 else "" for key in seen}
    return [{**found, "variants": names[key]} for key, found in seen.items()]


def data_warnings(numbers: Numbers) -> list[str]:
    """Return the findings that stand among the report's warnings: those that make its numbers wrong for new images."""
    lines = [
        finding["text"]
        for found in data_inspections(numbers)
        for finding in found["findings"]
        if finding["is_warning"] and finding["kind"] in _AT_THE_TOP
    ]
    return list(dict.fromkeys(lines))


def inspection_view(inspection: Mapping[str, Any], names: list[Any]) -> dict[str, Any]:
    """Return what a page says of an inspection; run.json says it, which somebody may have edited."""
    findings = inspection.get("findings")
    counts = inspection.get("counts")
    parts = counts if isinstance(counts, Mapping) else {}
    train, test = (part if isinstance(part := parts.get(name), list) else [] for name in ("train", "test"))
    rows = [{"name": str(name), "train": _count(train, at), "test": _count(test, at)} for at, name in enumerate(names)]
    return {
        "layout": str(inspection.get("layout") or ""),
        "findings": [
            _finding(each) for each in (findings if isinstance(findings, list) else ()) if isinstance(each, Mapping)
        ],
        "classes": rows if len(rows) > 1 else [],
    }


def _finding(finding: Mapping[str, Any]) -> dict[str, Any]:
    examples = finding.get("examples")
    shown = [without_paths(str(example)) for example in examples] if isinstance(examples, list) else []
    more = finding.get("more")
    if isinstance(more, int) and more > 0:
        shown.append(f"and {more:,} more")
    return {
        "kind": str(finding.get("kind")),
        "text": without_paths(str(finding.get("text"))),
        "is_warning": finding.get("is_warning") is True,
        "examples": shown,
    }


def _count(counts: list[Any], at: int) -> str:
    return f"{counts[at]:,}" if at < len(counts) and isinstance(counts[at], int) else ""
