"""Values and messages of others, on one line."""

from typing import Any

import pytest

from keras_suite.tasks.wording.shown import message_of, one_line, shown


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError

    __repr__ = __str__


def test_a_long_value_is_cut_off() -> None:
    assert shown("x" * 10**6) == "'" + "x" * 78 + "…"
    assert shown([1, 2]) == "[1, 2]"


def test_what_cannot_be_written_is_named_by_its_type() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert shown(deep) == "a list"
    assert shown(10**5000) == "a int"
    assert shown(Mute()) == "a Mute"


def test_lines_have_no_control_characters() -> None:
    assert one_line("a\n b\t\x1b[31mc\0") == "a b �[31mc�"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "x"), "x: no space left on device"),
        (OSError("odd"), "odd"),
        (ValueError("a\nb"), "a b"),
        (ValueError(), ""),
        (Mute(), "its message cannot be shown"),
    ],
)
def test_an_errors_message_is_one_line(error: BaseException, said: str) -> None:
    assert message_of(error) == said
