"""A checkpoint comes back as it was, or says that it cannot."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.reports import run_directory


def test_a_checkpoint_comes_back_bit_for_bit(tmp_path: Path) -> None:
    arrays = {
        "model/0": np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32),
        "seed": np.array([1], "uint32"),
    }
    assert run_directory.read_checkpoint(tmp_path) is None
    run_directory.write_checkpoint(tmp_path, {"best": 0.1 + 0.2, "wait": None}, arrays)
    found = run_directory.read_checkpoint(tmp_path)
    assert found is not None
    assert found[0] == {"best": 0.1 + 0.2, "wait": None}
    assert {name: (a.dtype, a.tobytes()) for name, a in found[1].items()} == {
        name: (a.dtype, a.tobytes()) for name, a in arrays.items()
    }


def test_a_damaged_checkpoint_is_named_and_can_be_done_without(tmp_path: Path) -> None:
    run_directory.write_checkpoint(tmp_path, {"best": 0.5}, {"model/0": np.arange(9.0)})
    path = tmp_path / "checkpoint" / "state.npz"
    whole = path.read_bytes()
    for damaged in (whole[:-40], whole.replace(b"best", b"beat"), whole.replace(b"state.npy", b"stale.npy"), b""):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"state\.npz is damaged: .*; restore it, or remove it to train this run"):
            run_directory.read_checkpoint(tmp_path)
    run_directory.remove_checkpoint(tmp_path)
    assert run_directory.read_checkpoint(tmp_path) is None
