"""What the runs were made with, and warnings of differences between them that are not the variants'."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from keras_suite.reports.results.layers_used import layers_used
from keras_suite.reports.results.run_numbers import RunNumbers
from keras_suite.reports.run_directory import Run
from keras_suite.reports.run_directory.results import ELSEWHERE, FINE_TUNED, FITTED
from keras_suite.reports.wording import without_paths
from keras_suite.tasks.wording.quantities import counted, listed, memory

_ALIKE: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "different commits": lambda record: (record.get("commit") or "unknown")[:10],
    "different numbers of threads": lambda record: record.get("threads"),
    "different devices": lambda record: record.get("device"),
    "different numbers of devices": lambda record: record.get("devices", 1),
    "different platforms": lambda record: record.get("platform"),
    "different data": lambda record: str((record.get("data") or {}).get("fingerprint"))[:10],
}


def unlike(runs: Sequence[Run]) -> list[str]:
    """Return a line for each way in which completed runs were not made alike: commit, versions, threads, machine,
    data.
    """
    records = [run.record for run in runs if run.status == "completed"]
    lines = []
    for what, value in _ALIKE.items():
        lines += _told_apart(what, Counter(str(value(record)) for record in records))
    packages = sorted({package for record in records for package in record.get("versions") or {}})
    for package in packages:
        versions = Counter(str((record.get("versions") or {}).get(package)) for record in records)
        lines += _told_apart(f"different versions of {package}", versions)
    dirty = sum(bool(record.get("dirty")) for record in records)
    if dirty:
        lines.append(
            f"{dirty} of {counted(len(records), 'run')} had uncommitted changes: their commit does not reproduce them"
        )
    lines += _unlike_networks(runs)
    losses = dict.fromkeys(loss_in_words(run.config) for run in runs if run.status == "completed")
    if len(losses) > 1:
        lines.append(
            f"the variants train with different losses ({listed(list(losses))}): compare their test scores, not these"
        )
    return lines


def _unlike_networks(runs: Sequence[Run]) -> list[str]:
    """Return a line for each variant whose runs have different networks, as only runs of other code can."""
    networks: dict[str, set[str]] = {}
    for run in runs:
        if run.status == "completed" and run.record.get("network"):
            networks.setdefault(run.variant, set()).add(str(run.record["network"]))
    return [
        f"the runs of {variant!r} have {len(kinds)} different networks: they are no seeds of one variant"
        for variant, kinds in networks.items()
        if len(kinds) > 1
    ]


def _told_apart(what: str, values: Counter[str]) -> list[str]:
    if len(values) < 2:
        return []
    parts = [f"{value} ({counted(count, 'run')})" for value, count in values.most_common()]
    return [f"the runs come from {what}: {listed(parts)}; the differences below may be due to that"]


def loss_in_words(config: Mapping[str, Any]) -> str:
    """Return the loss of a run's Config. With other options, such as another label smoothing, it is another loss."""
    loss = config.get("loss") or {}
    options = [f"{name} {value}" for name, value in sorted((loss.get("options") or {}).items()) if value]
    return f"{loss.get('name')} with {listed(options)}" if options else str(loss.get("name"))


def unlike_tests(runs: Sequence[RunNumbers]) -> list[str]:
    """Return a line if the runs' test images differ; those of folds may, but not where the seed is the same."""
    first: dict[tuple[int | None, int | None], str] = {}
    for run in runs:
        if run.test_set is None:
            continue
        kind = (run.fold.count, run.seed) if run.fold else (None, None)
        other = first.setdefault(kind, run.test_set)
        if run.test_set != other or len({count for count, _ in first}) > 1:
            return ["the runs were scored on different test images: their numbers are not of the same thing"]
    return []


_ELSEWHERE = "by other code, which recorded its runs: no more is known of its data and settings than is said here"
_FITTED = (
    "by `classify`: a logistic regression on frozen features; the answers are those of heads that were fitted without "
    "the image"
)
_FINE_TUNED = "by `classify --fine-tune`: as its head, and from there the last blocks on the images of the other folds"


def _trained(record: Mapping[str, Any]) -> str | None:
    if record.get("trained") == FITTED and "kept" in record:
        return _FINE_TUNED
    return {ELSEWHERE: _ELSEWHERE, FITTED: _FITTED, FINE_TUNED: _FINE_TUNED}.get(str(record.get("trained")))


def environment(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Return (what, value) pairs; several values of one thing are given with the number of runs that had each."""
    records = [run.record for run in runs]
    packages = sorted({package for record in records for package in record.get("versions") or {}})
    several = any(record.get("devices") for record in records)
    read: dict[str, Callable[[Mapping[str, Any]], Any]] = {
        "data": _data,
        "images": _split,
        "first weights": _weights if any(record.get("weights") for record in records) else lambda record: None,
        "device": lambda record: record.get("device"),
        "devices": lambda record: record.get("devices") or (1 if several else None),
        "platform": lambda record: record.get("platform"),
        "threads": lambda record: record.get("threads"),
        "commit": _commit,
        "trained": _trained,
    }
    lines = [(what, _values([value(record) for record in records])) for what, value in read.items()]
    versions = [f"{p} {_values([(record.get('versions') or {}).get(p) for record in records])}" for p in packages]
    notes = [str(note) for record in records for note in (record.get("data") or {}).get("notes") or ()]
    started = sorted(record["started"] for record in records if record.get("started"))
    lines += [
        ("layers", layers_used(runs)),
        ("peak memory", _peak_memory(runs)),
        ("versions", ", ".join(versions)),
        ("notes on the data", " ".join(dict.fromkeys(notes))),
        ("first run started", started[0].replace("T", " ").replace("+00:00", " UTC") if started else ""),
    ]
    return [(what, without_paths(value)) for what, value in lines if value]


def _peak_memory(runs: Sequence[Run]) -> str:
    """Return the largest peak of the runs whose memory was stated before they trained, and that statement."""
    pairs = [(run.record.get("peak_memory_bytes"), run.record.get("expected_memory_bytes")) for run in runs]
    told = [(peak, expected) for peak, expected in pairs if peak and expected]
    if not told:
        return ""
    peak, expected = max(told)
    return f"{memory(peak)} at most; {memory(expected)} had been expected"


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
