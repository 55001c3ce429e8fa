import keras
import numpy as np
import pytest

from keras_suite.callbacks.probing.probe import ProbeBatch
from keras_suite.callbacks.probing.sharpness import Sharpness, largest_eigenvalue, sharpness
from tests.callbacks.conftest import compiled


def fitted(digits, callback, model=None, **options):
    images, labels = digits[0][:64], digits[1][:64]
    callback.probe = ProbeBatch(images, labels)
    model = model or compiled()
    model.fit(images, labels, batch_size=32, verbose=0, shuffle=False, callbacks=[callback], **options)
    return model


@pytest.mark.parametrize("eigenvalues", [(5.0, 1.0, 0.5), (5.0, -1.0, -4.0), (1.0, -0.5, -6.0), (-1.0, -2.0, -6.0)])
def test_power_iteration_finds_the_largest_eigenvalue_not_the_largest_in_size(eigenvalues):
    turned, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    matrix = turned @ np.diag(eigenvalues) @ turned.T
    assert largest_eigenvalue(lambda v: matrix @ v, 3, 200) == pytest.approx(eigenvalues[0], rel=1e-6)


def test_nothing_curves_where_the_hessian_is_zero():
    assert largest_eigenvalue(np.zeros_like, 4, 10) == 0.0


def test_it_is_the_largest_eigenvalue_of_the_whole_hessian(digits):
    images, labels = digits[0][:40], digits[1][:40]
    model = compiled()
    callback = sharpness(images=40, iterations=300)
    callback.probe = ProbeBatch(images, labels)
    callback.set_model(model)
    callback.on_train_begin()
    callback.on_epoch_begin(0)
    x = np.hstack([images / 255, np.ones((40, 1))])  # of softmax regression: mean of (diag p - p p^T) (x) x x^T
    logits = np.asarray(model(images))
    p = np.exp(logits - logits.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    hessian = sum(np.kron(np.outer(a, a), np.diag(q) - np.outer(q, q)) for a, q in zip(x, p, strict=True)) / 40
    assert callback.rows == [[0, pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-3)]]


def test_it_measures_before_the_first_epoch_every_few_and_after_the_last(digits):
    callback = sharpness(every=3, iterations=3)
    fitted(digits, callback, epochs=7)
    assert [epoch for epoch, _ in callback.found()] == [0, 3, 6, 7]
    assert all(value > 0 for _, value in callback.found())


def test_training_is_the_same_with_it_and_without(digits):
    watched = fitted(digits, sharpness(every=1, iterations=3), epochs=2)
    alone = compiled()
    alone.fit(digits[0][:64], digits[1][:64], batch_size=32, verbose=0, shuffle=False, epochs=2)
    assert all(np.array_equal(a, b) for a, b in zip(watched.get_weights(), alone.get_weights(), strict=True))


def test_a_run_resumed_in_another_process_ends_with_the_same_rows(digits):
    whole = sharpness(every=2, iterations=3)
    fitted(digits, whole, epochs=4)

    class Restored(Sharpness):
        def on_train_begin(self, logs=None):
            super().on_train_begin()
            self.set_state(state)

    first = sharpness(every=2, iterations=3)
    model = fitted(digits, first, epochs=2)
    state = first.get_state()
    second = Restored(2, 500, 3)
    fitted(digits, second, model, initial_epoch=2, epochs=4)
    assert [epoch for epoch, _ in second.rows] == [0, 2, 4]
    assert second.rows == whole.rows


def test_a_diverged_network_has_no_number():
    assert np.isnan(largest_eigenvalue(lambda v: v * np.nan, 3, 5))


def test_it_is_built_with_the_options_given():
    built = sharpness(every=5, images=100, iterations=7)
    assert isinstance(built, keras.callbacks.Callback)
    assert (built.every, built.images, built.iterations) == (5, 100, 7)
