"""What an experiment came to, for scripts and notebooks, and `load`, which reads it: of our runs or of others'."""

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

    from keras_suite.reports.results.experiment_numbers import Numbers
    from keras_suite.reports.run_directory import Run


@dataclass(frozen=True)
class Result:
    """What an experiment came to. In a notebook it shows the answer, the table and the scores.

    Attributes:
        folder: The experiment's folder.
        question: The question.
        answer: The answer, with its interval, in a sentence.
        report: The page.
        numbers: What the report rests on.
    """

    folder: Path
    question: str
    answer: str
    report: Path
    numbers: "Numbers"

    @property
    def _suffix(self) -> str:
        """What the files' names end with, where not the experiment's own pairs, margin or score are compared."""
        return self.report.stem.removeprefix("report")

    @property
    def table(self) -> "pd.DataFrame":
        """comparison.csv: a row for each variant."""
        import pandas as pd

        return pd.read_csv(self.folder / f"comparison{self._suffix}.csv")

    @property
    def runs(self) -> tuple["Run", ...]:
        """The runs: config, record, history and metrics of each; none of runs of which only scores are known."""
        from keras_suite.reports import run_directory

        if self.numbers.elsewhere and not (self.folder / run_directory.layout.LISTING).exists():
            return ()
        return run_directory.read_experiment(self.folder).runs

    @property
    def figures(self) -> dict[str, Path]:
        """The pages' figures as PNG files, by name."""
        return {path.stem: path for path in sorted((self.folder / f"figures{self._suffix}").glob("*.png"))}

    def __repr__(self) -> str:
        return f"{self.answer} ({self.report})"

    def _repr_html_(self) -> str:
        """Show the answer, the table and the figure of the scores."""
        first = next(iter(self.figures.values()), None)
        scores = self.figures.get(self.numbers.metric.key, first)
        picture = base64.b64encode(scores.read_bytes()).decode() if scores else ""
        shown = f'<img src="data:image/png;base64,{picture}" style="max-width: 640px">' if picture else ""
        return (
            f"<p><b>{html.escape(self.question)}</b></p>{self._summary()}{shown}<p>{html.escape(str(self.report))}</p>"
        )

    def _summary(self) -> str:
        """Return the answer and the table as the commands print them, as HTML."""
        from rich.console import Console

        from keras_suite.reports.export.console import summary

        console = Console(record=True, file=io.StringIO(), width=140, force_jupyter=False)
        console.print(summary(self.numbers))
        return console.export_html(inline_styles=True, code_format='<pre style="line-height: 1.3">{code}</pre>')


def load(
    path: str | Path,
    *,
    score: str | None = None,
    against: Sequence[str] = (),
    margin: float | None = None,
    metric: str | None = None,
    direction: Literal["max", "min"] | None = None,
    unit: str | None = None,
    question: str | None = None,
    first_look: bool = False,
    mlflow: str | None = None,
    variant: Sequence[str] = (),
    seed: str | None = None,
    filter: str | None = None,
    folders: str | None = None,
    runs_dir: str | Path | None = None,
) -> Result:
    """Write the report anew, as `keras-suite report` does, and return what it came to.

    Args:
        path: An experiment's folder; a table of scores (.csv); a folder of TensorBoard's event files; or, with
            `mlflow`, the name of an experiment on that server.
        score: The metric of the test images that is compared, of our own runs; None for the task's own.
        against: The pairs to compare, "b" or "a=b"; empty for the experiment's own.
        margin: The largest difference that does not matter, as the command takes it: in percentage points, or the unit.
        metric, direction, unit, question, first_look: What the scores of a table or a tracker are, see `Told`.
        mlflow: The address of an MLflow server.
        variant, seed, filter, folders: Which runs of a tracker are which, as options of the command.
        runs_dir: Where the folder with the report on others' runs lies; None for beside them, or here.

    Raises:
        ValueError, OSError: If there is nothing, it is damaged, or options do not go together.
    """
    from keras_suite.experiments.commands import report as command
    from keras_suite.experiments.commands.report_writing import write
    from keras_suite.reports.elsewhere.scored_runs import Chosen
    from keras_suite.reports.elsewhere.told import Told, check_margin

    home = None if runs_dir is None else Path(runs_dir)
    options = {
        "--metric": metric,
        "--direction": direction,
        "--unit": unit,
        "--question": question,
        "--first-look": first_look,
        "--variant": variant,
        "--seed": seed,
        "--folders": folders,
        "--score": score,
    }
    typed = [option for option, value in options.items() if value]
    told, by = Told(metric, direction, unit, question, first_look), Chosen(tuple(variant), seed, metric)
    items = command.items_at([Path(path)], Path(), home, mlflow, filter, folders)
    if len(items) > 1:
        raise ValueError(f"{path} holds {len(items)} reports: give the folder of one experiment")
    item = items[0]
    if item.kind in ("sweep", "study"):
        raise ValueError(f"{path} is a {item.kind}: open_sweep reads a sweep, and a study has its page alone")
    command.check_choices({item.kind}, typed)
    check_margin(margin, float("inf") if item.kind in command.FOREIGN else 100)
    if item.kind in command.FOREIGN:
        written = command.foreign_report(item, told, by, f"load({str(path)!r})", margin=margin, against=against)
    else:
        written = write(item.folder, None, margin=margin, against=against, score=score)
    return Result(item.folder, written.numbers.question, written.answer, written.html, written.numbers)
