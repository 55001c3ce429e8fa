"""What the runs were made with: data, versions, machine; and how many runs each, where they differ."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keras_suite.reports.run_directory import Run
from keras_suite.reports.wording import without_paths
from keras_suite.tasks.wording.quantities import counted, listed


def environment(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """(what, value) pairs; several values of one thing are given with the number of runs that had each."""
    records = [run.record for run in runs]
    packages = sorted({package for record in records for package in record.get("versions") or {}})
    read: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "data": _data,
        "images": _split,
        "first weights": _weights if any(record.get("weights") for record in records) else lambda record: None,
        "device": lambda record: record.get("device"),
        "platform": lambda record: record.get("platform"),
        "threads": lambda record: record.get("threads"),
        "commit": _commit,
    }
    lines = [(what, _values([value(record) for record in records])) for what, value in read.items()]
    versions = [f"{p} {_values([(record.get('versions') or {}).get(p) for record in records])}" for p in packages]
    notes = [str(note) for record in records for note in (record.get("data") or {}).get("notes") or ()]
    started = sorted(record["started"] for record in records if record.get("started"))
    lines += [
        ("versions", ", ".join(versions)),
        ("notes on the data", " ".join(dict.fromkeys(notes))),
        ("first run started", started[0].replace("T", " ").replace("+00:00", " UTC") if started else ""),
    ]
    return [(what, without_paths(value)) for what, value in lines if value]


def _values(values: Sequence[Any]) -> str:
    counts = Counter(str(value) for value in values if value is not None)
    if len(counts) < 2:
        return "".join(counts)
    return listed([f"{value} ({counted(count, 'run')})" for value, count in counts.most_common()])


def _data(record: Mapping[str, Any]) -> str | None:
    data = record.get("data") or {}
    shape = " × ".join(str(length) for length in data.get("input_shape") or ())
    parts = [str(data.get("name") or ""), f"{shape} pixels" if shape else "", _fingerprint(data)]
    return ", ".join(part for part in parts if part) or None


def _fingerprint(data: Mapping[str, Any]) -> str:
    return f"content {data['fingerprint'][:8]}" if data.get("fingerprint") else ""


def _split(record: Mapping[str, Any]) -> str | None:
    data = record.get("data") or {}
    words = {"train": "to train", "validation": "to validate", "test": "to test"}
    return listed([f"{data[part]:,} {word}" for part, word in words.items() if data.get(part) is not None]) or None


def _weights(record: Mapping[str, Any]) -> str:
    weights = record.get("weights")
    return f"{weights['source']}, {_fingerprint(weights)}" if weights else "random"


def _commit(record: Mapping[str, Any]) -> str | None:
    commit = record.get("commit")
    return commit and commit[:10] + (" with uncommitted changes" if record.get("dirty") else "")
