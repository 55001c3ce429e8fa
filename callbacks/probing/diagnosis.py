"""What each layer of a network does while it is trained: measured on one small batch, changing no bit of the training.

Loss, its oscillation and the train-validation gap stand in the history already; this is what the history cannot tell.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import keras

from keras_suite.callbacks.probing import evidence
from keras_suite.callbacks.probing.probe import PROBE_IMAGES, LayerProbe, ProbeBatch

SHARE = 0.01  # of an epoch's images: no more are computed for it in the mean of the epochs

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
    """Probes the layers of a network while it is trained, and passes all rows so far to `write` after every probe.

    A row is one layer at one epoch. Its columns, None where a layer has no such thing:

        epoch                 how many had passed; the first probe of a phase comes before its first epoch
        weight_norm           |w| of the layer's trained kernels
        gradient_norm         |dL/dw|, and
        output_gradient_norm  |dL/dy| for the layer's output y: what comes back to it from behind. L is the probe
                              batch's mean loss without penalties, by the network as it predicts
        update_ratio          |change of w in the epoch| / |w before it| / steps: what a step changes on average,
                              less what the steps of an epoch take back from each other
        dead                  share of rectified units that are zero for every image of the batch
        saturated             share of tanh or sigmoid outputs at a bound

    Each probe also shows what the network as a whole receives and answers: the rows of evidence.csv, whose columns
    evidence.py explains.

    A norm that is nan or inf tells of values that are no numbers. The update ratio is that of an epoch, not of one
    chosen step: catching a step would make training wait for every batch, and the weights at an epoch's ends are what
    a resumed run has, too.

    It probes after the first epoch, every k-th and the last, k such that `SHARE` of the images are computed: of 1,000
    training images after every 7th, of 6,400 and more after each.

    Every run has it: it is no part of the identity, and changes no bit. What it cost on 2 busy shared cores, CPU
    seconds inside it by those of the whole run, means of 3 runs in turn with 3 without it: 1.6 % of the MNIST demo net
    on 1,000 digits for 20 epochs (0.12 s for the first probe with its tracing, 0.038 s for each of 3 later ones, of
    17.7 s; 16.7 s without); the probe after the first epoch came since, 0.2 % more. The first probe is a fixed cost, so
    only the shortest runs pay more: 3.7 % of a run of 2.6 s (0.08 s and 0.004 s; a CNN of two blocks on 1,000 small
    digits for 12 epochs).

    Args:
        network: what is probed: the model that is fitted, or the trainable head behind its frozen feature extractor.
        probe: the batch that it is probed with.
        write: is called with all rows so far, and
        write_evidence: with those of the network as a whole.
        images_per_epoch: of the training.
        phase: its number, from 1 up.
        began: the number of epochs before this phase.
        rows, evidence_rows: those of the phases before.
        autodiff: whether gradients can be measured.
        layer_probe: creates the LayerProbe; it may return one that was compiled before.

    `get_state` and `set_state` carry all rows over to another process; call `set_state` after `on_train_begin`.
    """

    def __init__(
        self,
        network: keras.Model,
        probe: ProbeBatch,
        write: Callable[[Sequence[DiagnosisRow]], None],
        images_per_epoch: int,
        *,
        phase: int = 1,
        began: int = 0,
        rows: Sequence[DiagnosisRow] = (),
        write_evidence: Callable[[Sequence[DiagnosisRow]], None] = lambda rows: None,
        evidence_rows: Sequence[DiagnosisRow] = (),
        autodiff: bool = True,
        layer_probe: Callable[..., LayerProbe] = LayerProbe,
    ) -> None:
        super().__init__()
        self.rows: list[DiagnosisRow] = []
        self.evidence: list[DiagnosisRow] = []
        self._make_layer_probe = layer_probe
        self._network, self._probe, self._write, self._autodiff = network, probe, write, autodiff
        self._phase, self._began, self._before = phase, began, (tuple(rows), tuple(evidence_rows))
        self._write_evidence = write_evidence
        self._every = math.ceil(PROBE_IMAGES / (SHARE * images_per_epoch))
        self._epoch = began
        self._weights: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        (self.rows, self.evidence), self._epoch = map(list, self._before), self._began
        optimizer = self.model.optimizer
        self._layer_probe = self._make_layer_probe(
            self._network, self.model.loss, self._probe, scaled=optimizer.scale_loss, autodiff=self._autodiff
        )

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if not any(row["phase"] == self._phase for row in self.rows):
            self._record(epoch, None)
        self._weights = self._layer_probe.weights() if self._due(epoch + 1) else None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._epoch = epoch + 1
        if self._weights is not None:
            self._record(self._epoch, self._weights)
            self._weights = None

    def on_train_end(self, logs: Any = None) -> None:
        if not any(row["epoch"] == self._epoch and row["phase"] == self._phase for row in self.rows):
            self._record(self._epoch, None)
        self._weights = None
        del self._layer_probe  # it holds a graph

    def get_state(self) -> dict[str, Any]:
        """Return the last epoch and all rows so far, JSON values, and the weights that the present epoch began with."""
        rows = [[row[column] for column in COLUMNS] for row in self.rows]
        whole = [[row[column] for column in evidence.COLUMNS] for row in self.evidence]
        state: dict[str, Any] = {"epoch": self._epoch, "rows": rows, "evidence": whole}
        if self._weights is not None:
            state["weights"] = [kernel for kernels in self._weights for kernel in kernels]
        return state

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue the rows that `get_state` returned, and pass them to `write`: there may be none to come."""
        self._epoch = state["epoch"]
        self.rows = [dict(zip(COLUMNS, row, strict=True)) for row in state["rows"]]
        earlier = state.get("evidence", ())  # checkpoints of before have none
        self.evidence = [dict(zip(evidence.COLUMNS, row, strict=True)) for row in earlier]
        if "weights" in state:
            kernels = iter(state["weights"])
            self._weights = [list(itertools.islice(kernels, len(layer))) for layer in self._layer_probe.weights()]
        self._write(self.rows)
        self._write_evidence(self.evidence)

    def _due(self, epoch: int) -> bool:
        passed = epoch - self._began
        return passed == 1 or passed % self._every == 0

    def _record(self, epoch: int, weights: Any) -> None:
        for layer, values in self._layer_probe(weights).items():
            change = values.pop("change")
            ratio = None if change is None else change / self.params["steps"]
            row = {**values, "epoch": epoch, "phase": self._phase, "layer": layer, "update_ratio": ratio}
            self.rows.append({column: row[column] for column in COLUMNS})
        whole = {**self._layer_probe.evidence, "epoch": epoch, "phase": self._phase}
        self.evidence.append({column: whole[column] for column in evidence.COLUMNS})
        self._write(self.rows)
        self._write_evidence(self.evidence)
