"""Fit a run's model, phase by phase: the whole network, or the trainable head behind a frozen feature extractor."""

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import keras

from keras_suite.callbacks.history import History, Row
from keras_suite.callbacks.non_finite import NonFiniteGuard
from keras_suite.callbacks.probing.diagnosis import Diagnosis, DiagnosisRow
from keras_suite.callbacks.probing.probe import LayerProbe
from keras_suite.callbacks.snapshot import Snapshot, progress
from keras_suite.experiments.training.graph_reuse import reusing_graphs
from keras_suite.experiments.training.limits import stop_of
from keras_suite.experiments.training.own_code import graph_source
from keras_suite.experiments.training.phases import PreparedPhase, phases_of, prepare_phase
from keras_suite.experiments.training.prepared_run import PreparedRun
from keras_suite.models.metrics import metric_names
from keras_suite.models.scratch_model import ScratchModel
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory import Checkpoint


@dataclass(frozen=True)
class Fitted:
    """What the fit has come to so far.

    Attributes:
        rows: The history, a row for each epoch.
        diagnosis: The rows of diagnosis.csv.
        evidence: Those of evidence.csv.
        model_epoch: The epoch whose weights the model has.
        phases: What each phase trained, for metrics.json.
        results: What the configured callbacks measured, by their names.
    """

    rows: Sequence[Row] = ()
    diagnosis: Sequence[DiagnosisRow] = ()
    evidence: Sequence[DiagnosisRow] = ()
    model_epoch: int = 0
    phases: list[dict[str, Any]] = field(default_factory=list)
    results: dict[str, Any] = field(default_factory=dict)


def fit(
    run: PreparedRun,
    model: keras.Model,
    checkpoint: Checkpoint | None = None,
    *,
    extra_callbacks: Sequence[keras.callbacks.Callback] = (),
    reuse: bool = False,
    layer_probe: Callable[..., Any] = LayerProbe,
) -> Fitted:
    """Fit the model through all phases.

    Args:
        checkpoint: Where an interrupted fit was; it is resumed from there.
        extra_callbacks: Beside the configured ones and those that every run has.
        reuse: Whether it may be trained with an earlier model's graphs, and later ones with its own: see
            graph_reuse.py.
        layer_probe: Creates the LayerProbe of the diagnosis, where nothing is reused.
    """
    phases = phases_of(run.config)
    resumed_in = checkpoint[0].get("phase", 1) if checkpoint else 1
    fitted, descriptions = Fitted(), []
    for number, phase in enumerate(phases, 1):
        prepared = prepare_phase(run, model, phase)
        descriptions.append(prepared.describe())
        if number < resumed_in:
            continue
        if run.config.phases:
            run_directory.log(run.directory, f"phase {number} of {len(phases)}: {prepared.in_words()}")
        with as_trained(prepared, reuse) as (trained, reused_probe):
            resumed = checkpoint if number == resumed_in else None
            fitted = PhaseFit(trained, number, fitted, resumed, reused_probe or layer_probe).fit(extra_callbacks)
        if stop_of(fitted.rows, run.job.limits) is not None:
            break
    return replace(fitted, phases=descriptions)


@contextlib.contextmanager
def as_trained(phase: PreparedPhase, reuse: bool) -> Iterator[tuple[PreparedPhase, Callable[..., LayerProbe] | None]]:
    """Yield the phase with the model that is trained in place of its own, and what creates its LayerProbe.

    That is None where the phase has its own model.
    """
    if not (reuse and phase.can_be_copied):
        yield phase, None
        return
    with reusing_graphs(phase.trainee, graph_source(phase.run)) as compiled:
        yield phase.trained_as(compiled.model), compiled.layer_probe


class PhaseFit:
    """The fit of one phase, with its callbacks, from its first epoch or from a checkpoint on.

    Args:
        phase: What is fitted.
        number: The phase's, from 1.
        before: What the phases before it came to.
        checkpoint: Where the phase was interrupted, if it was.
        layer_probe: Creates the LayerProbe of the diagnosis.
    """

    def __init__(
        self,
        phase: PreparedPhase,
        number: int,
        before: Fitted,
        checkpoint: Checkpoint | None,
        layer_probe: Callable[..., Any],
    ) -> None:
        self._phase, self._run, self._number = phase, phase.run, number
        self._before, self._checkpoint, self._layer_probe = before, checkpoint, layer_probe
        done = len(before.rows)
        state: dict[str, Any] = checkpoint[0] if checkpoint else {"epoch": done, "began": done, "ended": False}
        self._epoch, self._step = progress(state)
        self._began, self._ended = state.get("began", 0), state["ended"]
        self._last = min(self._began + phase.epochs, phase.run.job.until or sys.maxsize)

    def fit(self, extra_callbacks: Sequence[keras.callbacks.Callback] = ()) -> Fitted:
        """Fit the phase's model; the history continues that of the phases before it."""
        run = self._run
        batches = self._phase.batches(self._epoch, self._step, functools.partial(run_directory.log, run.directory))
        history, diagnosis = self._history(), self._diagnosis(batches.probe)
        configured = run.config.build_callbacks()
        named = list(zip(run.config.callbacks, configured, strict=True))
        own = {part.name: callback for part, callback in named if part.own is not None}
        ours = {part.name: callback for part, callback in named if part.own is None}
        for callback in ours.values():
            if hasattr(callback, "set_data"):  # it says so if it needs more than what Keras gives a callback
                callback.set_data(run)
        own_metrics = [metric.name for metric in run.task.own_metrics]
        always = [history, NonFiniteGuard(own_metrics), diagnosis]  # a non-finite epoch still gets its row
        if self._step:  # Keras builds the metrics, whose state is to be restored, when it first measures something
            self._phase.trainee.evaluate(batches.validation.take(1), verbose=0)
        self._phase.trainee.fit(
            run.weighted(batches.training),
            epochs=self._last,
            initial_epoch=self._last if self._ended else self._epoch,  # what had stopped is not fitted again
            steps_per_epoch=run.steps,
            validation_data=batches.validation.repeat(),
            validation_steps=len(batches.validation),  # with the number, Keras makes one iterator for a pass, else two
            callbacks=[
                *extra_callbacks,
                *always,
                *configured,
                *self._limits(history),
                self._snapshot([*always, *ours.values()], own),
            ],
            shuffle=False,
            verbose=0,
        )
        model_epoch = next(filter(None, map(_restored_epoch, configured)), len(history.rows))
        results = {name: callback.found() for name, callback in ours.items() if hasattr(callback, "found")}
        return Fitted(history.rows, diagnosis.rows, diagnosis.evidence, model_epoch, results=results)

    def _limits(self, history: History) -> list[keras.callbacks.Callback]:
        """Return what stops the run after an epoch in which it misses a limit; nothing where it has none."""
        limits = self._run.job.limits
        if limits is None:
            return []

        def end_if_missed(epoch: int, logs: Any) -> None:
            if stop_of(history.rows, limits) is not None:
                self._phase.trainee.stop_training = True

        return [keras.callbacks.LambdaCallback(on_epoch_end=end_if_missed)]

    def _history(self) -> History:
        run = self._run
        return History(
            metrics=metric_names(run.task, run.targets.outputs),
            write=functools.partial(run_directory.write_history, run.directory),
            images_per_epoch=len(run.split.train),
            phase=self._number,
            rows=self._before.rows,
        )

    def _diagnosis(self, probe: Any) -> Diagnosis:
        return Diagnosis(
            self._phase.network,
            probe,
            functools.partial(run_directory.write_diagnosis, self._run.directory),
            len(self._run.split.train),
            phase=self._number,
            began=self._began,
            rows=self._before.diagnosis,
            write_evidence=functools.partial(run_directory.write_evidence, self._run.directory),
            evidence_rows=self._before.evidence,
            autodiff=not isinstance(self._phase.model, ScratchModel),
            layer_probe=self._layer_probe,
        )

    def _snapshot(
        self, stateful: Sequence[keras.callbacks.Callback], own: Mapping[str, keras.callbacks.Callback]
    ) -> Snapshot:
        return Snapshot(
            functools.partial(run_directory.write_checkpoint, self._run.directory),
            self._checkpoint,
            variables=self._phase.variables,
            stateful=stateful,
            own=own,
            warn=functools.partial(run_directory.log, self._run.directory),
            position={"phase": self._number, "began": self._began, "run": self._run.label},
            epochs=self._last,
            every_seconds=self._run.job.options.checkpoint_seconds,
            within_epochs=self._run.job.options.devices == 1,  # each device has metrics of its own
        )


def _restored_epoch(callback: keras.callbacks.Callback) -> int | None:
    """Return the epoch whose weights a callback has put back into the model; None if it put none back."""
    if isinstance(callback, keras.callbacks.EarlyStopping) and not hasattr(callback, "model_epoch"):
        return callback.best_epoch + 1 if callback.restore_best_weights and callback.best_weights is not None else None
    return getattr(callback, "model_epoch", None)
