"""`RecordRun`: a Keras callback that records a run of any script, so that `report` compares it with others."""

import atexit
import contextlib
import math
import time
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_suite.experiments.config.values import check_overrides, check_variant_name, plain, whole
from keras_suite.experiments.recording import facts
from keras_suite.experiments.recording.folder import Recording
from keras_suite.experiments.recording.held_out import held_out
from keras_suite.experiments.recording.outputs import are_logits, predict, try_outputs
from keras_suite.reports import run_directory
from keras_suite.reports.run_directory.layout import HEARTBEAT_SECONDS
from keras_suite.reports.run_directory.results import ELSEWHERE
from keras_suite.tasks.reading.files import say
from keras_suite.tasks.wording.shown import message_of, shown

_recording: dict[Path, "RecordRun"] = {}  # what this process records now


class RecordRun(keras.callbacks.Callback):
    """Records one `model.fit` of a classifier as a run of an experiment.

        record = RecordRun("runs/my_question", variant="wide", seed=1, test=(x_test, y_test))
        model.fit(x, y, epochs=10, callbacks=[..., record])

    Then `keras-suite report runs/my_question` compares the variants. It changes nothing of the training. When that
    ends, it predicts the test images with the model as it is: let it be the last callback, after one that restores
    weights. An interrupted fit leaves an interrupted run, which cannot be continued; a loss that is no number, a
    failed one. What cannot be recorded, as on a full disk, is said in a line, and the script goes on.

    Args:
        folder: The experiment's; its name is the experiment's.
        variant: The name of what is compared.
        seed: That of the script, 0 or more: runs of two variants with the same seed are a pair.
        test: (images, labels), or a tf.data.Dataset of batches of such pairs; labels are numbers or one-hot.
        question: What the variants are compared for.
        settings: What the variant is, as {"units": 64}, for the report.
        class_names: The names of the classes.
        from_logits: Whether the model's outputs are logits; by default its last activation says it.
        overwrite: Whether a former run of this variant and seed is set aside.
        test_id: A name for the test images, where variants prepare the same ones in several ways.

    Raises:
        ValueError, OSError: Before anything trains, with what is wrong in one line.
    """

    async_safe = True  # Keras need not wait for it after each batch

    def __init__(
        self,
        folder: str | PathLike[str],
        *,
        variant: str,
        seed: int,
        test: Any,
        question: str | None = None,
        settings: Mapping[str, Any] | None = None,
        class_names: Sequence[str] = (),
        from_logits: bool | None = None,
        overwrite: bool = False,
        test_id: str | None = None,
    ) -> None:
        super().__init__()
        check_variant_name(variant)
        seed = whole(seed)
        if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
            raise ValueError(f"seed={shown(seed)} is not possible: expected a whole number from 0 up")
        check_overrides(settings or {}, "settings")
        path = Path(folder).absolute()
        self._run = Recording(
            folder=path,
            variant=variant,
            seed=seed,
            settings={name: plain(value, name) for name, value in (settings or {}).items()},
            question=question,
            test=held_out(test, test_id),
        )
        self._class_names = [str(name) for name in class_names]
        self._from_logits, self._overwrite, self._test_id = from_logits, overwrite, test_id
        self._open = contextlib.ExitStack()
        self._rows: list[dict[str, float]] = []
        self._state = "new"
        self._run.refuse_others()
        if not overwrite:
            self._run.refuse_again()

    # -- Keras calls these -------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Any = None) -> None:
        if self._state != "new":
            raise ValueError("this RecordRun has recorded a fit: create another one for each fit, with its own seed")
        self._logits = are_logits(self.model, self._from_logits)
        classes = try_outputs(self.model, self._run.test, self._logits)
        if self._class_names and len(self._class_names) != classes:
            raise ValueError(f"class_names has {len(self._class_names)} names: the model tells {classes} classes apart")
        self._begin()
        self._began = time.perf_counter()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch_began, self._rate = time.perf_counter(), facts.learning_rate(self.model)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._beat()

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        self._beat()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self._state != "recording":
            return
        row = {"epoch": len(self._rows) + 1, **facts.history_row(logs or {}, bool(self.model.losses))}
        rate = facts.learning_rate(self.model) if facts.has_schedule(self.model) else self._rate
        row |= {"learning_rate": rate, "seconds": time.perf_counter() - self._epoch_began}
        columns = dict.fromkeys(name for each in (*self._rows, row) for name in each)  # not each epoch is validated
        self._rows = [{name: each.get(name, math.nan) for name in columns} for each in (*self._rows, row)]
        with self._going_on():
            run_directory.write_history(self._run.directory, self._rows)

    def on_train_end(self, logs: Any = None) -> None:
        if self._state != "recording":
            return
        with self._going_on():
            failure = self._not_finite()
            if failure is None:
                self._complete()
            else:
                run_directory.fail(self._run.directory, "NonFiniteLoss", failure)
        self._close()

    # -- what they write ---------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Take the run's directory, and begin it."""
        directory = self._run.directory
        if directory in _recording:  # a fit of this process that was broken off, as in a notebook
            _recording[directory].break_off()
        self._run.refuse_others()
        self._open.enter_context(run_directory.locked(directory))
        try:
            if not self._overwrite:
                self._run.refuse_again()
            elif run_directory.begun(directory):
                run_directory.set_run_aside(directory)
            run_directory.begin(directory, self._record(), facts.config_of(self.model, self.params))
            run_directory.log(directory, f"started: {facts.command() or 'in a notebook'}")
            self._run.list_variant(facts.command())
        except BaseException:
            self._open.close()
            raise
        self._state, self._beaten = "recording", time.monotonic()
        _recording[directory] = self
        atexit.register(self.break_off)

    def _record(self) -> dict[str, Any]:
        run, test = self._run, self._run.test
        return {
            "identity": run.identity,
            "experiment": run.folder.name,
            "variant": run.variant,
            "seed": run.seed,
            "trained": ELSEWHERE,
            "command": facts.command(),
            "source": None,
            "network": facts.network_of(self.model),
            **facts.surroundings(),
            "data": {
                "name": self._test_id or "test images",
                "fingerprint": test.fingerprint,
                "class_names": self._class_names,
                "input_shape": list(test.shape),
                "test": len(test.labels),
                "notes": ["The content is that of the test images; which images trained the network is not recorded."],
            },
        }

    def _not_finite(self) -> str | None:
        """Return a line on the first epoch whose loss is no number; None where there is none."""
        for row in self._rows:
            if not math.isfinite(row.get("loss", 0.0)):
                found = f"loss became {row['loss']} in epoch {row['epoch']}"
                return f"{found}: set a lower learning rate, or look for damaged images or labels"
        return None

    def _complete(self) -> None:
        """Predict the test images, and complete the run."""
        directory, labels = self._run.directory, self._run.test.labels
        probabilities = predict(self.model, self._run.test, self._logits)
        if not np.isfinite(probabilities).all():
            run_directory.fail(directory, "NonFiniteLoss", "the trained model's predictions are no numbers")
            return
        run_directory.write_predictions(directory, labels, probabilities)
        losses = [row.get("val_loss", math.nan) for row in self._rows]
        metrics = {
            "epochs": len(self._rows),
            "best_epoch": None if np.isnan(losses).all() else 1 + int(np.nanargmin(losses)),
            "model_epoch": None,  # another callback may have restored weights
            **facts.size_of(self.model),
            "train_seconds": math.fsum(row["seconds"] for row in self._rows),
            "test": {"accuracy": float(np.mean(probabilities.argmax(axis=1) == labels))},
        }
        run_directory.complete(directory, metrics, seconds=time.perf_counter() - self._began)

    def _beat(self) -> None:
        if self._state == "recording" and time.monotonic() - self._beaten > HEARTBEAT_SECONDS:
            self._beaten = time.monotonic()
            with contextlib.suppress(OSError, ValueError):  # the end of the epoch says what is wrong
                run_directory.update(self._run.directory)

    @contextlib.contextmanager
    def _going_on(self) -> Any:
        """Say in a line what could not be recorded, and record no more: the script and its model matter more."""
        try:
            yield
        except Exception as error:
            reason = f"{type(error).__name__}: {message_of(error)}"
            say(f"warning: {self._run.directory} is not recorded further ({reason}); the training itself goes on")
            with contextlib.suppress(OSError, ValueError):
                run_directory.fail(self._run.directory, type(error).__name__, reason)
            self._close()

    def break_off(self) -> None:
        """Record that the fit was interrupted, if it has not ended."""
        if self._state == "recording":
            with contextlib.suppress(OSError, ValueError):
                run_directory.interrupt(self._run.directory)
            self._close()

    def _close(self) -> None:
        self._state = "ended"
        _recording.pop(self._run.directory, None)
        atexit.unregister(self.break_off)
        self._open.close()
