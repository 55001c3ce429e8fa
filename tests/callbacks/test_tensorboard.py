import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

from keras_suite.callbacks.tensorboard import tensorboard
from tests.callbacks.conftest import compiled


def scalar(folder, name):
    events = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    events.Reload()
    return {event.step: float(tensor_util.make_ndarray(event.tensor_proto)) for event in events.Tensors(name)}


def test_every_epoch_is_written_for_training_and_validation(digits, tmp_path):
    images, labels = digits
    fit = compiled().fit(
        images[:300],
        labels[:300],
        validation_data=(images[300:400], labels[300:400]),
        epochs=3,
        verbose=0,
        callbacks=[tensorboard(tmp_path)],
    )
    assert list(scalar(tmp_path / "train", "epoch_loss").values()) == pytest.approx(fit.history["loss"])
    validation = scalar(tmp_path / "validation", "epoch_unpenalised_loss")
    assert validation == pytest.approx(dict(enumerate(fit.history["val_unpenalised_loss"])))
    assert set(scalar(tmp_path / "train", "epoch_learning_rate")) == {0, 1, 2}


def test_a_continued_run_writes_its_epochs_beside_the_earlier_ones(digits, tmp_path):
    images, labels = digits[0][:100], digits[1][:100]
    for begin, end in ((0, 2), (2, 3)):
        compiled().fit(images, labels, initial_epoch=begin, epochs=end, verbose=0, callbacks=[tensorboard(tmp_path)])
    assert set(scalar(tmp_path / "train", "epoch_loss")) == {0, 1, 2}
