"""PyTorch's files of weights are read as they are, or refused; nothing that they name is run."""

import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from keras_suite.models.transfer.imagenet_weights import imagenet_weights
from keras_suite.models.transfer.torch_weights import layers_in_file, tensors

NUMBERS = np.arange(24, dtype=np.float32)


def write(path: Path, entries: bytes, numbers: bytes = struct.pack("<q", 24) + NUMBERS.tobytes()) -> Path:
    """Write a file in PyTorch's older format around a pickled dictionary."""
    head = b"".join(pickle.dumps(each, 2) for each in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))
    path.write_bytes(head + entries + pickle.dumps(["s"], 2) + numbers)
    return path


def tensor(size: tuple[int, ...], stride: tuple[int, ...], offset: int = 0, kind: str = "FloatStorage") -> bytes:
    """Return the pickled operations that build a tensor."""

    def numbers(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(b"J" + struct.pack("<i", value) for value in values) + b"t"

    storage = (
        b"(X\x07\x00\x00\x00storage" + f"ctorch\n{kind}\n".encode() + b"X\x01\x00\x00\x00sX\x03\x00\x00\x00cpuK\x18Nt"
    )
    made = storage + b"Q" + b"J" + struct.pack("<i", offset) + numbers(size) + numbers(stride) + b"\x89N"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + made + b"tR"


def entries(**named: bytes) -> bytes:
    """Return a pickled OrderedDict of pickled values by name."""
    inside = b"".join(b"X" + struct.pack("<I", len(name)) + name.encode() + value for name, value in named.items())
    return b"\x80\x02ccollections\nOrderedDict\n)R(" + inside + b"u."


def test_tensors_are_read_with_their_strides(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.pth",
        entries(plain=tensor((4, 6), (6, 1)), turned=tensor((6, 4), (1, 6)), part=tensor((2,), (3,), 5)),
    )
    found = tensors(path)
    grid = NUMBERS.reshape(4, 6)
    assert list(found) == ["plain", "turned", "part"]
    assert np.array_equal(found["plain"], grid) and np.array_equal(found["turned"], grid.T)
    assert found["part"].tolist() == [5, 8]


def test_kernels_have_keras_layout(tmp_path: Path) -> None:
    values = {
        "conv.weight": tensor((2, 3, 2, 2), (12, 4, 2, 1)),
        "depth.weight": tensor((6, 1, 2, 2), (4, 4, 2, 1)),
        "fc.weight": tensor((4, 6), (6, 1)),
        "fc.bias": tensor((4,), (1,)),
        "bn.num_batches_tracked": tensor((), ()),
    }
    layers = layers_in_file(write(tmp_path / "a.pth", entries(**values)))
    assert {name: [each.shape for each in arrays] for name, arrays in layers.items()} == {
        "conv": [(2, 2, 3, 2)],
        "depth": [(2, 2, 6, 1)],
        "fc": [(6, 4), (4,)],
    }
    assert np.array_equal(np.asarray(layers["conv"][0])[1, 0, 2, 1], NUMBERS.reshape(2, 3, 2, 2)[1, 2, 1, 0])


BAD = {
    "a function": (b"\x80\x02cos\nsystem\n(X\x0a\x00\x00\x00touch owned" + b"tR.", "names os.system"),
    "a method of Python's": (b"\x80\x02cbuiltins\neval\n(X\x03\x00\x00\x001+1tR.", "names builtins.eval"),
    "a dotted name": (b"\x80\x02ctorch\nFloatStorage.newbyteorder\n.", "names torch.FloatStorage.newbyteorder"),
    "no tensors": (entries(a=b"K\x01"), "something else than tensors"),
    "a storage without a tensor": (b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(K\x01K\x02))tR.", "without a storage"),
    "beyond its storage": (entries(a=tensor((25,), (1,))), "larger than its storage"),
    "a stride beyond it": (entries(a=tensor((2, 2), (23, 3))), "larger than its storage"),
    "before its storage": (entries(a=tensor((2,), (1,), -4)), "no shape"),
    "a negative stride": (entries(a=tensor((2,), (-1,), 3)), "no shape"),
    "sides without strides": (entries(a=tensor((2, 2), (1,))), "no shape"),
    "an empty tensor": (entries(a=tensor((0,), (1,))), "larger than its storage"),
    "half precision": (entries(a=tensor((2,), (1,), kind="HalfStorage")), "names torch.HalfStorage"),
}


@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_a_hostile_or_damaged_file_is_refused_and_nothing_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = []
    monkeypatch.setattr(os, "system", ran.append)
    with pytest.raises(ValueError, match=said) as refused:
        tensors(write(tmp_path / "a.pth", content))
    assert not ran and "a.pth" in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (b"", "a storage|tensor|end"),
        (struct.pack("<q", 24) + NUMBERS.tobytes()[:-1], "its end is missing"),
        (struct.pack("<q", 2**40), "longer than the file"),
    ],
)
def test_missing_numbers_are_missed(tmp_path: Path, numbers: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tensors(write(tmp_path / "a.pth", entries(a=tensor((24,), (1,))), numbers))


def test_other_files_are_none(tmp_path: Path) -> None:
    for content in (b"", b"PK\x03\x04 a newer file of PyTorch's", pickle.dumps({"a": 1}), b"\x80\x02" * 1000):
        (tmp_path / "a.pth").write_bytes(content)
        with pytest.raises(ValueError, match="cannot be read as a file of PyTorch's weights"):
            tensors(tmp_path / "a.pth")


def test_changed_bytes_are_named_or_change_numbers_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pth", entries(a=tensor((4, 6), (6, 1)), b=tensor((6,), (2,), 1)))
    whole, random = path.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(400):
        content = bytearray(whole)
        for place in random.integers(0, len(content), random.integers(1, 4)):
            content[place] = random.integers(0, 256)
        path.write_bytes(content)
        try:
            found = tensors(path)
        except ValueError:
            refused += 1
        else:
            assert all(isinstance(each, np.ndarray) for each in found.values())
    assert refused > 100


def test_the_installed_weights_are_those_of_the_network_and_named_by_layer() -> None:
    layers = layers_in_file(imagenet_weights("efficientnet_lite0"))
    assert sum(np.asarray(each).size for name, arrays in layers.items() for each in arrays[:2]) == 4_652_008
    assert list(layers)[:2] == ["_conv_stem", "_bn0"] and list(layers)[-1] == "_fc"
