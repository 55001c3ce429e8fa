"""The layer table, for models that are more than a chain of the suite's own layers: counted by hand."""

from pathlib import Path

import keras
import pytest
from keras import layers

from keras_suite.experiments.inspecting.layer_table import Row, build, rows, table
from tests.end_to_end.typed import type_here


def chain(shape: tuple[int | None, ...], *stack: keras.Layer) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *stack])


def saved(model: keras.Model, folder: Path) -> str:
    model.save(folder / "model.keras")
    return str(folder / "model.keras")


def fields(model: keras.Model) -> list[tuple[int, ...] | None]:
    return [row.field for row in rows(model)]


def multiply_adds(model: keras.Model) -> list[int | None]:
    return [row.multiply_adds for row in rows(model)]


def test_one_and_three_axes_are_counted_as_two_are() -> None:
    line = chain((16, 3), layers.Conv1D(4, 3, dilation_rate=2, padding="causal"), layers.AveragePooling1D(2))
    assert multiply_adds(line) == [16 * 3 * 3 * 4, 0]
    assert fields(line) == [(5,), (6,)]
    volume = chain(
        (8, 9, 10, 2),
        layers.Conv3D(4, (1, 2, 3), strides=(1, 2, 1)),
        layers.MaxPooling3D((1, 2, 2)),
        layers.Conv3D(6, 2, groups=2),
    )
    assert multiply_adds(volume) == [(8 * 4 * 8) * (1 * 2 * 3 * 2 * 4), 0, (7 * 1 * 3) * (2 * 2 * 2 * 2 * 6)]
    assert fields(volume) == [(1, 2, 3), (1, 4, 4), (2, 8, 6)]


def test_a_depthwise_kernel_multiplies_each_channel_by_its_own_weights() -> None:
    model = chain((16, 16, 4), layers.DepthwiseConv2D(3, strides=2, depth_multiplier=2))
    assert multiply_adds(model) == [7 * 7 * (3 * 3 * 4 * 2)]


def test_channels_first_counts_positions_and_not_channels() -> None:
    model = chain((3, 16, 18), layers.Conv2D(4, 3, data_format="channels_first"))
    assert multiply_adds(model) == [14 * 16 * (3 * 3 * 3 * 4)]


def test_padding_and_cropping_leave_the_field_as_it_is() -> None:
    model = chain((16, 16, 3), layers.ZeroPadding2D(1), layers.Conv2D(4, 3, strides=2), layers.Cropping2D(1),
                  layers.MaxPooling2D(2))  # fmt: skip
    assert fields(model) == [(1, 1), (3, 3), (3, 3), (5, 5)]


def test_where_branches_meet_each_axis_has_the_widest_field() -> None:
    image = keras.Input((16, 16, 3))
    wide, high = (layers.Conv2D(4, size, padding="same")(image) for size in ((1, 7), (3, 1)))
    assert fields(keras.Model(image, layers.Add()([high, wide])))[-1] == (3, 7)


def test_no_field_is_claimed_where_positions_are_mixed() -> None:
    assert fields(chain((8, 8, 3), layers.Permute((2, 1, 3)))) == [None]
    assert fields(chain((8, 8, 3), layers.UpSampling2D(2))) == [None]
    assert fields(chain((8, 3), layers.LSTM(3, return_sequences=True))) == [None]


class Own(keras.Layer):
    """A user's layer that keeps the size of its window as it likes, and no strides."""

    def __init__(self, kernel_size: object) -> None:
        super().__init__()
        self.kernel_size = kernel_size

    def call(self, x: object) -> object:
        return x


@pytest.mark.parametrize(
    ("kernel_size", "field", "said"),
    [(3, (3, 3), "3x3"), ([2, 5], (2, 5), "2x5"), (None, (1, 1), ""), ("large", (1, 1), ""), ((), (1, 1), "")],
)
def test_a_layer_of_ones_own_may_keep_its_window_as_it_likes(
    kernel_size: object, field: tuple[int, int], said: str
) -> None:
    [row] = rows(chain((16, 16, 3), Own(kernel_size)))
    assert row.field == field and row.window == said


def test_a_layer_called_twice_works_twice_with_the_same_parameters() -> None:
    image = keras.Input((16, 16, 3))
    shared = layers.Conv2D(3, 3, padding="same")
    model = keras.Model(image, shared(shared(image)))
    calls = rows(model)
    assert [row.multiply_adds for row in calls] == [16 * 16 * 81] * 2
    assert [row.parameters for row in calls] == [84, 0]
    assert [row.field for row in calls] == [(3, 3), (5, 5)]


@pytest.mark.parametrize("functional", [False, True])
def test_a_model_inside_a_model_is_opened(functional: bool) -> None:
    inner = chain((16, 16, 3), layers.Conv2D(4, 3, name="first"))
    if functional:
        inner = keras.Model(inner.inputs[0], inner.outputs[0])
    image = keras.Input((16, 16, 3))
    model = keras.Model(image, layers.Conv2D(2, 3, name="last")(inner(image)))
    found = rows(model)
    assert [row.name for row in found] == [f"{inner.name}/first", "last"]
    assert [row.multiply_adds for row in found] == [14 * 14 * 108, 12 * 12 * 72]
    assert [row.field for row in found] == [(3, 3), (5, 5)]
    assert sum(row.parameters for row in found) == model.count_params()


def test_what_cannot_be_counted_is_said_to_be_missing_from_the_total() -> None:
    model = chain((8, 5), layers.LSTM(3), layers.Dense(2))
    assert multiply_adds(model) == [None, 3 * 2]
    shown = table(rows(model))
    assert list(shown.columns[-2].cells) == ["?", "6", "6 + ?"]
    assert list(shown.columns[-1].cells) == ["12 B", "8 B", "20 B"]
    assert str(shown.caption).startswith("?: not counted")
    assert table([Row("a", "Dense", "", (2,), 8, None, 6)]).caption is None


def test_images_of_an_open_size_get_the_one_that_is_given(tmp_path: Path) -> None:
    path = saved(chain((None, None, 3), layers.Conv2D(4, 3), layers.GlobalAveragePooling2D()), tmp_path)
    assert multiply_adds(build(path, None, None, {})) == [None, 0]
    assert multiply_adds(build(path, (8, 9, 3), None, {})) == [6 * 7 * 108, 0]
    with pytest.raises(ValueError, match=r"--input 8x9x1 does not fit .*, which takes \?x\?x3"):
        build(path, (8, 9, 1), None, {})


def test_a_files_own_size_and_options_cannot_be_changed(tmp_path: Path) -> None:
    path = saved(chain((16, 16, 3), layers.Conv2D(4, 3)), tmp_path)
    assert multiply_adds(build(path, (16, 16, 3), None, {})) == [14 * 14 * 108]
    with pytest.raises(ValueError, match=r"--input 28x28x1 does not fit .*, which takes 16x16x3: leave it out"):
        build(path, (28, 28, 1), None, {})
    with pytest.raises(ValueError, match="--classes is not possible"):
        build(path, None, 3, {})
    with pytest.raises(ValueError, match="--set is not possible"):
        build(path, None, None, {"dropout": 0})


def test_a_file_of_layers_that_never_saw_an_input_is_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="not yet been built"):
        path = saved(keras.Sequential([layers.Dense(3)]), tmp_path)
    done = type_here("shapes", path, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "has no graph of layers: save a functional model" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ("²x3x1", "--input '²x3x1' is not possible: expected HEIGHTxWIDTHxCHANNELS"),
        ("999999x999999x999", "mlp for --input 999999x999999x999 does not fit into memory: give smaller images"),
    ],
)
def test_a_size_that_cannot_be_is_answered_in_one_line(size: str, said: str, tmp_path: Path) -> None:
    done = type_here("shapes", "mlp", "--input", size, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
