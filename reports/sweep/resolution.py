"""How much a sweep's scores can tell: validation images are few, and a base may have been trained too briefly."""

from keras_suite.reports.run_directory import Run
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.wording import difference, metric, score
from keras_suite.tasks.wording.quantities import counted, percent

LAST = 0.25  # of the epochs
FEWEST_EPOCHS = 4


def resolution(sweep: Sweep) -> str:
    """Return a sentence on what other validation images could make of the best score; "" where they say nothing."""
    best = next(iter(sweep.best()), None)
    images = images_of(best)
    if best is None or best.score is None or images is None or not sweep.metric.binary:
        return ""
    from scipy import stats

    right = min(images, max(0, round(best.score * images)))
    ends = stats.binomtest(right, images).proportion_ci(0.95, method="wilson")
    return (
        f"Scores are of {counted(images, 'validation image')}: one of them is {100 / images:.2g} points. Of other "
        f"such images, what scores {score(sweep, best.score)} here may get {percent(ends.low)} to "
        f"{percent(ends.high)} right (95 % interval, for settings that nobody selected; all trials are scored on the "
        "same images)."
    )


def undertrained_base(sweep: Sweep) -> str:
    """Return a warning if the base was still improving when its epochs ended; "" if not, or if nothing beats it."""
    best, base = next(iter(sweep.best()), None), sweep.base
    if best is None or base is None or base.score is None or best.score is None or not base.runs:
        return ""
    sign = 1 if sweep.direction == "max" else -1
    gained = _late_gain(base.runs[0], sweep.objective, sign)
    ahead = sign * (best.score - base.score)
    image = 1 / (images_of(base) or 1) if sweep.metric.binary else 0.0
    if gained is None or ahead <= 0 or gained <= max(image, LAST * LAST * ahead):
        return ""
    return (
        f"The base was still improving when it ended: its {metric(sweep)} gained {difference(sweep, gained)} in the "
        f"last quarter of its {counted(len(base.runs[0].history), 'epoch')}. What trials are ahead of it may be faster "
        "training alone: give the base more epochs, or a higher learning rate, before the comparison counts."
    )


def _late_gain(run: Run, objective: str, sign: int) -> float | None:
    """Return what the last quarter of a run's epochs gained on the best before, higher being better."""
    values = [sign * row[objective] for row in run.history if objective in row]
    if len(values) < FEWEST_EPOCHS:
        return None
    before = round((1 - LAST) * len(values))
    return max(values[before:]) - max(values[:before])


def images_of(trial: Trial | None) -> int | None:
    """Return the number of validation images of a trial's runs, of all folds together; None where they do not say."""
    runs = trial.runs if trial is not None else ()
    numbers = [number for run in runs if (number := (run.record.get("data") or {}).get("validation"))]
    if not numbers:
        return None
    folds = (runs[0].config.get("dataset") or {}).get("options", {}).get("validation_folds")
    return sum(numbers[:folds]) if folds else numbers[0]
