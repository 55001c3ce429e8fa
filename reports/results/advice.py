"""What to look at next: what ails most of a variant's runs, each with the evidence of one of them."""

from typing import Any

from keras_suite.reports.diagnosis.course import Course, course
from keras_suite.reports.diagnosis.rules import RULES
from keras_suite.reports.results.experiment_numbers import Numbers
from keras_suite.reports.results.variant_numbers import VariantNumbers


def advice(numbers: Numbers) -> list[dict[str, Any]]:
    """For each rule that speaks: title, advice, and `evidence` of the variants whose runs for the most part show it.

    Each evidence has `variant`, `seed` (of the first run that shows it), `what` that run shows, and `runs`, as "3 of
    4 runs". Only runs with a diagnosis.csv count; empty where there are none, or all is healthy.
    """
    courses = {variant.name: _courses(variant) for variant in numbers.variants}
    found = []
    for rule in RULES:
        evidence = []
        for name, runs in courses.items():
            shown = {seed: what for seed, run in runs.items() if (what := rule.seen(run)) is not None}
            if len(shown) > len(runs) / 2:
                seed, what = next(iter(shown.items()))
                evidence.append(
                    {"variant": name, "seed": seed, "what": what, "runs": f"{len(shown)} of {len(runs)} runs"}
                )
        if evidence:
            found.append({"title": rule.title, "advice": rule.advice, "evidence": evidence})
    return found


def _courses(variant: VariantNumbers) -> dict[int, Course]:
    return {run.seed: found for run in variant.runs if run.source and (found := course(run.source)) is not None}
