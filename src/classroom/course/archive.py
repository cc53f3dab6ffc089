"""Open what a platform's download holds, a folder or a zip, without trusting any of it."""

import io
import stat
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from classroom.course.folder import LARGEST, CourseError
from classroom.course.names import check_name, is_noise

MOST = 20_000  # files in one delivery
MOST_OF_ONE = 1_000  # files in a zip inside it
TOTAL = 8_000_000_000  # bytes that one delivery may unpack to
OF_ONE = 100_000_000  # bytes that a zip inside it may unpack to
PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # the others are unpacked without a bound


@dataclass(frozen=True)
class Delivered:
    """One file of a delivery: its content, or why it was refused."""

    name: str
    time: datetime
    data: bytes = b""
    refused: str = ""


def delivered(path: Path) -> Iterator[Delivered]:
    """Yield each file of a folder or zip, and of zips in it; what cannot be had is refused.

    Args:
        path: The folder or the zip.

    Raises:
        CourseError: It is neither, or has more than 20,000 files.
    """
    if path.is_dir():
        yield from _folder(path)
    elif path.is_file() and zipfile.is_zipfile(path):
        try:
            with path.open("rb") as file:
                yield from _zip(file, "", MOST, TOTAL, depth=1)
        except CourseError:
            raise
        except Exception as error:  # zipfile has many words for damage
            raise CourseError(f"{path} is a damaged zip: {error}") from None
    elif path.is_file() and path.suffix == ".ipynb":
        yield _file(path, path.name)
    else:
        raise CourseError(f"{path} is no folder, no zip and no notebook")


def _folder(root: Path) -> Iterator[Delivered]:
    paths = sorted(path for path in root.rglob("*") if path.is_symlink() or not path.is_dir())
    if len(paths) > MOST:
        raise CourseError(f"{root} has more than {MOST:,} files: pass the submissions only")
    for path in paths:
        name = path.relative_to(root).as_posix()
        if not is_noise(name):
            yield from _unpacked(_file(path, name), depth=1)


def _file(path: Path, name: str) -> Delivered:
    info = path.lstat()
    when = datetime.fromtimestamp(info.st_mtime, UTC)
    try:
        name = _checked(name)
        if not stat.S_ISREG(info.st_mode):
            raise ValueError("it is a link" if path.is_symlink() else "it is no plain file")
        if info.st_size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST // 1_000_000} MB")
        return Delivered(name, when, path.read_bytes())
    except (ValueError, OSError) as error:
        return Delivered(name, when, refused=getattr(error, "strerror", None) or str(error))


def _zip(file, prefix: str, most: int, left: int, *, depth: int) -> Iterator[Delivered]:
    """Yield the files of an open zip, each read to the limit and no further.

    `most` is how many files there may be, `left` how many bytes may be unpacked, kept or not.
    """
    with zipfile.ZipFile(file) as archive:
        members = [info for info in archive.infolist() if not info.is_dir()]
        if len(members) > most:
            raise CourseError(f"the archive has more than {most:,} files")
        names = Counter(_name(info).replace("\\", "/") for info in members)
        for info in members:
            name = _name(info)
            if is_noise(name.replace("..", "up")):
                continue
            if names[name.replace("\\", "/")] > 1:
                one = Delivered(prefix + name, _time(info), refused="the archive holds it twice")
            else:
                one, unpacked = _member(archive, info, prefix, name, left)
                left -= unpacked
            yield from _unpacked(one, depth=depth)


def _member(
    archive, info: zipfile.ZipInfo, prefix: str, name: str, left: int
) -> tuple[Delivered, int]:
    """Return a member, and how many bytes were unpacked for it."""
    when, unpacked = _time(info), 0
    try:
        name = prefix + _checked(name)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise ValueError("it is a link")
        if info.flag_bits & 1:
            raise ValueError("it is encrypted")
        if info.compress_type not in PACKED:
            raise ValueError("it is packed in a rare way: zip it with your system's own program")
        if left <= 0:
            raise ValueError("what stands before it in the archive unpacks to too much")
        limit = min(LARGEST, left)
        with archive.open(info) as member:  # what it declares as its size may be a lie
            data = member.read(limit + 1)
        unpacked = len(data)
        if unpacked > limit:
            raise ValueError(f"it unpacks to more than {limit // 1_000_000} MB")
        return Delivered(name, when, data), unpacked
    except (ValueError, zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as error:
        return Delivered(name, when, refused=str(error) or "it is damaged"), unpacked
    except Exception as error:  # zlib raises errors of its own
        return Delivered(name, when, refused=f"it is damaged ({error})"), unpacked


def _unpacked(one: Delivered, *, depth: int) -> Iterator[Delivered]:
    """Yield a file as it is, or the files of the zip that a student sent."""
    if one.refused or not one.name.casefold().endswith(".zip"):
        yield one
    elif depth == 0:
        yield Delivered(one.name, one.time, refused="it is a zip in a zip in a zip")
    elif not zipfile.is_zipfile(io.BytesIO(one.data)):
        yield Delivered(one.name, one.time, refused="it is called a zip and is none")
    else:
        file = io.BytesIO(one.data)
        try:
            yield from _zip(file, f"{one.name}/", MOST_OF_ONE, OF_ONE, depth=depth - 1)
        except CourseError as error:
            yield Delivered(one.name, one.time, refused=str(error))
        except Exception as error:  # zipfile has many words for damage
            yield Delivered(one.name, one.time, refused=f"it is a damaged zip ({error})")


def _checked(name: str) -> str:
    name = check_name(name)
    if not name.casefold().endswith((".ipynb", ".zip")):
        raise ValueError("it is no notebook (.ipynb)")
    return name


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; one that is not marked as UTF-8 may be so all the same."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


def _time(info: zipfile.ZipInfo) -> datetime:
    try:
        return datetime.fromtimestamp(time.mktime((*info.date_time, 0, 0, -1)), UTC)
    except (ValueError, OverflowError):
        return datetime(1980, 1, 1, tzinfo=UTC)
