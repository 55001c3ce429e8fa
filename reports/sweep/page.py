"""The report of a sweep, from its files alone: report.html, trials.csv, figures, and the terminal's summary."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from keras_suite.reports.export.fitting_table import FittingTable
from keras_suite.reports.figures.svg import Picture, Pictures
from keras_suite.reports.figures.sweep.front import scores_by_cost
from keras_suite.reports.figures.sweep.hyperparameters import (
    importance_of_hyperparameters,
    parallel_coordinates,
    scores_by_value,
)
from keras_suite.reports.figures.sweep.progress import expected_best_of_trials, scores_over_trials, trial_curves
from keras_suite.reports.figures.sweep.rungs import scores_by_rung
from keras_suite.reports.figures.sweep.scores import left_out_of_figures
from keras_suite.reports.page.rendering import render
from keras_suite.reports.results.comparability import environment, unlike
from keras_suite.reports.sweep.answer import next_command, sweep_answer, training_command, whole_command
from keras_suite.reports.sweep.confirmation import Confirmation, confirmation
from keras_suite.reports.sweep.expected_best import ExpectedBest, expected_best
from keras_suite.reports.sweep.front_in_words import RULE, two_rows, unchoosable
from keras_suite.reports.sweep.hyperparameters import Hyperparameter
from keras_suite.reports.sweep.importance import Importances, edges, importances
from keras_suite.reports.sweep.journal import write_table
from keras_suite.reports.sweep.pareto import Front, choice_in_words, description, front_rows, fronts
from keras_suite.reports.sweep.reading import Sweep
from keras_suite.reports.sweep.recommended import recommended_settings
from keras_suite.reports.sweep.resolution import resolution, undertrained_base
from keras_suite.reports.sweep.tables import (
    best_rows,
    confirmed_rows,
    failures,
    fewer_seeds,
    rung_rows,
    saved_epochs,
    stopped,
    trial_rows,
)
from keras_suite.reports.sweep.wording import metric, score
from keras_suite.reports.wording import without_paths
from keras_suite.tasks.atomic_files import write_text
from keras_suite.tasks.wording.quantities import counted, percent

TUNERS = {
    "random": "random search",
    "bayesian": "Bayesian optimization",
    "hyperband": "Hyperband",
    "grid": "grid search",
}


@dataclass(frozen=True)
class SweepReport:
    """The files of a report, with the page to open in `html`, and what they say."""

    html: Path
    paths: tuple[Path, ...]
    sweep: Sweep
    answer: str
    confirmation: Confirmation | None


def write_sweep_report(sweep: Sweep) -> SweepReport:
    """Write the report into the sweep's folder, each file atomically, and return what they say."""
    folder, pictures = sweep.folder, Pictures(sweep.folder / "figures")
    confirmed, problems = confirmation(sweep)
    best = next(iter(sweep.best()), None)
    runs = [run for trial in [*([sweep.base] if sweep.base else []), *sweep.trials] for run in trial.runs]
    following = next_command(sweep, confirmed)
    answer = sweep_answer(sweep, confirmed)
    view: dict[str, Any] = {
        "sweep": sweep,
        "tuner": TUNERS.get(sweep.tuner, sweep.tuner),
        "question": without_paths(sweep.question or f"What in the space of {sweep.experiment} is best?"),
        "answer": answer,
        "recommended": recommended_settings(sweep, confirmed),
        "next_command": following and (without_paths(following[0]), following[1]),
        "problems": [
            without_paths(line) for line in (*sweep.problems, *problems, *unlike(runs), *_base_problem(sweep))
        ],
        "resolution": resolution(sweep),
        "metric": metric(sweep),
        "test_metric": confirmed.numbers.metric if confirmed else None,
        "seeds": int(sweep.terms.get("seeds") or 1),
        "replicates": "folds" if sweep.folds else "seeds",
        "confirmed": confirmed_rows(sweep, confirmed) if confirmed else [],
        "confirmed_seeds": confirmed.numbers.name if confirmed else "",
        "best": best_rows(sweep),
        "left_out_of_figures": left_out_of_figures(sweep),
        "no_expected_best": _no_expected_best(sweep),
        "edges": edges(sweep),
        **_costs(sweep, pictures),
        "rungs": rung_rows(sweep),
        **_pictures(sweep, pictures),
        "failures": failures(sweep),
        "stopped": stopped(sweep),
        "fewer_seeds": fewer_seeds(sweep),
        "saved": percent(saved_epochs(sweep), 0),
        "trials": trial_rows(sweep),
        "command": without_paths(whole_command(sweep, confirmed)),
        "training_command": without_paths(training_command(sweep, best)) if best else None,
        "best_name": best.in_words if best else "",
        "environment": [("tuner", _tuner(sweep)), *environment(runs)],
    }
    write_text(folder / "report.html", render("sweep.html", view))
    write_table(folder / "trials.csv", sweep.events)
    return SweepReport(
        folder / "report.html",
        (folder / "report.html", folder / "trials.csv", *pictures.paths),
        sweep,
        answer,
        confirmed,
    )


def _pictures(sweep: Sweep, pictures: Pictures) -> dict[str, Any]:
    """Draw all pictures of the page; the importance of hyperparameters in words stands beside its picture."""
    course, importance = _course(sweep, pictures), importances(sweep)
    description = f"{metric(sweep)} of every trial by epoch"
    curves = _optional(pictures, "curves", "Every trial while it trained", description, trial_curves(sweep))
    description = "each trial at its epoch, promoted ones joined"
    return {
        "course": [*course, *(curves if len(course) == 1 else [])],
        "expected": len(course) > 1,
        "mattered": importance,
        "importance_words": _importance_words(importance),
        "what_mattered": _what_mattered(sweep, importance, pictures),
        "hyperparameters": [_hyperparameter(sweep, each, pictures) for each in sweep.space],
        "rung_pictures": _optional(pictures, "rungs", "From rung to rung", description, scores_by_rung(sweep)),
        "curves": curves if len(course) != 1 else [],
    }


def _costs(sweep: Sweep, pictures: Pictures) -> dict[str, Any]:
    """Return what better scores cost: the fronts as pictures, their trials, and which to take; of two objectives first
    their own.
    """
    found = fronts(sweep)
    two = found[0] if found and sweep.cost is not None else None
    others = found[1:] if two else found
    drawn = {front.cost.key: _front_picture(sweep, front, pictures) for front in found}
    return {
        "two": two,
        "two_rows": two_rows(sweep, two) if two else [],
        "two_picture": [drawn[two.cost.key]] if two else [],
        "rule": unchoosable(sweep) or f"{RULE}.",
        "costs": [front.cost for front in others],
        "fronts": [drawn[front.cost.key] for front in others],
        "front_rows": front_rows(sweep, others),
        "choices": [line for front in others if (line := choice_in_words(sweep, front))],
    }


def _front_picture(sweep: Sweep, front: Front, pictures: Pictures) -> Picture:
    return pictures.add(
        f"by-{front.cost.key}",
        f"{metric(sweep).capitalize()} against {front.cost.name}",
        f"{metric(sweep)} by {front.cost.label}: {description(sweep, front)}",
        scores_by_cost(sweep, front),
    )


def _base_problem(sweep: Sweep) -> list[str]:
    line = undertrained_base(sweep)
    return [line] if line else []


def _tuner(sweep: Sweep) -> str:
    """Return which oracle, drawn from which seed, and the versions that its proposals depend on."""
    versions = sweep.terms.get("versions") or {}
    known = [f"{name} {versions[name]}" for name in ("keras-tuner", "scikit-learn", "scipy") if name in versions]
    return ", ".join([TUNERS.get(sweep.tuner, sweep.tuner), f"seed {sweep.terms.get('seed')}", *known])


def _course(sweep: Sweep, pictures: Pictures) -> list[Picture]:
    if not sweep.scored() and not sweep.count("failed"):
        return []
    best, base = next(iter(sweep.best()), None), sweep.base.score if sweep.base else None
    description = f"{counted(len(sweep.scored()), 'trial')} with scores, {sweep.count('failed')} failed"
    description += f", {sweep.count('stopped')} stopped early" if sweep.count("stopped") else ""
    description += f"; the best is {best.in_words} with {score(sweep, best.score)}" if best else ""
    description += f"; the base has {score(sweep, base)}" if base is not None else ""
    title = "Every trial, and the best so far"
    shown = [pictures.add("trials", title, f"{title}: {metric(sweep)}. {description}", scores_over_trials(sweep))]
    expected = _expected(sweep)
    if len(expected) > 1:
        title = "What fewer trials would have found"
        some = [expected[0], expected[len(expected) // 2], expected[-1]]
        description = "; ".join(f"of {counted(each.n, 'trial')} {score(sweep, each.mean)}" for each in some)
        picture = expected_best_of_trials(sweep, expected)
        shown.append(pictures.add("expected-best", title, f"{title}: expected best {description}", picture))
    return shown


def _expected(sweep: Sweep) -> list[ExpectedBest]:
    """Return the expected best for random search, whose trials alone are independent."""
    if sweep.tuner != "random":
        return []
    return expected_best([t.score_or_expected for t in sweep.trials if t.status != "not ended"], sweep.direction)


def _no_expected_best(sweep: Sweep) -> str:
    reasons = {
        "bayesian": "learns from trial to trial",
        "hyperband": "trains most trials for a few epochs only, and continues the best",
        "grid": "tries its trials in a fixed order",
    }
    if sweep.tuner not in reasons:
        return ""
    return (
        f"How good the best of fewer trials would have been can be estimated from independent trials only, those of "
        f"random search; {TUNERS[sweep.tuner]} {reasons[sweep.tuner]}."
    )


def _importance_words(importance: Importances) -> str:
    if importance.refused:
        return f"Hyperparameter importance cannot be estimated: {importance.refused}."
    sure = [each.name for each in importance.ranked if each.low > 0]
    share = percent(importance.explained, 0)
    first = f"Random forests explain {share} of the differences in rank between trials they had not seen."
    if not sure:
        return f"{first} No single hyperparameter is shown to matter: each interval holds 0."
    return f"{first} Shown to matter: {', '.join(sure)}."


def _what_mattered(sweep: Sweep, importance: Importances, pictures: Pictures) -> list[Picture]:
    shown = []
    if not importance.refused:
        title = "Importance of hyperparameters"
        description = "; ".join(
            f"{each.name} {100 * each.mean:.0f} % ({100 * each.low:.0f} to {100 * each.high:.0f})"
            for each in importance.ranked
        )
        picture = importance_of_hyperparameters(importance)
        shown.append(
            pictures.add("importance", title, f"{title}, with the middle 90 % of resamples: {description}", picture)
        )
    figure = parallel_coordinates(sweep)
    if figure is not None:
        title = "All trials, the best tenth in colour"
        description = f"{title}: a line for each trial, through its hyperparameters down to its score"
        shown.append(pictures.add("parallel", title, description, figure))
    return shown


def _hyperparameter(sweep: Sweep, hyperparameter: Hyperparameter, pictures: Pictures) -> Picture:
    having = [trial for trial in sweep.best() if hyperparameter.name in trial.values]
    description = f"{metric(sweep)} over {hyperparameter.name} ({hyperparameter.in_words()})"
    if having:
        best = having[0].values[hyperparameter.name]
        description += (
            f"; the best trial that has it is trial {having[0].number}, with {best}: {score(sweep, having[0].score)}"
        )
    title = f"{hyperparameter.name}: {hyperparameter.in_words()}"
    return pictures.add(f"by-{hyperparameter.name}", title, description, scores_by_value(sweep, hyperparameter))


def _optional(pictures: Pictures, name: str, title: str, description: str, figure: Any) -> list[Picture]:
    return [] if figure is None else [pictures.add(name, title, f"{title}: {description}", figure)]


def sweep_summary(report: SweepReport) -> Group:
    """Return the answer, the next command, warnings and best trials for `rich.print`."""
    sweep = report.sweep
    lines = [Text(report.answer, style="bold")]
    following = next_command(sweep, report.confirmation)
    if following:
        lines.append(Text(f"Next: {following[0]}"))
    lines += [Text(f"Warning: {problem}", style="yellow") for problem in sweep.problems]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("trial")
    for heading in (metric(sweep), "against the base", "epochs"):
        table.add_column(heading, justify="right")
    table.add_column("settings")
    for row in best_rows(sweep):
        table.add_row(*(Text(str(row[key])) for key in ("trial", "score", "ahead", "epochs", "settings")))
    return Group(*lines, Text(), FittingTable(table))
