"""Tables as people write them, in situations that were reported: read as meant, or one line with the row."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keras_suite.data_pipeline.datasets.image_table import image_table
from keras_suite.data_pipeline.splits import split

ROWS = [(f"{label}{number:02}", name) for label, name in enumerate(("cat", "dog")) for number in range(12)]
PLAIN = "image,label\n" + "".join(f"{file}.png,{name}\n" for file, name in ROWS)

Table = Callable[[str], Path]


@pytest.fixture
def table(tmp_path: Path, cache: Path) -> Table:
    """Writes a table beside 24 different pictures."""
    for file, _ in ROWS:
        noise = np.random.default_rng(int(file)).integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(noise).save(tmp_path / f"{file}.png")

    def write(text: str) -> Path:
        (tmp_path / "t.csv").write_text(text, encoding="utf-8")
        return tmp_path / "t.csv"

    return write


def labelled(rows: dict[str, str]) -> str:
    """The plain table with other labels for some images."""
    return "image,label\n" + "".join(f"{file}.png,{rows.get(file, name)}\n" for file, name in ROWS)


@pytest.mark.parametrize("other", ["c\u200bat", "cat\u00a0", "\ufeffcat", "c\u00adat"])
def test_labels_that_no_eye_tells_apart_are_one_class(table: Table, other: str) -> None:
    dataset = image_table(None, path=str(table(labelled({"003": other, "004": other}))), label="label")
    assert dataset.class_names == ("cat", "dog") and len(dataset.images) + len(dataset.test_images) == 24
    if other.strip() == other:
        assert "2 labels joined others that no eye tells apart (first: " in dataset.notes[0]


def test_unicode_forms_are_one_class(table: Table) -> None:
    text = labelled({"003": "cafe\u0301", "004": "cafe\u0301"}).replace(",cat", ",caf\u00e9")
    assert image_table(None, path=str(table(text)), label="label").class_names == ("caf\u00e9", "dog")


@pytest.mark.parametrize("word", ["nan", "NaN", "<NA>", "#N/A"])
def test_what_stands_for_nothing_is_refused_with_the_row(table: Table, word: str) -> None:
    with pytest.raises(
        ValueError, match=rf"t\.csv, row 5: '{word}' in column 'label', which programs write .*1 more row"
    ):
        image_table(None, path=str(table(labelled({"003": word, "005": word}))), label="label")


@pytest.mark.parametrize("form", ["{}", "{}.0", "{:03}"])
@pytest.mark.parametrize("first", [0, 9])
def test_numbers_are_names_however_they_are_written(table: Table, form: str, first: int) -> None:
    names = [form.format(first + at // 6) for at in range(24)]  # four classes
    text = "image,label\n" + "".join(f"{file}.png,{name}\n" for (file, _), name in zip(ROWS, names, strict=True))
    whole = image_table(None, path=str(table(text)), label="label")
    assert whole.class_names == tuple(form.format(first + label) for label in range(4))
    some = image_table(None, path=str(table(text)), label="label", classes=(first + 1, first + 3))
    assert some.class_names == (whole.class_names[1], whole.class_names[3])
    with pytest.raises(ValueError, match=f"has no class {first + 4}: choose from"):
        image_table(None, path=str(table(text)), label="label", classes=(first, first + 4))


@pytest.mark.parametrize(
    ("words", "tests"),
    [(("train", "valid"), 6), (("Training", "TEST"), 6), (("train", "val", "test"), 4), (("trn", "holdout"), 6)],
)
def test_parts_go_by_their_customary_words(table: Table, words: tuple[str, ...], tests: int) -> None:
    share = 24 // tests
    parts = [words[-1] if at % share == 0 else words[at % (len(words) - 1)] for at in range(24)]
    text = "image,label,part\n" + "".join(
        f"{file}.png,{name},{part}\n" for (file, name), part in zip(ROWS, parts, strict=True)
    )
    dataset = image_table(None, path=str(table(text)), label="label", part="part")
    assert len(dataset.test_images) == tests and len(dataset.images) == 24 - tests


def test_a_group_is_on_one_side_of_test_and_validation(table: Table) -> None:
    text = "image,label,patient\n" + "".join(f"{file}.png,{name},p{int(file) % 6}\n" for file, name in ROWS)
    dataset = image_table(None, path=str(table(text)), label="label", group="patient")
    patient = {f"{file}.png": int(file) % 6 for file, _ in ROWS}
    tested = {patient[name] for name in dataset.origin.test_names}
    assert tested and dataset.groups is not None
    for seed in range(1, 6):
        chosen = split(dataset, seed)
        train, validation = (
            {patient[dataset.origin.names[row]] for row in part} for part in (chosen.train, chosen.validation)
        )
        assert validation and not train & validation and not (train | validation) & tested
    plain = image_table(None, path=str(table(text)), label="label")
    assert plain.fingerprint != dataset.fingerprint


def test_a_group_in_two_given_parts_is_refused_with_the_row(table: Table) -> None:
    text = "image,label,patient,part\n" + "".join(
        f"{file}.png,{name},p{int(file) % 6},{'test' if at % 4 == 0 else 'train'}\n"
        for at, (file, name) in enumerate(ROWS)
    )
    with pytest.raises(ValueError, match=r"row 2: its group has training images, too \(and 5 more rows\)"):
        image_table(None, path=str(table(text)), label="label", group="patient", part="part")
