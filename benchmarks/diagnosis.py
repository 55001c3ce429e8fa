"""How often is the first advice right? Scores the diagnosis on the recorded corpus, or trains and records it anew.

    python benchmarks/diagnosis.py [--all] [--train RUNS]

Without options, the half that rules were written on; `--all` scores the other half, too, which was set apart before.
`--train` trains the corpus into a folder (what is there already is left alone) and records what the rules read of it.
The last line is JSON.
"""

import argparse
import json
import lzma
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.diagnosis_corpus import FAULTS, HEALTHY, Case, corpus
from keras_suite.reports import run_directory
from keras_suite.reports.diagnosis.phase_history import PhaseHistory, Told, phase_of, told_by
from keras_suite.reports.diagnosis.score import Answer, answer_of, score_of
from keras_suite.reports.diagnosis.wrong_answers import WrongAnswers

RECORDED = Path(__file__).parent / "recorded" / "diagnosis_corpus.json.xz"
DIGITS = 6


def record(directories: Sequence[tuple[Case, Path]]) -> None:
    """Write what the runs tell, floats to 6 digits."""
    told: dict[str, Any] = {}
    for case, directory in directories:
        of_run = told_by(run_directory.read_run(directory, needs=()))
        if of_run is None:
            raise ValueError(f"{case.name} ({directory}) neither ended nor diverged: see its log.txt")
        told[case.name] = _short(asdict(_needed(of_run)))
    text = json.dumps(told, separators=(",", ":"))
    RECORDED.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def _needed(told: Told) -> Told:
    data = told.record.get("data") or {}
    record = {
        "error": told.record.get("error"),
        "data": {name: data[name] for name in ("task", "class_names") if name in data},
    }
    config = {name: told.config[name] for name in ("model", "loss", "optimizer", "schedule", "phases", "epochs")}
    history = [
        {name: value for name, value in row.items() if not name.endswith(("seconds", "per_second"))}
        for row in told.history
    ]
    return Told(told.status, record, config, history, told.probed, told.whole, told.wrong)


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    return [_short(each) for each in value] if isinstance(value, list | tuple) else value


def recorded() -> dict[str, PhaseHistory]:
    """Return what the rules read of each recorded case, by its name."""
    told = json.loads(lzma.decompress(RECORDED.read_bytes()))
    return {
        name: _history({**each, "wrong": each["wrong"] and WrongAnswers(**each["wrong"])})
        for name, each in told.items()
    }


def _history(told: dict[str, Any]) -> PhaseHistory:
    history = phase_of(Told(**told))
    assert history is not None, "a recorded run has its diagnosis.csv"
    return history


def answers(set_apart: bool) -> list[Answer]:
    """Return what the cases of one half are told."""
    known = recorded()
    planted = {kind: cause for kind, (cause, _) in FAULTS.items()} | {HEALTHY: None}
    cases = [case for case in corpus() if case.set_apart == set_apart and case.name in known]
    return [answer_of(case.name, case.kind, planted[case.kind], known[case.name]) for case in cases]


def table(given: Sequence[Answer]) -> list[str]:
    """Return a line for each kind: how many there are, how many were answered right, and what the others were told."""
    lines = ["| kind | runs | right | otherwise told |", "|---|---|---|---|"]
    for kind in dict.fromkeys(answer.kind for answer in given):
        of_kind = [answer for answer in given if answer.kind == kind]
        others = Counter(answer.title or "nothing" for answer in of_kind if not answer.right)
        told = ", ".join(f"{title.rstrip('.')} ({count})" for title, count in others.items())
        lines.append(f"| {kind.replace('_', ' ')} | {len(of_kind)} | {sum(each.right for each in of_kind)} | {told} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--train", type=Path, metavar="RUNS")
    asked = parser.parse_args()
    if asked.train:
        from benchmarks.diagnosis_training import trained

        if not os.environ.get("DATA_DIR"):
            parser.error("--train needs MNIST and CIFAR-10: set DATA_DIR to the folder that they lie in")
        record(list(trained(asked.train, Path(os.environ["DATA_DIR"]))))
    line: dict[str, Any] = {"benchmark": "diagnosis"}
    for set_apart in (False, True) if asked.all else (False,):
        given = answers(set_apart)
        print("\nset apart" if set_apart else "\nrules were written on", *table(given), sep="\n")
        score = score_of(given)
        print(score.in_words())
        line["set_apart" if set_apart else "development"] = asdict(score)
    print(json.dumps(line))


if __name__ == "__main__":
    main()
