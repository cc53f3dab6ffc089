"""Who sent a file, as the names that learning platforms give to downloads tell it."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

# doejane_LATE_12345_67890_attention-1.ipynb
CANVAS = re.compile(
    r"(?P<who>[^_/]+?)(?P<late>_LATE)?_(?P<number>\d+)_(?P<serial>\d+)_(?P<file>[^/]+)"
)
# Jane Doe_12345_assignsubmission_file_/attention.ipynb, or with the file's name after the last _
MARK = "_assignsubmission_file"
MOODLE = re.compile(rf"(?P<who>[^/]+)_(?P<number>\d+){MARK}_?(?P<file>[^/]*)")
STUDENT_ID = re.compile(r"(?!\.)[\w@.+-]{1,64}")
MOST_BYTES = 160  # of an id: file systems allow 255 for a name
UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, directions, half characters


@dataclass(frozen=True)
class Sender:
    """What a file's name tells of its sender.

    Args:
        who: The name or the id that stands there.
        number: The platform's number of the sender, or nothing.
        serial: The platform's number of the upload, which grows with time, or 0.
        again: How often the platform says that it was sent again.
        late: Whether the platform says that it is late.
        file: The name that the sender gave to the file.
    """

    who: str
    number: str
    serial: int
    again: int
    late: bool
    file: str


def sender(name: str, topic: str) -> Sender:
    """Return who sent the file of that name.

    Args:
        name: The file's path inside the folder or archive, with "/" between its parts.
        topic: The topic that is collected.

    Raises:
        ValueError: The name is of no known form.

    >>> sender("doejane_LATE_12345_67890_attention-1.ipynb", "attention").number
    '12345'
    >>> sender("Jane Doe_77_assignsubmission_file_/attention.ipynb", "attention").who
    'Jane Doe'
    >>> sender("submitted/jane/attention/attention.ipynb", "attention").who
    'jane'
    """
    parts = PurePosixPath(name).parts
    parts = parts[1:] if parts[0] == "submitted" else parts
    top, file = parts[0], parts[-1]
    if found := MOODLE.fullmatch(top):
        if found["file"] and MARK in found["who"]:  # of two numbers one was chosen
            raise ValueError("its name speaks for two: download the submissions in folders")
        return Sender(found["who"].strip(), found["number"], 0, 0, False, file)
    if found := CANVAS.fullmatch(top):
        again = re.search(r"-(\d{1,4})\.\w+$", top)
        count, late = int(again[1]) if again else 0, bool(found["late"])
        file = file if len(parts) > 1 else found["file"]
        return Sender(found["who"], found["number"], int(found["serial"]), count, late, file)
    if len(parts) == 1:
        return Sender(PurePosixPath(file).stem.strip(), "", 0, 0, False, file)
    # Below the top a student chooses the names: none of them may speak for somebody else.
    if any(CANVAS.fullmatch(part) or MOODLE.match(part) for part in parts[1:]):
        raise ValueError("a platform's name inside a folder: pass that folder itself, if it is one")
    if len(parts) > 2 and parts[1] != topic and topic not in file:
        raise ValueError(f"it lies in {parts[1]}/, not in {topic}/")
    who = top[:-4] if top.casefold().endswith(".zip") else top  # a zip that a student sent
    return Sender(who.strip(), "", 0, 0, False, file)


def is_id(text: str) -> bool:
    """Return whether a text can be a student's id, and with an ending the name of a file.

    >>> is_id("jane@x.org"), is_id("../jane"), is_id("長" * 60)
    (True, False, False)
    """
    return bool(STUDENT_ID.fullmatch(text)) and len(text.encode()) <= MOST_BYTES


def check_name(name: str) -> str:
    """Return the name of a file in one normal form, with "/" between its parts.

    Raises:
        ValueError: It leads out of its folder, or has characters that nobody can see.
    """
    if any(unicodedata.category(letter) in UNPRINTABLE for letter in name):
        raise ValueError("its name has characters that cannot be shown")
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise ValueError("its path is absolute")
    if ".." in name.split("/"):
        raise ValueError("its path leads out of the archive")
    if len(name) > 400:
        raise ValueError("its name is longer than 400 characters")
    return name


def is_noise(name: str) -> bool:
    """Return whether a file is one that an operating system leaves about."""
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or any(part.startswith(".") for part in parts)
