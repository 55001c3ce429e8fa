"""Damage for files: bits flipped, bytes replaced, ends cut, parts doubled or left out, by a seed that failures name."""

import os
import random
import secrets
from collections.abc import Iterator

QUICK_SEED = 0


def fresh_seed() -> int:
    """FUZZ_SEED, to see a failure again; else another seed each time."""
    return int(os.environ.get("FUZZ_SEED") or secrets.randbits(32))


def mutations(content: bytes, seed: int, count: int) -> Iterator[bytes]:
    """So many damaged copies of the content, none equal to it."""
    random_number = random.Random(seed)
    made = 0
    while made < count:
        damaged = damage(bytearray(content), random_number)
        if damaged != content:
            made += 1
            yield bytes(damaged)


def damage(content: bytearray, random_number: random.Random) -> bytearray:
    at = random_number.randrange(len(content))
    kind = random_number.randrange(6)
    if kind == 0:
        content[at] ^= 1 << random_number.randrange(8)
    elif kind == 1:
        content[at] = random_number.choice((0, 1, 0x7F, 0x80, 0xFF))
    elif kind == 2:
        del content[at:]
    elif kind == 3:
        del content[at : at + random_number.randrange(1, 40)]
    elif kind == 4:
        content[at:at] = content[at : at + random_number.randrange(1, 40)]
    else:
        for _ in range(random_number.randrange(2, 9)):
            content[random_number.randrange(len(content))] = random_number.randrange(256)
    return content
