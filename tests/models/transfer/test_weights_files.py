"""Files of weights in each of Keras's layouts read alike, and what is none is named."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from keras_suite.models.transfer import weights_files
from keras_suite.models.transfer.weights_files import opened, values
from tests.tasks.reading.mutations import QUICK_SEED, fresh_seed


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
            for stored, own in zip(values(file, file.layers[layer.name]), layer.get_weights(), strict=True):
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


def write(name: str, model: keras.Model, path: Path) -> bytes:
    """The model's weights in the layout that the name's ending says, as bytes."""
    if name.endswith(".keras"):
        model.save(path)
    elif name.endswith(".weights.h5"):
        model.save_weights(path)
    else:
        write_older_layout(model, path)
    return path.read_bytes()


def link_out(file: h5py.File) -> None:
    del file["first/kernel"]
    file["first/kernel"] = h5py.ExternalLink("/dev/zero", "kernel")


def lie_outside(file: h5py.File) -> None:
    del file["first/kernel"]
    file["first"].create_dataset("kernel", (3, 2), "f4", external=[("/dev/zero", 0, 24)])


def be_huge(file: h5py.File) -> None:
    del file["first/kernel"]
    file["first"].create_dataset("kernel", (10**6, 10**6), "f4", chunks=(1000, 1000))


def be_text(file: h5py.File) -> None:
    del file["first/kernel"]
    file["first/kernel"] = "not a number"


def be_no_number(file: h5py.File) -> None:
    file["first/kernel"][0, 0] = np.nan


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (link_out, "'kernel' in it is missing, or a link"),
        (lie_outside, "the numbers of /first/kernel lie in another file"),
        (be_huge, r"/first/kernel says that it has 3,725\.3 GiB, far more than the file"),
        (be_text, "one of its weights is no array of numbers"),
        (be_no_number, "holds values in /first/kernel that are no finite numbers"),
    ],
)
def test_weights_that_lead_elsewhere_or_nowhere_are_named(
    model: keras.Model, tmp_path: Path, change: Callable[[h5py.File], None], said: str
) -> None:
    write("a.h5", model, tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        change(file)
    with pytest.raises(ValueError, match=said) as caught, opened(tmp_path / "a.h5") as opened_file:
        values(opened_file, opened_file.layers["first"])
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    "config", ["[]", "null", '{"config": {"layers": [5]}}', '{"config": {"layers": 5}}', "[" * 10**5]
)
def test_a_config_that_describes_no_layers_is_named(model: keras.Model, tmp_path: Path, config: str) -> None:
    model.save(tmp_path / "a.keras")
    with zipfile.ZipFile(tmp_path / "a.keras") as archive:
        weights = archive.read("model.weights.h5")
    with zipfile.ZipFile(tmp_path / "a.keras", "w") as archive:
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", weights)
    said = pytest.raises(ValueError, match=r"a\.keras cannot be read as a file of Keras's weights")
    with said as caught, opened(tmp_path / "a.keras"):
        pass
    assert len(str(caught.value).splitlines()) == 1


def test_weights_that_unpack_to_gigabytes_are_refused(tmp_path: Path) -> None:
    archive = zipfile.ZipFile(tmp_path / "a.keras", "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive:
        archive.writestr("config.json", json.dumps({"config": {}}))
        with archive.open("model.weights.h5", "w", force_zip64=True) as member:
            for _ in range(80):
                member.write(bytes(2**20))
    said = pytest.raises(ValueError, match=r"'model\.weights\.h5' in it unpacks to 80 MiB, more than the 6")
    with said, opened(tmp_path / "a.keras"):
        pass


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.h5")
    with (
        pytest.raises(ValueError, match=r"a\.h5 is a pipe: expected a file of Keras's weights"),
        opened(tmp_path / "a.h5"),
    ):
        pass


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for Python")
@pytest.mark.parametrize(
    ("does", "said"), [("kill -SEGV $$", "HDF5's library crashes on it"), ("exec sleep 60", "does not come to an end")]
)
def test_a_file_that_ends_the_process_that_reads_it_is_named(
    model: keras.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, said: str
) -> None:
    """Which damage crashes HDF5's library depends on its version: a stand-in for the other process does so here."""
    model.save_weights(tmp_path / "a.weights.h5")
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{does}\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(weights_files, "_SECONDS", 1)
    with pytest.raises(ValueError, match=said), opened(tmp_path / "a.weights.h5"):
        pass


# Reads damaged copies each in a process of its own, forked from one without TensorFlow, and prints what came of them.
READ_DAMAGED = """
import os, signal, sys
from collections import Counter
from pathlib import Path
from keras_suite.models.transfer.weights_files import _opened, values
from tests.tasks.reading.mutations import mutations

path, seed, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for number, damaged in enumerate(mutations(path.read_bytes(), seed, count)):
    copy = path.with_name("copy" + path.name)
    copy.write_bytes(damaged)
    child = os.fork()
    if not child:
        signal.alarm(20)
        code = 3
        try:
            with _opened(copy) as file:
                for arrays in file.layers.values():
                    values(file, arrays)
            code = 0
        except ValueError as error:
            code = 1 if str(copy) in str(error) and len(str(error).splitlines()) == 1 else 2
        finally:
            os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(number, status)
"""


def outcomes(path: Path, seed: int, count: int) -> dict[int, int]:
    """What came of each damaged copy: 0 read, 1 named, 2 or 3 another error, negative: the signal that ended it."""
    done = subprocess.run(
        [sys.executable, "-c", READ_DAMAGED, str(path), str(seed), str(count)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return {int(number): int(status) for number, status in (line.split() for line in done.stdout.splitlines())}


def check_damaged(model: keras.Model, path: Path, seed: int, count: int) -> None:
    write(path.name, model, path)
    found = outcomes(path, seed, count)
    assert len(found) == count
    wrong = {number: status for number, status in found.items() if status not in (0, 1, -11, -6, -14)}
    assert not wrong, f"of seed {seed}"
    ended = [number for number, status in found.items() if status < 0]
    assert len(ended) <= count / 50, f"of seed {seed}"
    if path.suffix == ".keras":  # its checksums are compared before HDF5's library sees it
        assert not ended, f"of seed {seed}"


@pytest.mark.parametrize("name", ["a.h5", "a.weights.h5", "a.keras"])
def test_damage_is_named(model: keras.Model, tmp_path: Path, name: str) -> None:
    check_damaged(model, tmp_path / name, QUICK_SEED, 40)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", ["a.h5", "a.weights.h5", "a.keras"])
def test_much_damage_is_named(model: keras.Model, tmp_path: Path, name: str) -> None:
    check_damaged(model, tmp_path / name, fresh_seed(), 1_500)
