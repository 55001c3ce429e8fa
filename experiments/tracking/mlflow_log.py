"""The log of an experiment's runs on an MLflow server.

A run is logged when it has ended, from its directory, under a key that the server is asked for first: so none is logged
twice, and one whose logging broke off is completed by the next command. Whatever the server does costs a warning.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_suite.experiments.tracking.logged_values import KEY, NOTHING, Asked, Logged, logged
from keras_suite.reports import run_directory
from keras_suite.reports.elsewhere.mlflow_server import ServerProblem, asking, connect
from keras_suite.tasks.wording.shown import message_of

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

PAGE = 1_000  # runs of one answer
MOST_VALUES, MOST_PARAMETERS = 1_000, 100  # of one request


class MlflowLog:
    """The runs of one experiment on a server. Nothing here raises once it is made, but KeyboardInterrupt."""

    def __init__(self, uri: str, experiment: str, asked: Asked = NOTHING) -> None:
        """Import the client; the server is not asked yet.

        Args:
            uri: The server's address.
            experiment: What the experiment is called there.
            asked: What it asks.

        Raises:
            ValueError: If the client is not installed, or this is no address.
        """
        self._uri, self._experiment, self._asked = uri, experiment, asked
        self._client: MlflowClient = connect(uri, new=True)
        self._id: str | None = None
        self._known: dict[str, tuple[str, str]] = {}  # by key the run's id there and how it stands
        self._count = 0
        self.problem: str | None = None

    def log(self, directory: Path) -> None:
        """Log one run that has ended, unless the server failed before; it is tried again by `complete`."""
        if self.problem is None:
            self._try([directory])

    def complete(self, directories: Iterable[Path]) -> tuple[int, str | None]:
        """Log what is missing of these runs.

        Returns:
            How many runs were logged in all, and a line on why not all were; None if they were.
        """
        first, self.problem = self.problem, None
        self._try(directories)
        return self._count, self.problem and (first or self.problem)

    def _try(self, directories: Iterable[Path]) -> None:
        for directory in directories:
            try:
                run = run_directory.read_run(directory, needs=())
                if run.status in ("completed", "failed"):
                    self._log(logged(run, self._asked))
            except ServerProblem as error:
                self.problem = message_of(error)
                return
            except (ValueError, OSError) as error:  # a damaged run, which the report names, keeps no other from it
                self.problem = f"{directory} cannot be logged ({message_of(error)})"

    def _log(self, run: Logged) -> None:
        status = "FINISHED" if run.finished else "FAILED"
        with asking(self._uri):
            experiment = self._experiment_id()
            found = self._known.get(run.key)
            if found is not None and found[1] == status:
                return
            if found is None:
                made = self._client.create_run(experiment, start_time=run.begun, tags=dict(run.tags), run_name=run.name)
                found = (made.info.run_id, "RUNNING")
                self._known[run.key] = found
            self._send(found[0], run)
            self._client.set_terminated(found[0], status, end_time=run.ended)
        self._known[run.key] = (found[0], status)
        self._count += 1

    def _send(self, run_id: str, run: Logged) -> None:
        """Send all values; those that the server has already are the same, and stay one."""
        from mlflow.entities import Metric, Param, RunTag

        parameters = [Param(name, text) for name, text in run.parameters.items()]
        values = [Metric(each.name, each.value, each.timestamp, each.step) for each in run.values]
        self._client.log_batch(run_id, tags=[RunTag(name, text) for name, text in run.tags.items()])
        for start in range(0, len(parameters), MOST_PARAMETERS):
            self._client.log_batch(run_id, params=parameters[start : start + MOST_PARAMETERS])
        for start in range(0, len(values), MOST_VALUES):
            self._client.log_batch(run_id, metrics=values[start : start + MOST_VALUES])

    def _experiment_id(self) -> str:
        """Return the experiment's id, which is made if it is new; the first time, learn what the server has of it."""
        if self._id is None:
            known: Any = self._client.get_experiment_by_name(self._experiment)
            number: str = self._client.create_experiment(self._experiment) if known is None else known.experiment_id
            self._known = self._runs(number)
            self._id = number
        return self._id

    def _runs(self, experiment: str) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        token: str | None = None
        while True:
            page = self._client.search_runs([experiment], max_results=PAGE, page_token=token)
            found |= {run.data.tags[KEY]: (run.info.run_id, run.info.status) for run in page if KEY in run.data.tags}
            token = page.token
            if not token:
                return found
