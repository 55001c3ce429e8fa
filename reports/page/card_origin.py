"""The sections of a model card that say what a run is: its use, the network, the data, licence, versions, commands."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from keras_suite.reports.page.card_parts import Section, Table
from keras_suite.reports.page.data_section import inspection_view
from keras_suite.reports.results.comparability import environment
from keras_suite.reports.run_directory import likeness
from keras_suite.reports.run_directory.layout import Run
from keras_suite.reports.run_directory.results import FITTED
from keras_suite.reports.wording import number, setting, without_paths
from keras_suite.tasks.wording.quantities import counted, duration, listed

UNKNOWN = "unknown"
_MOST_NAMES = 12  # of classes in a sentence


def use_section(run: Run, names: Sequence[str]) -> Section:
    """Say what the network is for, and what it is not."""
    shown = [*names[:_MOST_NAMES], f"{len(names) - _MOST_NAMES:,} more"] if len(names) > _MOST_NAMES else list(names)
    unlike = (
        "predict warns of images outside the ranges of those, which stand below"
        if likeness(run)
        else "the run keeps no ranges of what those look like, so nothing warns of them"
    )
    return Section(
        "use",
        "What it is for",
        [
            f"It says which of {len(names):,} classes an image is of: {listed(shown)}. It is for images like those "
            f"that trained it: {_kind(run)}."
        ],
        points=[
            f"Not for other classes: it answers one of its {len(names):,}, whatever it is shown. predict --reject "
            'answers "other" below a probability.',
            f"Not for images unlike those that trained it: how it reads them was not measured; {unlike}.",
            "Not for deciding about people by itself: nothing here was measured by groups of people, and whether the "
            "errors below can be borne is for whoever uses it to judge.",
        ],
    )


def ranges_section(run: Run) -> Section | None:
    """Say what the images look like that trained the network; None where the run keeps nothing of it."""
    ranges = likeness(run)
    if ranges is None:
        return None
    return Section("ranges", "The images that it knows", tables=[_ranges(ranges)], legend=_of_ranges(ranges))


def _kind(run: Run) -> str:
    data = run.record.get("data") or {}
    name = _data_name(run)
    shape = data.get("input_shape") or []
    if len(shape) != 3:
        return f"the data {name}, of a size that is not known"
    colours = {1: "grey", 3: "in colour"}.get(shape[2], f"of {shape[2]} channels")
    return f"the data {name}, seen at {shape[0]}x{shape[1]} pixels (height x width), {colours}"


def _data_name(run: Run) -> str:
    """Return the name of the data, with that of their folder or file, where they have one."""
    part = run.config.get("dataset")
    options = part.get("options") if isinstance(part, Mapping) else None
    path = options.get("path") if isinstance(options, Mapping) else None
    name = str((run.record.get("data") or {}).get("name") or UNKNOWN)
    return f"{name} {PurePath(path).name}" if isinstance(path, str) else name


def _ranges(ranges: Mapping[str, Any]) -> Table:
    known = ranges.get("ranges")
    rows = [(str(name), *_ends(ends)) for name, ends in known.items()] if isinstance(known, Mapping) else []
    shapes = ranges.get("width_to_height")
    return Table("Ranges", ("measure", "from", "to"), rows + ([("width / height", *_ends(shapes))] if shapes else []))


def _ends(ends: Any) -> tuple[str, str]:
    return (number(ends[0], 3), number(ends[1], 3)) if isinstance(ends, list) and len(ends) == 2 else (UNKNOWN, UNKNOWN)


def _of_ranges(ranges: Mapping[str, Any]) -> str:
    images = ranges.get("images")
    many = counted(images, "training image") if isinstance(images, int) else "the training images"
    return (
        f"Ranges of what {many} look like, as likeness.json keeps them: brightness to polarity in levels of 255, "
        "places and extent from -1 to 1 (the edges), colours as differences of channels."
    )


def model_section(run: Run, question: str) -> Section:
    """Say which network it is, and how it was trained."""
    config, metrics, record = run.config, run.metrics or {}, run.record
    data = record.get("data") or {}
    fitted = record.get("trained") == FITTED
    network = f"{config.get('network')}, with a logistic regression as its head" if fitted else _part(config, "model")
    network += ", from which it and the last blocks were trained on" if record.get("kept") else ""
    trainable, parameters = metrics.get("trainable_parameters"), metrics.get("parameters")
    facts = [
        ("question of the experiment", without_paths(question) or UNKNOWN),
        ("network", network),
        ("parameters", _count(parameters) + (f", of which {trainable:,} were trained" if trainable else "")),
        ("input", _input(data)),
        ("output", f"{len(data.get('class_names') or ()):,} probabilities, one for each class"),
        ("trained by", without_paths(str(record.get("command") or UNKNOWN))),
        ("epochs", _epochs(run)),
        ("loss", _part(config, "loss")),
        *(
            []
            if fitted
            else [("optimizer", _part(config, "optimizer")), ("augmentation", _part(config, "augmentation"))]
        ),
        ("time to train", duration(metrics.get("train_seconds"))),
    ]
    return Section("model", "The network", facts=[(term, value) for term, value in facts if value])


def _part(config: Mapping[str, Any], kind: str) -> str:
    part = config.get(kind)
    return setting(part) if isinstance(part, Mapping) else UNKNOWN


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else UNKNOWN


def _input(data: Mapping[str, Any]) -> str:
    shape = data.get("input_shape") or []
    if len(shape) != 3:
        return UNKNOWN
    channels = {1: "1 channel (grey)", 3: "3 channels (RGB)"}.get(shape[2], f"{shape[2]} channels")
    return (
        f"pixels 0 to 255 as they are, {shape[0]}x{shape[1]} (height x width), {channels}; images are stretched to it"
    )


def _epochs(run: Run) -> str:
    if run.record.get("trained") == FITTED:
        return ""
    metrics = run.metrics or {}
    kept = metrics.get("model_epoch")
    return _count(metrics.get("epochs")) + (f"; the model is that of epoch {kept:,}" if kept else "")


def data_section(run: Run, crossed: bool) -> Section:
    """Say which images trained, chose and measured the network, and what their inspection found."""
    data = run.record.get("data") or {}
    part = run.config.get("dataset")
    counts = [("train", "images to train"), ("validation", "images to validate"), ("test", "images to measure")]
    facts = [
        ("data", setting(part) if isinstance(part, Mapping) else str(data.get("name") or UNKNOWN)),
        *((words, _count(data.get(name))) for name, words in counts),
        *([("", "Each image was measured by heads that were fitted without it.")] if crossed else []),
        ("fingerprint", str(data.get("fingerprint") or UNKNOWN)[:16]),
    ]
    inspection = data.get("inspection")
    if not isinstance(inspection, Mapping):
        return Section("data", "Data", ["Whether the data were inspected is unknown."], facts=_filled(facts))
    view = inspection_view(inspection, data.get("class_names") or [])
    layout = [("layout", view["layout"])] if view["layout"] and not crossed else []  # which draws tests that trained
    table = _class_table(view["classes"], crossed)
    said = [] if view["findings"] else ["The inspection found no copies, no near duplicates and nothing else to say."]
    return Section(
        "data",
        "Data",
        said,
        facts=_filled([*facts, *layout]),
        findings=view["findings"],
        tables=[table] if table.rows else (),
    )


def _class_table(classes: Sequence[Mapping[str, str]], crossed: bool) -> Table:
    """Return the images of each class; where all of them trained, in one number."""
    if crossed:
        sums = [sum(int(row[part].replace(",", "") or 0) for part in ("train", "test")) for row in classes]
        rows = [(row["name"], f"{count:,}") for row, count in zip(classes, sums, strict=True)]
        return Table("Classes in the data", ("class", "images"), rows)
    found = [(row["name"], row["train"], row["test"]) for row in classes]
    return Table("Classes in the data", ("class", "to train and validate", "to test"), found)


def _filled(facts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(term or "how", value) for term, value in facts]


def versions_section(run: Run) -> Section:
    """Say what computed the run."""
    record = run.record
    skipped = ("data", "images", "first run started", "trained")
    facts = [(what, value) for what, value in environment([run]) if what not in skipped]
    started = str(record.get("started") or UNKNOWN).replace("T", " ").replace("+00:00", " UTC")
    given = {what for what, _ in facts}
    facts += [(what, UNKNOWN) for what in ("versions", "commit", "device") if what not in given]
    own = [("variant", run.variant), ("seed", str(run.seed)), ("identity", str(record.get("identity") or UNKNOWN))]
    return Section("versions", "Versions", facts=[*own, ("started", started), *facts])


def commands_section(place: str, folder: str) -> Section:
    """Say what to type, with the run directory and the experiment's folder as they are called."""
    return Section(
        "commands",
        "Commands",
        commands=[
            (f"keras-suite predict {place} IMAGES", "answers, with a warning of images unlike those that trained it"),
            (f"keras-suite export {place} --to litert --int8", "a file for phones and other runtimes, measured"),
            (f"keras-suite report {folder}", "the experiment's report"),
            (f"keras-suite card {place} --overwrite", "this card, anew"),
        ],
    )
