"""Members of archives are no larger than their reader expects, whatever the archive says of itself."""

import gzip
import io
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from keras_suite.tasks.reading import archives
from keras_suite.tasks.reading.archives import most_weights, opened_gzip, tar_members, zip_member
from keras_suite.tasks.reading.files import read_at_most
from tests.tasks.reading.mutations import QUICK_SEED, fresh_seed, mutations

MIB = 2**20
ZEROS = bytes(MIB)


@pytest.fixture
def little_memory() -> Iterator[None]:
    """Fails if more than 24 MiB are taken at once."""
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 24 * MIB


# -- .zip --------------------------------------------------------------------------------------------------------------


def zipped(path: Path, members: dict[str, bytes], kind: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipFile:
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return zipfile.ZipFile(path)


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_member_comes_back(tmp_path: Path, kind: int) -> None:
    with zipped(tmp_path / "a.zip", {"a": b"abc"}, kind) as archive, zip_member(archive, "a", at_most=3) as member:
        assert member.read() == b"abc"


@pytest.mark.usefixtures("little_memory")
def test_gigabytes_of_zeros_are_refused_by_what_they_unpack_to(tmp_path: Path) -> None:
    archive = zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("a", "w", force_zip64=True) as member:
        for _ in range(200):
            member.write(ZEROS)
    assert (tmp_path / "a.zip").stat().st_size < MIB
    said = pytest.raises(ValueError, match="'a' in it unpacks to 200 MiB, more than the 100 MiB it may have")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive, said:
        zip_member(archive, "a", at_most=100 * MIB)


@pytest.mark.usefixtures("little_memory")
def test_more_than_was_declared_does_not_come_out(tmp_path: Path) -> None:
    """The archive says 1 KiB where 100 MiB of zeros are packed."""
    zipped(tmp_path / "a.zip", {"a": bytes(1024)}).close()
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(ZEROS) for _ in range(100)) + packer.flush()
    honest = (tmp_path / "a.zip").read_bytes()
    directory = honest.index(b"PK\x01\x02")
    lying = bytearray(honest[:31] + packed + honest[directory:])
    struct.pack_into("<I", lying, 18, len(packed))
    struct.pack_into("<I", lying, 31 + len(packed) + 20, len(packed))
    struct.pack_into("<I", lying, len(lying) - 6, 31 + len(packed))
    (tmp_path / "a.zip").write_bytes(lying)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive, zip_member(archive, "a", at_most=MIB) as member:
        assert len(read_at_most(member, MIB)) == 1024


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_that_no_honest_writer_makes_are_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("a", b"one")
        archive.writestr("a", b"two")
    with zipfile.ZipFile(tmp_path / "twice.zip") as archive, pytest.raises(ValueError, match="it holds 'a' twice"):
        zip_member(archive, "a", at_most=3)
    with zipped(tmp_path / "bzip.zip", {"a": b"abc"}, zipfile.ZIP_BZIP2) as archive:
        with pytest.raises(ValueError, match="'a' in it is neither stored nor deflated"):
            zip_member(archive, "a", at_most=3)
        with pytest.raises(ValueError, match="it holds no 'b'"):
            zip_member(archive, "b", at_most=3)
    with zipped(tmp_path / "secret.zip", {"a": b"abc"}) as archive:
        archive.infolist()[0].flag_bits |= 1
        with pytest.raises(ValueError, match="'a' in it is encrypted"):
            zip_member(archive, "a", at_most=3)


def test_weights_may_unpack_to_a_few_times_their_file() -> None:
    assert most_weights(14 * MIB) < 300 * MIB and most_weights(0) == 64 * MIB


# -- .gz and .tar ------------------------------------------------------------------------------------------------------


def test_a_gzip_is_read_piece_by_piece(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"abcdef"))
    with opened_gzip(tmp_path / "a.gz", at_most=100, expected="a .gz") as content:
        assert content.read(4) == b"abcd" and read_at_most(content, 2) == b"ef"


def packed(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for member, content in members:
            archive.addfile(member, io.BytesIO(content))
    return path


def file(name: str, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    return member, content


def folder(name: str) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type = tarfile.DIRTYPE
    return member, b""


SIZES = (0, 1, 511, 512, 513, 8192, 8193, 300_000)  # around tar's blocks and Python's buffers
LONG = "a/" * 120 + "long name é.png"


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
def test_members_come_in_order_with_their_content(tmp_path: Path, name: str) -> None:
    contents = {f"{size}.png": bytes([size % 251]) * size for size in SIZES} | {LONG: b"x"}
    path = packed(tmp_path / name, folder("photos"), *(file(*each) for each in contents.items()))
    found = [(member.name, content) for member, content in tar_members(path, at_most=MIB)]
    assert found == [("photos", None), *contents.items()]
    wanted = tar_members(path, at_most=MIB, is_wanted=lambda member: member.name == "513.png")
    assert [content for _, content in wanted] == [contents["513.png"]]


def read_all(path: Path, at_most: int = 10 * MIB) -> list[tuple[str, bytes | None]]:
    return [(member.name, content) for member, content in tar_members(path, at_most=at_most)]


@pytest.mark.usefixtures("little_memory")
def test_a_member_that_is_too_large_is_named_before_it_is_read(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.tar.gz", file("large\n.png", bytes(11 * MIB)))
    with pytest.raises(ValueError, match=r"^large\\n\.png in it has 11 MiB, more than the 10 MiB that a file"):
        read_all(path)


def with_size(content: bytes, size: int, kind: bytes | None = None) -> bytes:
    """The archive with another size, and type, in its first header."""
    header = bytearray(content[:512])
    header[124:136] = tarfile.itn(size, 12, tarfile.GNU_FORMAT)  # type: ignore[attr-defined]
    header[156:157] = kind or header[156:157]
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + content[512:]


@pytest.mark.usefixtures("little_memory")
@pytest.mark.parametrize("size", [-1, -512, -(10**6), 2**33, 2**60])
@pytest.mark.parametrize("kind", [b"0", b"L", b"K", b"x", b"g", b"S"])
def test_sizes_that_cannot_be_are_named_and_end(tmp_path: Path, size: int, kind: bytes) -> None:
    """L, K, x and g are headers, which tarfile reads as a whole; a negative size leads back to where one was."""
    plain = packed(tmp_path / "a.tar", file("a", bytes(600)), file("b", b"b")).read_bytes()
    (tmp_path / "a.tar").write_bytes(with_size(plain, size, kind))
    with pytest.raises((ValueError, tarfile.TarError, EOFError)):
        read_all(tmp_path / "a.tar")


def test_what_is_stored_with_holes_is_named(tmp_path: Path) -> None:
    member, _ = file("a.png", b"")
    member.pax_headers = {"GNU.sparse.map": "0,1,999999999999,0", "GNU.sparse.size": "999999999999"}
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(b""))
    with pytest.raises(ValueError, match=r"'a\.png' in it is stored with holes"):
        read_all(tmp_path / "a.tar")


def test_too_many_files_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    path = packed(tmp_path / "a.tar", *(file(str(number), b"") for number in range(4)))
    with pytest.raises(ValueError, match="it holds more than 3 files"):
        read_all(path)


@pytest.mark.usefixtures("little_memory")
def test_what_goes_on_after_its_end_is_named(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.tar.gz", file("a", b"a"))
    whole = gzip.decompress(path.read_bytes())
    with gzip.open(path, "wb", compresslevel=1) as longer:
        longer.write(whole)
        for _ in range(70):
            longer.write(ZEROS)
    with pytest.raises(ValueError, match="it goes on after its end"):
        read_all(path)


def test_the_checksum_of_a_gzip_is_compared(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.tar.gz", file("a", b"abc"))
    content = bytearray(path.read_bytes())
    content[-8] ^= 1
    path.write_bytes(content)
    with pytest.raises(OSError, match="CRC check failed"):
        read_all(path)


def check_damaged(folder: Path, name: str, seed: int, count: int) -> None:
    """No damage is waited for or takes memory; that of a .gz is always noticed, or changes nothing."""
    contents = [file(f"{size}.png", bytes([size % 251]) * size) for size in SIZES[:-1]]
    path = packed(folder / name, *contents)
    whole, honest = path.read_bytes(), read_all(path)
    for number, damaged in enumerate(mutations(whole, seed, count)):
        path.write_bytes(damaged)
        try:
            found = read_all(path, at_most=MIB)
        except (ValueError, tarfile.TarError, EOFError, zlib.error, OSError):
            continue
        assert name == "a.tar" or found == honest, f"mutation {number} of seed {seed}"


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
def test_damage_is_named(tmp_path: Path, name: str) -> None:
    check_damaged(tmp_path, name, QUICK_SEED, 150)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz"])
def test_much_damage_is_named(tmp_path: Path, name: str) -> None:
    check_damaged(tmp_path, name, fresh_seed(), 5_000)
