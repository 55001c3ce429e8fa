"""What each layer of a network does while it is trained: measured on one small batch, changing no bit of the training.

Loss, its oscillation and the train-validation gap stand in the history already; this is what the history cannot tell.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras

from keras_suite.callbacks.probing.probe import PROBE_IMAGES, Look, Probe

SHARE = 0.01  # of an epoch's images: more are never looked at in the mean of the epochs

DiagnosisRow = dict[str, Any]
COLUMNS = (
    "epoch",
    "phase",
    "layer",
    "weight_norm",
    "gradient_norm",
    "output_gradient_norm",
    "update_ratio",
    "dead",
    "saturated",
)


class Diagnosis(keras.callbacks.Callback):
    """Hands all rows so far, one for each look and layer, to `write` after every look.

    The columns, None where a layer has no such thing:

        epoch                 how many had passed; the first look of a phase comes before its first epoch
        weight_norm           |w| of the layer's trained kernels
        gradient_norm         |dL/dw|, and
        output_gradient_norm  |dL/dy| for the layer's output y: what comes back to it from behind. L is the probe's
                              mean loss without penalties, by the network as it predicts
        update_ratio          |change of w in the epoch| / |w before it| / steps: what a step changes on average,
                              less what the steps of an epoch take back from each other
        dead                  share of rectified units that are zero for every image of the probe
        saturated             share of tanh or sigmoid outputs at a bound

    A norm that is nan or inf tells of values that are no numbers.

    The update ratio is that of an epoch, not of one chosen step: catching a step would make training wait for every
    batch, and the weights at an epoch's ends are what a resumed run has, too.

    It looks after the first epoch, every k-th and the last, k such that `SHARE` of the images are looked at: of 1,000
    training images after every 7th, of 6,400 and more after each.

    Every run has it: it is no part of the identity, and changes no bit. What it cost on 2 busy shared cores, CPU
    seconds inside it by those of the whole run, means of 3 runs in turn with 3 without it: 1.6 % of the MNIST demo net
    on 1,000 digits for 20 epochs (0.12 s for the first look with its tracing, 0.038 s for each of 3 later ones, of
    17.7 s; 16.7 s without); the look after the first epoch came since, 0.2 % more. The first look is a fixed cost, so
    only the shortest runs pay more: 3.7 % of a run of 2.6 s (0.08 s and 0.004 s; a CNN of two blocks on 1,000 small
    digits for 12 epochs).

    `network` is what is looked into (the model that is fitted, or what is behind its frozen front), `began` the number
    of epochs before this phase, and `rows` are theirs. `look` makes the Look; it may give one that was compiled before.
    `get_state` and `set_state` carry all rows over to another process; call `set_state` after `on_train_begin`.
    """

    def __init__(
        self,
        network: keras.Model,
        probe: Probe,
        write: Callable[[Sequence[DiagnosisRow]], None],
        images_per_epoch: int,
        *,
        phase: int = 1,
        began: int = 0,
        rows: Sequence[DiagnosisRow] = (),
        autodiff: bool = True,
        look: Callable[..., Look] = Look,
    ) -> None:
        super().__init__()
        self.rows: list[DiagnosisRow] = []
        self._make_look = look
        self._network, self._probe, self._write, self._autodiff = network, probe, write, autodiff
        self._phase, self._began, self._before = phase, began, tuple(rows)
        self._every = math.ceil(PROBE_IMAGES / (SHARE * images_per_epoch))
        self._epoch = began
        self._weights: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        self.rows, self._epoch = list(self._before), self._began
        optimizer = self.model.optimizer
        self._look = self._make_look(
            self._network, self.model.loss, self._probe, scaled=optimizer.scale_loss, autodiff=self._autodiff
        )

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if not any(row["phase"] == self._phase for row in self.rows):
            self._take(epoch, None)
        self._weights = self._look.weights() if self._due(epoch + 1) else None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch + 1
        if self._weights is not None:
            self._take(self._epoch, self._weights)

    def on_train_end(self, logs: Any = None) -> None:
        if not any(row["epoch"] == self._epoch and row["phase"] == self._phase for row in self.rows):
            self._take(self._epoch, None)
        self._weights = None
        del self._look  # it holds a graph

    def get_state(self) -> dict[str, Any]:
        """The last epoch and the rows so far, JSON values."""
        return {"epoch": self._epoch, "rows": [[row[column] for column in COLUMNS] for row in self.rows]}

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes on after the rows that `get_state` returned, and hands them to `write`: there may be none to come."""
        self._epoch = state["epoch"]
        self.rows = [dict(zip(COLUMNS, row, strict=True)) for row in state["rows"]]
        self._write(self.rows)

    def _due(self, epoch: int) -> bool:
        passed = epoch - self._began
        return passed == 1 or passed % self._every == 0

    def _take(self, epoch: int, weights: Any) -> None:
        for layer, values in self._look(weights).items():
            change = values.pop("change")
            ratio = None if change is None else change / self.params["steps"]
            row = {**values, "epoch": epoch, "phase": self._phase, "layer": layer, "update_ratio": ratio}
            self.rows.append({column: row[column] for column in COLUMNS})
        self._write(self.rows)
