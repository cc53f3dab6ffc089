"""Take submissions from a platform's download into the course; the newest of a student's wins."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from classroom.course.archive import Delivered, delivered
from classroom.course.folder import Course, write_atomically
from classroom.course.names import Sender, sender
from classroom.course.roster import Student, find, plain, read_roster


@dataclass(frozen=True)
class Outcome:
    """What became of one file: "collected", "unchanged", "set aside" or "refused", and why."""

    file: str
    student: str
    outcome: str
    reason: str = ""


@dataclass(frozen=True)
class Receipt:
    """What is remembered of a submission beside its bytes."""

    file: str
    digest: str
    named: bool
    time: str
    serial: int
    again: int
    late: bool
    untouched: bool = False  # it is the release, as it was

    def is_newer_than(self, other: "Receipt", *, together: bool) -> bool:
        """Compare by the platform's own count where both have one, else by time.

        Of files that come `together`, one that was worked in is preferred, and then one that is
        called like the topic.
        """
        if together and self.untouched != other.untouched:
            return other.untouched
        if together and self.named != other.named:
            return self.named
        if self.serial and other.serial:
            return (self.serial, self.again) > (other.serial, other.again)
        return self.time > other.time


def collect(
    course: Course,
    topic: str,
    path: Path,
    *,
    roster: Path | None = None,
    progress: Callable[[Iterable], Iterable] = iter,
) -> list[Outcome]:
    """Take the submissions of a topic into the course, and say of each file what became of it.

    A notebook that cannot be opened is taken as well: its grade says what is wrong with it.

    Args:
        course: The course.
        topic: A topic that was released in it.
        path: A folder or a zip.
        roster: A CSV of the students; without it, ids are those of earlier rosters, by the
            platform's number, and else made from the files' names.
        progress: Wraps the files while they are read.

    Raises:
        CourseError: The topic was not released, or the path or the roster is unusable.
    """
    course.source(topic)
    students = read_roster(roster) if roster else []
    with course.locked(), course.gradebook() as gradebook:
        senders = {student.id: student for student in students}
        outcomes: list[Outcome] = []
        known = {one.lms_user_id: one.id for one in gradebook.students if one.lms_user_id}
        taken: set[str] = set()  # the students whose file of this delivery counts by now
        for one in progress(delivered(path)):
            try:
                sent, student = _recognized(one, topic, students, known)
            except ValueError as error:
                outcomes.append(Outcome(one.name, "", "refused", str(error)))
                continue
            senders.setdefault(student.id, student)
            together = student.id in taken
            outcomes.append(_take(course, topic, one, sent, student.id, together=together))
            if outcomes[-1].outcome != "set aside":
                taken.add(student.id)
        for student in senders.values():
            fields = {name: value for name, value in asdict(student).items() if value}
            gradebook.update_or_create_student(fields.pop("id"), **fields)
    return outcomes


def receipt(course: Course, topic: str, student: str) -> Receipt | None:
    """Return what is remembered of a student's submission."""
    path = course.hidden / "receipts" / topic / f"{student}.json"
    return Receipt(**json.loads(path.read_text())) if path.exists() else None


def _recognized(
    one: Delivered, topic: str, students: list[Student], known: dict[str, str]
) -> tuple[Sender, Student]:
    """Return who sent a file; raises ValueError with the reason why it is refused.

    Without a roster, `known` tells the ids of those whose number an earlier one had.
    """
    if one.refused:
        raise ValueError(one.refused)
    sent = sender(one.name, topic)
    if not students and sent.number in known:
        return sent, Student(known[sent.number])
    return sent, find(students, sent)


def _take(
    course: Course, topic: str, one: Delivered, sent: Sender, student: str, *, together: bool
) -> Outcome:
    """Keep a submission if it is the newest, and the older one beside it.

    `together` says that the submission that is held came with the same delivery.
    """
    digest = hashlib.sha256(one.data).hexdigest()
    when = one.time.isoformat()
    named = plain(topic) in plain(sent.file)
    untouched = _sources(one.data) == _sources(course.notebook("release", topic).read_bytes())
    new = Receipt(one.name, digest, named, when, sent.serial, sent.again, sent.late, untouched)
    late = "late" if new.late else ""
    place = course.notebook("submitted", topic, student)
    older = course.hidden / "older" / topic / student
    old = receipt(course, topic, student)
    outcome = "collected"
    if old and place.exists():
        held = place.read_bytes()
        if held == one.data:
            outcome = "unchanged"
        elif not new.is_newer_than(old, together=together):
            write_atomically(older / f"{digest[:16]}.ipynb", one.data)
            return Outcome(one.name, student, "set aside", f"{old.file} counts")
        else:
            write_atomically(older / f"{hashlib.sha256(held).hexdigest()[:16]}.ipynb", held)
    if outcome == "collected":
        write_atomically(place, one.data)
    stamp = one.time.strftime("%Y-%m-%d %H:%M:%S UTC")
    write_atomically(place.with_name("timestamp.txt"), stamp.encode())
    path = course.hidden / "receipts" / topic / f"{student}.json"
    write_atomically(path, json.dumps(asdict(new)).encode())
    return Outcome(one.name, student, outcome, late)


def _sources(data: bytes) -> list[str] | None:
    """Return the texts of a notebook's cells, or None where it is none."""
    try:
        return ["".join(cell["source"]) for cell in json.loads(data)["cells"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
