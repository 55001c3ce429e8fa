"""The one-sentence answer of a sweep, and the commands that repeat it, resume it and train its best."""

import json
import shlex

from keras_suite.reports.sweep.confirmation import BASE, Confirmation
from keras_suite.reports.sweep.front_in_words import front_answer
from keras_suite.reports.sweep.optimism import Confirmed, Optimism, optimism
from keras_suite.reports.sweep.reading import Sweep, Trial
from keras_suite.reports.sweep.wording import difference, difference_interval, metric, score
from keras_suite.tasks.wording.quantities import counted


def sweep_answer(sweep: Sweep, confirmation: Confirmation | None) -> str:
    """Return what fresh seeds say of the winners, and how optimistic the sweep was; else what the sweep has seen."""
    sentences = [_unfinished(sweep), front_answer(sweep, confirmation)]
    if confirmation is not None:
        answer = confirmation.answer[:1].lower() + confirmation.answer[1:]
        on_fresh_seeds = f"On fresh seeds: {answer} {_optimism(sweep, confirmation)}".rstrip()
        sentences.append(with_settings(sweep, on_fresh_seeds))
    elif not sentences[-1]:
        sentences.append(_seen(sweep))
    if sweep.told:
        sentences.append(
            f"{counted(sweep.told, 'trial')} {'was' if sweep.told == 1 else 'were'} taken over from earlier sweeps."
        )
    stopped = sweep.count("stopped")
    if stopped:
        were = "was" if stopped == 1 else "were"
        sentences.append(f"{counted(stopped, 'trial')} {were} stopped early, as hardly able to become the best.")
    failed = sweep.count("failed")
    if failed:
        sentences.append(f"{counted(failed, 'trial')} failed, and {'is' if failed == 1 else 'are'} never the best.")
    return " ".join(sentence[0].upper() + sentence[1:] for sentence in sentences if sentence)


def _unfinished(sweep: Sweep) -> str:
    if sweep.finished:
        return ""
    ended = len(sweep.trials) - sweep.count("not ended")
    of = f" of {sweep.planned}" if sweep.planned is not None else ""
    progress = f"{ended}{of} trials have ended" if of or ended != 1 else "1 trial has ended"
    why = {"running": " and it is running", "time is up": ": the time was up", "too many failures": ": too many failed"}
    return f"Unfinished: {progress}{why.get(sweep.state, '')}."


def with_settings(sweep: Sweep, answer: str) -> str:
    """Return an answer with the settings of its trials where they are first named, afterwards with their numbers."""
    for trial in sweep.trials:
        answer = answer.replace(repr(trial.name), trial.in_words, 1).replace(repr(trial.name), f"trial {trial.number}")
    return answer.replace(repr(BASE), "the base")


def _seen(sweep: Sweep) -> str:
    best = next(iter(sweep.best()), None)
    base = sweep.base.score if sweep.base else None
    if best is None:
        return "No answer yet: no trial has a score."
    scored = counted(len(sweep.scored()), "scored trial")
    reached = f"{score(sweep, best.score)} {metric(sweep)}"
    if base is None:
        return f"the best of {scored}, {best.in_words}, has {reached}; the base has no score to compare it with."
    ahead = _ahead(sweep, best.score or 0.0, base)
    if ahead <= 0:
        level = "no more than" if ahead == 0 else f"{difference(sweep, ahead)} worse than"
        return (
            f"None of {scored} beats the unchanged base: the best, {best.in_words}, has {reached}, {level} the base's "
            f"{score(sweep, base)}."
        )
    lead = f"{difference(sweep, ahead)} better than the unchanged base ({score(sweep, base)})"
    return (
        f"the best of {scored}, {best.in_words}, has {reached}, {lead}. But the best of many is lucky: whether it is "
        "better, only fresh seeds can say."
    )


def _optimism(sweep: Sweep, confirmation: Confirmation) -> str:
    """Compare the sweep's score of its best trial with that on fresh seeds."""
    winners = [each for each in confirmation.variants if each.variant != BASE]
    if not winners:
        return ""
    first = winners[0]
    return (
        f"In the sweep, {first.variant!r} had {score(sweep, first.in_sweep)} {metric(sweep)}, on "
        f"{counted(first.seeds, 'fresh seed')} it has {score(sweep, first.on_fresh_seeds)}: "
        f"{optimism_in_words(sweep, optimism_of(sweep, confirmation, first))}."
    )


def optimism_of(sweep: Sweep, confirmation: Confirmation, confirmed: Confirmed) -> Optimism:
    """Return how optimistic the sweep was of a variant, less what the base shows."""
    base = next((each for each in confirmation.variants if each.variant == BASE), None)
    return optimism(confirmed, None if confirmed is base else base, sweep.direction)


def optimism_in_words(sweep: Sweep, found: Optimism) -> str:
    """Return "the sweep was 1.20 points too optimistic (95 % interval 0.31 to 2.09), less what the base shows"."""
    kind = "optimistic" if found.value > 0 else "pessimistic"
    words = f"the sweep was {difference(sweep, found.value)} too {kind}" if found.value else "the sweep was accurate"
    if found.interval is not None:
        interval, chance = difference_interval(sweep, found.interval), "" if found.shown else ", so it may be chance"
        words += f" (95 % interval {interval}{chance})"
    return f"{words}, less what the unselected base shows" if found.corrected else words


def _ahead(sweep: Sweep, value: float, of: float) -> float:
    return value - of if sweep.direction == "max" else of - value


CONFIRM = 3


def whole_command(sweep: Sweep, confirmation: Confirmation | None) -> str:
    """Return the command that repeats all that was done: as many trials as there came to be, and their confirmation."""
    command = confirmation.numbers.command if confirmation is not None else sweep.command
    words = [word for word in _words(sweep, command) if word != "--fresh"]
    if sweep.planned is not None and sweep.tuner in ("random", "bayesian"):
        words = _with(words, "--trials", str(sweep.planned - sweep.told))
    return shlex.join(words)


def next_command(sweep: Sweep, confirmation: Confirmation | None) -> tuple[str, str] | None:
    """Return the command that resumes an unfinished sweep or confirms the best of a finished one, and what it does."""
    best = next(iter(sweep.best()), None)
    if not sweep.finished:
        return whole_command(sweep, confirmation), "resumes the sweep"
    if confirmation is not None or best is None:
        return None
    command = whole_command(sweep, None)
    confirms = any(word == "--confirm" or word.startswith("--confirm=") for word in shlex.split(command))
    return command if confirms else f"{command} --confirm {CONFIRM}", "trains the best and the base on fresh seeds"


def training_command(sweep: Sweep, trial: Trial) -> str:
    """Return the command that trains a trial's settings as a run of its own, and scores the test set."""
    words = _words(sweep, sweep.command)
    name = words[words.index("tune") + 1] if "tune" in words[:-1] else sweep.experiment
    longest = {"epochs": sweep.terms["max_epochs"]} if sweep.terms.get("max_epochs") else {}
    overrides = {**longest, **trial.overrides}
    of_trial = [word for key, value in overrides.items() for word in ("--set", f"{key}={_typed(value)}")]
    of_sweep = [word for k in range(len(words) - 1) if words[k] == "--set" for word in words[k : k + 2]]
    threads = ["--threads", str(sweep.terms["threads"])] if sweep.terms.get("threads") else []
    return shlex.join(["keras-suite", "run", name, *threads, *of_sweep, *of_trial])


def _words(sweep: Sweep, command: str) -> list[str]:
    return shlex.split(command) or ["keras-suite", "tune", sweep.experiment, "--tuner", sweep.tuner]


def _with(words: list[str], option: str, value: str) -> list[str]:
    """Return the words with this option at this value, where it stood or at the end."""
    if option in words:
        place = words.index(option)
        return [*words[: place + 1], value, *words[place + 2 :]]
    if any(word.startswith(f"{option}=") for word in words):
        return [f"{option}={value}" if word.startswith(f"{option}=") else word for word in words]
    return [*words, option, value]


def _typed(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
