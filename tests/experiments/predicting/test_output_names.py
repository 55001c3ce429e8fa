"""Predicted pictures never share a name, and never replace another file."""

from pathlib import Path

from keras_suite.experiments.predicting.output_names import free_path, output_names


def test_a_picture_is_called_as_its_image_unless_two_would_share_a_name() -> None:
    paths = [Path("one.png"), Path("cat/000.png"), Path("dog/000.png"), Path("dog/000.jpg"), Path("dog/000.JPG")]
    names = output_names([*paths, paths[0]])
    assert list(names.values()) == [
        "one-predicted.png",
        "cat/000-predicted.png",
        "dog/000-predicted.png",
        "dog/000.jpg-predicted.png",
        "dog/000.JPG-predicted-2.png",
    ]
    assert len({name.casefold() for name in names.values()}) == len(paths)


def test_an_image_called_as_anothers_picture_gets_another_name() -> None:
    names = output_names([Path("a/x.png"), Path("b/x.png"), Path("a/x-predicted.png")])
    assert len(set(names.values())) == 3


def test_nothing_is_overwritten_and_the_same_picture_is_not_written_twice(tmp_path: Path) -> None:
    path = tmp_path / "a-predicted.png"
    assert free_path(path, b"new") == path
    path.write_bytes(b"other")
    assert free_path(path, b"new") == tmp_path / "a-predicted-2.png"
    assert free_path(path, b"other") == path
