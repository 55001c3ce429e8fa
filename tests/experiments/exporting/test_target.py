"""Where exported files are written, and what is not written over."""

from pathlib import Path

import pytest

from keras_suite.experiments.exporting.target import TARGETS, Target, facts_path


def test_each_target_has_a_file_of_its_own_in_the_run_directory() -> None:
    paths = [Target(to).default_path(Path("seed-1")) for to in TARGETS] + [
        Target("litert", int8=True).default_path(Path("seed-1"))
    ]
    assert [path.name for path in paths] == ["model.tflite", "model.onnx", "saved_model", "model-int8.tflite"]
    assert len({facts_path(path) for path in paths}) == 4 and {path.parent.name for path in paths} == {"export"}


@pytest.mark.parametrize("to", TARGETS)
def test_what_is_there_is_replaced_only_where_the_user_says_so(to: str, tmp_path: Path) -> None:
    target = Target(to)
    path = target.default_path(tmp_path)
    target.check(path, overwrite=False)
    path.parent.mkdir()
    facts_path(path).write_text("{}")
    with pytest.raises(ValueError, match=r"is there already: give another name with --output, or --overwrite"):
        target.check(path, overwrite=False)
    if to == "savedmodel":
        path.mkdir()
        (path / "saved_model.pb").write_bytes(b"")
    else:
        path.write_bytes(b"")
    target.check(path, overwrite=True)


def test_another_folder_or_file_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(ValueError, match="is no SavedModel"):
        Target("savedmodel").check(tmp_path / "photos", overwrite=True)
    (tmp_path / "a.tflite").mkdir()
    with pytest.raises(ValueError, match="is no file"):
        Target("litert").check(tmp_path / "a.tflite", overwrite=True)
    with pytest.raises(ValueError, match=r"give one that ends in \.onnx"):
        Target("onnx").check(tmp_path / "a.tflite", overwrite=False)
