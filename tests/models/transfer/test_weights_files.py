"""Files of weights in each of Keras's layouts read alike, and what is none is named."""

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from keras_suite.models.transfer.weights_files import opened


@pytest.fixture
def model() -> keras.Model:
    return keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2, name="first"), keras.layers.Dense(1, name="last")]
    )


def write_older_layout(model: keras.Model, path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            group.attrs["weight_names"] = ["kernel", "bias"]
            group["kernel"], group["bias"] = layer.get_weights()


@pytest.mark.parametrize("name", ["older.h5", "keras.weights.h5", "whole.keras"])
def test_every_layout_gives_the_arrays_of_each_layer_by_its_name(name: str, model: keras.Model, tmp_path: Path) -> None:
    path = tmp_path / name
    write = {
        "older.h5": write_older_layout,
        "keras.weights.h5": keras.Model.save_weights,
        "whole.keras": keras.Model.save,
    }
    write[name](model, path)
    with opened(path) as file:
        assert set(file.layers) == {"first", "last"}
        for layer in model.layers:
            for stored, own in zip(file.layers[layer.name], layer.get_weights(), strict=True):
                assert np.array_equal(stored, own)
        assert file.ordered == (name == "older.h5")
        assert (file.layer_configs is not None) == (name == "whole.keras")


def test_what_is_no_weights_file_is_named_in_one_line_and_left(model: keras.Model, tmp_path: Path) -> None:
    text, layout, cut = tmp_path / "text.h5", tmp_path / "layout.h5", tmp_path / "cut.keras"
    text.write_text("no weights")
    with h5py.File(layout, "w") as file:
        file["some/array"] = np.zeros(3)
    model.save(cut)
    cut.write_bytes(cut.read_bytes()[:-500])
    said = {
        text: "file signature not found.*copy it anew",
        layout: "of another layout",
        cut: r"BadZipFile.*copy it anew",
    }
    for path, words in said.items():
        before = path.read_bytes()
        with pytest.raises(ValueError, match=words) as caught, opened(path):
            pass
        assert "\n" not in str(caught.value)
        assert path.read_bytes() == before
    missing = pytest.raises(FileNotFoundError, match=r"no weights file nowhere\.h5: expected model\.weights=random")
    with missing, opened(Path("nowhere.h5")):
        pass
