import os
from pathlib import Path

import pytest

from keras_suite.data_pipeline.images import file_contents
from keras_suite.data_pipeline.images.file_contents import content_of, readable


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_in_place_of_bytes_stands_why_there_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(b"bytes")
    (tmp_path / "link.png").symlink_to(tmp_path / "gone.png")
    os.mkfifo(tmp_path / "pipe.png")
    assert readable(content_of(tmp_path / "a.png")) == b"bytes"
    assert content_of(tmp_path / "link.png") == "a link that leads nowhere"
    assert content_of(tmp_path / "pipe.png") == "a pipe"
    assert content_of(tmp_path / "gone.png") == "no such file"
    with pytest.raises(ValueError, match="a pipe"):
        readable(content_of(tmp_path / "pipe.png"))
    monkeypatch.setattr(file_contents, "LARGEST_FILE", 4)
    assert isinstance(content_of(tmp_path / "a.png"), str)
