"""The command `predict`: what a trained model says of image files."""

import contextlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from keras_suite.experiments.commands.command_line import DataDir, Debug, TrustCode, bad_input, complain, out
from keras_suite.experiments.commands.folders import check_output
from keras_suite.experiments.commands.prediction_rows import PredictionRows, Row
from keras_suite.tasks.reading.files import one_line
from keras_suite.tasks.wording.quantities import counted

if TYPE_CHECKING:
    from keras_suite.experiments.inspecting.predict import Predictor
    from keras_suite.experiments.predicting.requests import Request
    from keras_suite.experiments.predicting.scoring import ClassScore

SHOWN = 3  # examples in a warning


def predict(
    run_path: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="A run directory, or a .keras file from one; or the folder of a variant, whose runs are averaged, or "
            "of an experiment, whose variant that was best on validation images answers.",
        ),
    ],
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE…",
            help="Image files of any size and mode; folders; patterns as 'photos/**/*.jpg'; a .txt file with a path a "
            "line, or - for standard input; a .csv table with a column of paths. Folders named as the classes, and a "
            "table's column of labels, are scored.",
        ),
    ],
    reject: Annotated[
        float, typer.Option(min=0, max=1, help="Answer 'other' where the highest probability is below this.")
    ] = 0.0,
    max_error: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            help="Choose --reject by the run's validation images, so that at most this share of the answers is wrong.",
        ),
    ] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Scale the probabilities as the run's validation images call for.")
    ] = False,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write all answers as a CSV table.")] = None,
    output: Annotated[
        Path, typer.Option(help="The folder for predicted images and masks, named <image>-predicted.png.")
    ] = Path(),
    image_column: Annotated[str | None, typer.Option(metavar="COLUMN", help="A table's column of paths.")] = None,
    label_column: Annotated[str | None, typer.Option(metavar="COLUMN", help="A table's column of classes.")] = None,
    data_dir: DataDir = None,
    trust_code: TrustCode = False,
    debug: Debug = False,
) -> None:
    """Predict image files with a trained model: the class and its probability, or another target.

    Every file is answered or named with what is wrong with it; the exit code is then 1.
    """
    from keras_suite.experiments.predicting.members import members
    from keras_suite.experiments.predicting.requests import Columns, read_standard_input, requested
    from keras_suite.experiments.predicting.sureness import chosen_sureness
    from keras_suite.experiments.training import runtime

    with bad_input(debug), contextlib.ExitStack() as scope:
        asked_runs = members(run_path)
        if len(asked_runs.runs) > 1 and (calibrate or max_error is not None):
            raise ValueError(
                f"{'--calibrate' if calibrate else '--max-error'} takes one run, whose validation images tell it, and "
                f"{run_path} holds {len(asked_runs.runs)}: give one, for example {asked_runs.runs[0]}"
            )
        if max_error is not None and reject:
            raise ValueError(f"--max-error {max_error:g} chooses --reject, and {reject:g} was given: leave one out")
        check_output(output, "--output")
        if csv is not None:
            _check_csv(csv, images)
        runtime.start_tensorflow(runtime.available_cores())
        from keras_suite.experiments.inspecting.predict import predictor, task_of_run
        from keras_suite.experiments.own_parts.trust import own_classes

        scope.enter_context(own_classes(asked_runs.runs, trust_code))
        for option, given in (("--reject", reject), ("--max-error", max_error), ("--calibrate", calibrate)):
            if given and not task_of_run(asked_runs.runs[0]).predicts_classes:
                raise ValueError(f"{option} is for probabilities, and {run_path} predicts none: leave it out")
        sureness = chosen_sureness(asked_runs.runs[0], calibrate, max_error)
        asked = predictor(*asked_runs.runs, temperature=sureness.temperature)
        names = asked.names if asked.task.predicts_classes else ()
        request = requested(images, names, Columns(image_column, label_column), read_standard_input)
        for line in filter(None, (asked_runs.said, *sureness.said)):
            out.print(line, soft_wrap=True, markup=False)
        good, bad = _answer(asked, request, max(reject, sureness.reject), output, csv)
        _warn_of_training_images(asked_runs.runs[0], request, data_dir)
    if bad:
        raise typer.Exit(1 if good else 2)


def _check_csv(csv: Path, images: Sequence[str]) -> None:
    """Raise ValueError if the table cannot be written, or would replace one that is read."""
    if csv.is_dir():
        raise ValueError(f"--csv {csv} is a folder: give the path of a file to write")
    check_output(csv.parent, "--csv")
    if csv.exists() and any(Path(word).exists() and csv.samefile(word) for word in images):
        raise ValueError(f"--csv {csv} is one of the files that are asked about: give another one to write")


def _answer(asked: "Predictor", request: "Request", reject: float, output: Path, csv: Path | None) -> tuple[int, int]:
    """Print and write all answers, and return how many files were answered and how many words or files were not."""
    from keras_suite.experiments.predicting.scoring import ClassScore

    for problem in request.problems:
        complain(problem)
    good, bad, unlike, score = 0, len(request.problems), list[Row](), ClassScore(reject)
    classes = asked.task.predicts_classes
    with PredictionRows(request.images, asked.names if classes else None, csv) as rows:
        for row in _class_rows(asked, request, reject, score) if classes else _target_rows(asked, request, output):
            if row.problem:
                rows.flush()
                complain(row.problem)
            good, bad = good + (not row.problem), bad + bool(row.problem)
            unlike += [row] if row.unlike else []
            rows.add(row)
    for line in [*score.lines(), *_notes(request, score), *([f"written to {csv}"] if csv else [])]:
        out.print(line, soft_wrap=True, markup=False)
    if unlike:
        _warn(asked, unlike, good)
    if bad and good:
        complain(f"{bad:,} of {good + bad:,} could not be answered, as named above; the others are")
    return good, bad


def _class_rows(asked: "Predictor", request: "Request", reject: float, score: "ClassScore") -> Iterator[Row]:
    from keras_suite.experiments.inspecting.predict import Refused

    answers = asked.classes([each.path for each in request.images], reject)
    for each, answer in zip(request.images, answers, strict=True):
        if isinstance(answer, Refused):
            yield Row(each, problem=answer.problem)
            continue
        score.add(each.label, answer.most_probable, answer.probability)
        yield Row(each, answer.name, answer.probability, answer.others, unlike=answer.unlike)


def _target_rows(asked: "Predictor", request: "Request", output: Path) -> Iterator[Row]:
    """Yield the answers of a run that predicts no classes; pictures are written."""
    from keras_suite.experiments.inspecting.predict import Refused
    from keras_suite.experiments.predicting.output_names import output_names

    paths = [each.path for each in request.images]
    names = output_names(paths)
    for each, answer in zip(request.images, asked.targets(paths), strict=True):
        if isinstance(answer, Refused):
            yield Row(each, problem=answer.problem)
            continue
        written = None if answer.picture is None else _write(answer.picture, output / names[each.path])
        yield Row(each, answer.text, picture=written, unlike=answer.unlike)


def _write(picture: np.ndarray, path: Path) -> Path:
    """Write a picture (PNG) without overwriting another one, and return where."""
    from PIL import Image

    from keras_suite.experiments.predicting.output_names import free_path
    from keras_suite.tasks.atomic_files import replacing

    content = io.BytesIO()
    Image.fromarray(np.squeeze(picture)).save(content, "PNG")
    free = free_path(path, content.getvalue())
    with replacing(free) as temporary:
        temporary.write_bytes(content.getvalue())
    return free


def _notes(request: "Request", score: "ClassScore") -> Iterator[str]:
    """Say which files were left out, and which names are no classes of the run."""
    if request.left_out:
        first = one_line(str(request.left_out[0]))
        yield f"left out {counted(len(request.left_out), 'file')} that are no images (first: {first})"
    if request.unknown:
        names = ", ".join(one_line(name) for name in list(request.unknown)[:SHOWN])
        more = f" and {len(request.unknown) - SHOWN:,} more" if len(request.unknown) > SHOWN else ""
        count = counted(sum(request.unknown.values()), "image")
        scored = "not scored" if not score.right + score.wrong.total() else "not among the scored"
        yield f"{count} of {names}{more}, which the run has no class for: {scored}"


def _warn(asked: "Predictor", unlike: Sequence[Row], good: int) -> None:
    """Say which pictures look otherwise than those that trained the run."""
    shown = ", ".join(f"{one_line(str(row.asked.path))} ({row.unlike})" for row in unlike[:SHOWN])
    more = f" and {len(unlike) - SHOWN:,} more" if len(unlike) > SHOWN else ""
    are = "looks" if len(unlike) == 1 else "look"
    complain(
        f"{len(unlike):,} of {counted(good, 'image')} {are} unlike those that trained {asked.run}, so the answers may "
        f"mean nothing: {shown}{more}",
        kind="warning",
    )


def _warn_of_training_images(run: Path, request: "Request", data_dir: Path | None) -> None:
    """Say which of the scored pictures lie where the run's training images do."""
    from keras_suite.experiments.predicting.training_files import among_training_files

    found = among_training_files(run, request.images, data_dir)
    if found is not None:
        folder, images = found
        lie = "image lies" if len(images) == 1 else "images lie"
        complain(
            f"{len(images):,} scored {lie} in {one_line(str(folder))}, where {run} took its training images: its "
            "accuracy on images that trained it says nothing of others",
            kind="warning",
        )
