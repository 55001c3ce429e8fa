"""Ways in which disks, editors, programs and people damage files, drawn by a seed."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

ODD = ("x", -3, 0.5, [], {}, None, True, 10**30)


def _place(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(max(len(content), 1))
    return start, min(len(content), start + chance.choice((1, 4, 64, 4096)))


def flip_a_bit(content: bytes, chance: random.Random) -> bytes:
    """A bit that fell over."""
    if not content:
        return b"\x01"
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ (1 << chance.randrange(8))]) + content[place + 1 :]


def cut(content: bytes, chance: random.Random) -> bytes:
    """What a full disk or a power cut leaves of a file that was written in place."""
    return content[: chance.randrange(max(len(content), 1))]


def zero_a_block(content: bytes, chance: random.Random) -> bytes:
    """A block that was never written."""
    start, end = _place(content, chance)
    return content[:start] + bytes(end - start) + content[end:]


def drop_a_block(content: bytes, chance: random.Random) -> bytes:
    """A hole."""
    start, end = _place(content, chance)
    return content[:start] + content[end:]


def double_a_block(content: bytes, chance: random.Random) -> bytes:
    """A block that was written twice."""
    start, end = _place(content, chance)
    return content[:end] + content[start:end] + content[end:]


def change_a_digit(content: bytes, chance: random.Random) -> bytes:
    """What a person edits: another number of the same length."""
    digits = [place for place, byte in enumerate(content) if byte in b"0123456789"]
    if not digits:
        return flip_a_bit(content, chance)
    place = chance.choice(digits)
    return content[:place] + str((content[place] - 48 + chance.randint(1, 9)) % 10).encode() + content[place + 1 :]


def drop_or_move_a_line(content: bytes, chance: random.Random) -> bytes:
    """What a merge of two copies does."""
    lines = content.splitlines(keepends=True)
    line = lines.pop(chance.randrange(len(lines))) if lines else b""
    if chance.random() < 0.5:
        lines.insert(chance.randrange(len(lines) + 1), line)
    return b"".join(lines)


def change_a_value(content: bytes, chance: random.Random) -> bytes:
    """JSON with something odd in it, or something left out; of other files a flipped bit."""
    try:
        value = json.loads(content)
    except ValueError:
        return flip_a_bit(content, chance)
    return json.dumps(_changed(value, chance), indent=2).encode()


def _changed(value: Any, chance: random.Random) -> Any:
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not keys or chance.random() < 0.2:
        return chance.choice(ODD)
    key = chance.choice(keys)
    if chance.random() < 0.3:
        del value[key]
    else:
        value[key] = _changed(value[key], chance)
    return value


def convert_line_ends(content: bytes, chance: random.Random) -> bytes:
    """As git and mail programs do."""
    return content.replace(b"\n", b"\r\n")


def empty(content: bytes, chance: random.Random) -> bytes:
    """A file whose content never reached the disk."""
    return b""


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flip_a_bit,
    cut,
    zero_a_block,
    drop_a_block,
    double_a_block,
    change_a_digit,
    drop_or_move_a_line,
    change_a_value,
    convert_line_ends,
    empty,
)


def mutate(path: Path, others: list[Path], chance: random.Random) -> str:
    """Damage a file in one of these ways, or put one of the `others` of its name in its place; return which way."""
    choice = chance.randrange(len(MUTATIONS) + bool(others))
    if choice == len(MUTATIONS):
        path.write_bytes(chance.choice(others).read_bytes())
        return "another one's"
    mutation = MUTATIONS[choice]
    path.write_bytes(mutation(path.read_bytes(), chance))
    return mutation.__name__
