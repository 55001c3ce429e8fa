"""A run's images are loaded anew: of the part that trained it, or of the other, the same for its seed."""

from pathlib import Path

import numpy as np
import pytest

from keras_suite.experiments.inspecting.run_images import images_of
from keras_suite.reports import run_directory
from tests.end_to_end.typed import TINY, type_here


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("units")
    text = TINY.replace("seeds=2", "seeds=1").replace("epochs=2", "epochs=1")
    (folder / "tiny.py").write_text(text.replace('"mlp", units=[16]', '"mnist_demo_net"'), encoding="utf-8")
    (folder / "tiny.py").write_text(
        (folder / "tiny.py")
        .read_text(encoding="utf-8")
        .replace('variants={"narrow": {}, "wide": {"model.units": [64]}}', 'variants={"narrow": {}}'),
        encoding="utf-8",
    )
    assert type_here("run", "tiny.py", cwd=folder).returncode == 0
    [found] = (folder / "runs" / "tiny").glob("narrow-*/seed-1")
    return found


@pytest.mark.slow
def test_the_two_parts_share_no_image(run: Path) -> None:
    read = run_directory.read_run(run, needs=())
    training, validation = (images_of(read, None, part, 10_000) for part in ("training", "validation"))
    rows = [{image.tobytes() for image in part.images} for part in (training, validation)]
    assert not rows[0] & rows[1]
    assert len(training.images) + len(validation.images) == 300
    some = images_of(read, None, "training", 20)
    assert len(some.images) == 20
    np.testing.assert_array_equal(some.images, images_of(read, None, "training", 20).images)


@pytest.mark.slow
def test_the_command_draws_a_figure_for_each_layer(run: Path, tmp_path: Path) -> None:
    done = type_here(
        "inspect", "units", run, "--channels", "2", "--output", tmp_path, "--layer", "conv_2", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"units-conv_2.png", "units-conv_2.svg"}
    done = type_here("inspect", "units", run / "model.keras", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "names no data" in done.stderr
