"""`parts` lists all that a Config can name, with the options that are really checked."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic
import pytest

from keras_suite.experiments.commands.parts import type_in_words
from keras_suite.experiments.registry import TABLES, option_fields
from tests.end_to_end.typed import refused, type_here


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        (int, "int"),
        (bool | None, "bool or None"),
        (Literal["a", "b"], "'a' or 'b'"),
        (tuple[int, ...], "list of int"),
        (tuple[int, float], "[int, float]"),
        (Annotated[float, pydantic.Field(gt=0, le=1)], "float > 0 ≤ 1"),
        (Annotated[int, pydantic.Field(ge=2)] | None, "int ≥ 2 or None"),
        (Any, "any"),
    ],
)
def test_types_are_written_in_words(annotation: Any, said: str) -> None:
    model = pydantic.create_model("options", option=(annotation, ...))
    assert type_in_words(model.model_fields["option"]) == said


def test_all_parts_and_their_options_are_listed(tmp_path: Path) -> None:
    done = type_here("parts", cwd=tmp_path)
    assert done.returncode == 0
    for kind, table in TABLES.items():
        assert (f"\n{kind}\n" in f"\n{done.stdout}") == bool(table)
        for name in table:
            assert f"\n  {name}  " in done.stdout
            for option in option_fields(kind, name)[1]:
                assert f"\n      {option}: " in done.stdout
    assert "      path: str = " in done.stdout


def test_one_kind_is_listed_alone(tmp_path: Path) -> None:
    done = type_here("parts", "loss", cwd=tmp_path)
    assert "  huber  Create Huber's loss" in done.stdout
    assert "early_stopping" not in done.stdout
    assert "unknown kind of part 'losses'; did you mean 'loss'?" in refused("parts", "losses", cwd=tmp_path)
