"""Deliveries of all kinds: whose file it is, which one counts, and what is refused."""

import io
import os
import stat
import zipfile
import zlib
from datetime import UTC, datetime

import pytest

from classroom.course import archive
from classroom.course.collect import collect, receipt
from classroom.course.folder import CourseError
from classroom.course.names import sender
from classroom.course.roster import Student, find, read_roster

ROSTER = """id,first_name,last_name,email,lms_user_id
jdoe,Jane,Doe,jdoe@x.org,12345
mmuster,Märta,Muster-Nuñez,m@x.org,
klee,Kim,Lee,k1@x.org,
klee2,Kim,Lee,k2@x.org,777
"""


@pytest.fixture
def roster(tmp_path):
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8-sig")
    return tmp_path / "roster.csv"


def folder(tmp_path, files, day=1):
    for name, data in files.items():
        path = tmp_path / "delivery" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        when = datetime(2026, 1, day, tzinfo=UTC).timestamp()
        os.utime(path, (when, when))
    return tmp_path / "delivery"


def told(outcomes):
    return {one.file: (one.student, one.outcome) for one in outcomes}


@pytest.mark.parametrize(
    ("name", "who", "number", "late"),
    [
        ("doejane_12345_67890_tiny.ipynb", "doejane", "12345", False),
        ("doejane_LATE_12345_67890_tiny-2.ipynb", "doejane", "12345", True),
        ("doejane_12345_67890_work.zip/tiny.ipynb", "doejane", "12345", False),
        ("doejane_12345_67890_mallory_1_2_tiny.ipynb", "doejane", "12345", False),
        ("Jane Doe_77_assignsubmission_file_/tiny.ipynb", "Jane Doe", "77", False),
        ("Jane Doe_77_assignsubmission_file_tiny.ipynb", "Jane Doe", "77", False),
        ("Jane Doe_77_assignsubmission_file_/a_1_2_tiny.ipynb", "Jane Doe", "77", False),
        ("Jane Doe_77_assignsubmission_file_/x.zip/a/b/tiny.ipynb", "Jane Doe", "77", False),
        ("Jane_Doe_77_assignsubmission_file_/tiny.ipynb", "Jane_Doe", "77", False),
        (
            "Eve_7_assignsubmission_file__8_assignsubmission_file_/tiny.ipynb",
            "Eve_7_assignsubmission_file_",
            "8",
            False,
        ),
        ("submitted/jane/tiny/tiny.ipynb", "jane", "", False),
        ("jane/tiny/tiny.ipynb", "jane", "", False),
        ("jane/tiny.ipynb", "jane", "", False),
        ("jane.ipynb", "jane", "", False),
        ("jane.zip/tiny.ipynb", "jane", "", False),
        ("jane.ZIP/work/tiny.ipynb", "jane", "", False),
    ],
)
def test_senders(name, who, number, late):
    sent = sender(name, "tiny")
    assert (sent.who, sent.number, sent.late) == (who, number, late)


@pytest.mark.parametrize(
    "name",
    ["mallory/tiny/doejane_12345_67890_tiny.ipynb", "mallory/Jane Doe_7_assignsubmission_file_x"],
)
def test_nobody_speaks_for_another(name):
    with pytest.raises(ValueError, match="platform's name"):
        sender(name, "tiny")


def test_a_name_with_two_numbers_is_refused_where_one_may_be_chosen():
    with pytest.raises(ValueError, match="speaks for two"):
        sender("Eve_8_assignsubmission_file_Jane_7_assignsubmission_file_tiny.ipynb", "tiny")


def test_roster_finds_by_number_then_by_name(roster):
    students = read_roster(roster)

    def who(name):
        return find(students, sender(name, "tiny")).id

    assert who("someoneelse_12345_1_tiny.ipynb") == "jdoe"
    assert who("Märta Muster-Nuñez_9_assignsubmission_file_/tiny.ipynb") == "mmuster"
    assert who("muster-nunezmarta_9_1_tiny.ipynb") == "mmuster"
    assert who("mmuster.ipynb") == "mmuster"
    assert who("leekim_5_1_tiny.ipynb") == "klee"  # the other has a number, and it is another
    with pytest.raises(ValueError, match="any of klee, klee2"):
        who("Kim Lee.ipynb")
    with pytest.raises(ValueError, match="not in the roster"):
        who("Jane Doe_999_assignsubmission_file_/tiny.ipynb")  # a chosen name, a wrong number


def test_rosters_of_canvas_and_moodle(tmp_path):
    path = tmp_path / "canvas.csv"
    path.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Tiny (4)\n    Points Possible,,,,,9\n"
        '"Doe, Jane",12345,s1,jdoe,A,\n"O\'Brien, Pat",7,,pat,A,\n"Student, Test",8,,,A,\n'
    )
    assert read_roster(path) == [
        Student("jdoe", "Jane", "Doe", "", "12345"),
        Student("pat", "Pat", "O'Brien", "", "7"),
    ]
    path.write_text("Identifier,Full name,Email address\nParticipant 77,Jane van Doe,j@x.org\n")
    assert read_roster(path) == [Student("j@x.org", "Jane van", "Doe", "j@x.org", "77")]
    for bad, message in [
        ("a,b\n1,2\n", "no roster"),
        ("id,first_name,last_name\n../x,A,B\n", "is no id"),
        ("id,first_name,last_name\nx,A,B\nX,A,B\n", "twice"),
        ("id,first_name\n", "no rows"),
        ("Student,ID,SIS Login ID\n    Points Possible,,\n", "names no student"),
    ]:
        path.write_text(bad)
        with pytest.raises(CourseError, match=message):
            read_roster(path)
    path.write_bytes(b"id,first_name,last_name\n\xff\xfe,A,B\n")
    with pytest.raises(CourseError, match="UTF-8"):
        read_roster(path)


def test_newest_counts_and_the_older_is_kept(course, tmp_path, roster):
    files = {
        "doejane_12345_100_tiny.ipynb": b"first",
        "doejane_LATE_12345_200_tiny-1.ipynb": b"second",
        "klee.ipynb": b"",
    }
    outcomes = told(collect(course, "tiny", folder(tmp_path, files), roster=roster))
    assert outcomes["doejane_LATE_12345_200_tiny-1.ipynb"] == ("jdoe", "collected")
    assert course.submission("tiny", "jdoe") == b"second"
    assert course.submission("tiny", "klee") == b""  # broken, and collected as it is
    assert receipt(course, "tiny", "jdoe").late
    [older] = (course.hidden / "older" / "tiny" / "jdoe").iterdir()
    assert older.read_bytes() == b"first"
    again = told(collect(course, "tiny", tmp_path / "delivery", roster=roster))
    assert again["doejane_LATE_12345_200_tiny-1.ipynb"] == ("jdoe", "unchanged")
    assert again["doejane_12345_100_tiny.ipynb"] == ("jdoe", "set aside")
    assert course.submission("tiny", "jdoe") == b"second"
    with course.gradebook() as gradebook:
        assert gradebook.find_student("mmuster").last_name == "Muster-Nuñez"


def test_a_later_delivery_replaces_and_an_earlier_does_not(course, tmp_path):
    collect(course, "tiny", folder(tmp_path, {"jane.ipynb": b"two"}, day=2))
    collect(course, "tiny", folder(tmp_path, {"jane.ipynb": b"one"}, day=1))
    assert course.submission("tiny", "jane") == b"two"
    collect(course, "tiny", folder(tmp_path, {"jane.ipynb": b"three"}, day=3))
    assert course.submission("tiny", "jane") == b"three"


def test_the_file_called_like_the_topic_is_preferred(course, tmp_path):
    files = {"jane/tiny.ipynb": b"it", "jane/zz-notes.ipynb": b"not"}
    collect(course, "tiny", folder(tmp_path, files))
    assert course.submission("tiny", "jane") == b"it"


def test_the_release_as_it_was_does_not_count_beside_a_copy_that_was_worked_in(course, tmp_path):
    released = course.notebook("release", "tiny").read_bytes()
    files = {"jane/tiny.ipynb": released, "jane/a.ipynb": b"1", "eve/tiny.ipynb": released}
    collect(course, "tiny", folder(tmp_path, files | {"eve/work.ipynb": b"2"}))
    assert course.submission("tiny", "jane") == b"1" and course.submission("tiny", "eve") == b"2"


def test_a_later_file_of_another_name_replaces_the_one_called_like_the_topic(course, tmp_path):
    collect(course, "tiny", folder(tmp_path / "1", {"jane/tiny.ipynb": b"first"}, day=1))
    later = folder(tmp_path / "2", {"jane/final.ipynb": b"second", "jane/a.ipynb": b""}, day=2)
    outcomes = told(collect(course, "tiny", later))
    assert course.submission("tiny", "jane") == b""
    assert outcomes["jane/final.ipynb"] == ("jane", "set aside")
    collect(course, "tiny", folder(tmp_path / "3", {"jane/tiny.ipynb": b"early"}, day=1))
    assert course.submission("tiny", "jane") == b""


def test_a_number_is_remembered_from_an_earlier_roster(course, tmp_path, roster):
    first = folder(tmp_path / "1", {"doejane_12345_1_tiny.ipynb": b"first"})
    collect(course, "tiny", first, roster=roster)
    later = folder(tmp_path / "2", {"doejane_12345_2_tiny.ipynb": b"second"})
    assert told(collect(course, "tiny", later)) == {
        "doejane_12345_2_tiny.ipynb": ("jdoe", "collected")
    }


def test_interrupted_collecting_is_completed(course, tmp_path):
    delivery = folder(tmp_path, {"jane.ipynb": b"two"})
    collect(course, "tiny", delivery)
    path = course.hidden / "receipts" / "tiny" / "jane.json"
    path.write_text(path.read_text().replace("2026", "2025"))  # killed before the new receipt
    collect(course, "tiny", delivery)
    assert receipt(course, "tiny", "jane").time.startswith("2026")


def hostile_zip(path):
    def link(name):
        info = zipfile.ZipInfo(name)
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        return info

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("good.ipynb", b"good")
        file.writestr("../../slip.ipynb", b"slip")
        file.writestr("/etc/absolute.ipynb", b"absolute")
        file.writestr("C:\\windows.ipynb", b"drive")
        file.writestr("..\\..\\back.ipynb", b"slip")
        file.writestr(link("link.ipynb"), "/etc/passwd")
        file.writestr("bomb.ipynb", b"\0" * (archive.LARGEST + 1))
        file.writestr("twice.ipynb", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("twice.ipynb", b"2")
        file.writestr("right\u202eto-left.ipynb", b"")
        file.writestr("line\nbreak.ipynb", b"")
        file.writestr("essay.pdf", b"")
        file.writestr("a b/<script>.ipynb", b"")
        file.writestr("x" * 401 + ".ipynb", b"")
        file.writestr("__MACOSX/._good.ipynb", b"")
        file.writestr("none.zip", b"not a zip")
        file.writestr("zoë/tiny.ipynb", b"good")
    damage = path.read_bytes()
    return damage


def test_hostile_members_are_refused_by_name_and_stop_nobody(course, tmp_path):
    path = tmp_path / "submissions.zip"
    hostile_zip(path)
    before = {p for p in tmp_path.rglob("*") if "course" not in p.parts}
    outcomes = collect(course, "tiny", path)
    refused = {one.file: one.reason for one in outcomes if one.outcome == "refused"}
    assert course.students("tiny") == ["good", "zoë"]
    for name, reason in {
        "../../slip.ipynb": "leads out",
        "/etc/absolute.ipynb": "absolute",
        "C:\\windows.ipynb": "absolute",
        "..\\..\\back.ipynb": "leads out",
        "link.ipynb": "link",
        "bomb.ipynb": "more than 20 MB",
        "twice.ipynb": "twice",
        "right\u202eto-left.ipynb": "cannot be shown",
        "line\nbreak.ipynb": "cannot be shown",
        "essay.pdf": "no notebook",
        "a b/<script>.ipynb": "no id of a student",
        "x" * 401 + ".ipynb": "longer than",
        "none.zip": "is none",
    }.items():
        assert reason in refused.pop(name), name
    assert not refused
    assert {p for p in tmp_path.rglob("*") if "course" not in p.parts} == before


def test_damaged_and_nested_zips(course, tmp_path):
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as file:
        file.writestr("work/tiny.ipynb", b"inner")
    inner = (tmp_path / "inner.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "deep.zip", "w") as file:
        file.writestr("inner.zip", inner)
    name = "Jane Doe_77_assignsubmission_file_/"
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as file:
        file.writestr(name + "work.zip", inner)
        file.writestr("deep/deep.zip", (tmp_path / "deep.zip").read_bytes())
        file.writestr("cut.ipynb", b"CRC WILL NOT FIT")
    data = (tmp_path / "all.zip").read_bytes()
    assert zlib.crc32(b"CRC WILL NOT FIT") != zlib.crc32(b"crc will not fit")
    (tmp_path / "all.zip").write_bytes(data.replace(b"CRC WILL NOT FIT", b"crc will not fit"))
    outcomes = told(collect(course, "tiny", tmp_path / "all.zip"))
    assert outcomes[name + "work.zip/work/tiny.ipynb"] == ("77", "collected")
    assert outcomes["deep/deep.zip/inner.zip"] == ("", "refused")
    assert outcomes["cut.ipynb"] == ("", "refused")
    (tmp_path / "cut.zip").write_bytes(inner[:-30])
    with pytest.raises(CourseError):
        collect(course, "tiny", tmp_path / "cut.zip")


def crafted(method=zipfile.ZIP_STORED, count=1, content=b"inner"):
    with io.BytesIO() as file:
        with zipfile.ZipFile(file, "w", method) as inner:
            for number in range(count):
                inner.writestr(f"{number}.ipynb", content)
        return file.getvalue()


def test_bombs_and_damage_in_a_students_zip_stop_nobody(course, tmp_path):
    whole = crafted()
    directory = whole.index(b"PK\x01\x02")
    as_utf8 = directory + 9  # a flag: the name is in UTF-8, which it then is not
    wrong_name = bytearray(whole.replace(b"0.ipynb", b"\xff.ipynb"))
    wrong_name[as_utf8] |= 8
    version = bytearray(whole)
    version[directory + 6] = 99  # the version that it takes to unpack
    place = bytearray(whole)
    place[-10:-6] = b"\xff\xff\xff\x7f"  # how long the directory is: it begins before the file
    big = b"\0" * (archive.LARGEST + 1)
    files = {
        "name.zip": bytes(wrong_name),
        "version.zip": bytes(version),
        "place.zip": bytes(place),
        "lzma.zip": crafted(zipfile.ZIP_LZMA, content=big),
        "bzip2.zip": crafted(zipfile.ZIP_BZIP2, content=big),
        "many.zip": crafted(count=archive.MOST_OF_ONE + 1),
        "bomb.zip": crafted(zipfile.ZIP_DEFLATED, count=9, content=big),
        "zz.ipynb": b"good",
    }
    outcomes = collect(course, "tiny", folder(tmp_path, {f"s/{n}": d for n, d in files.items()}))
    refused = {one.file: one.reason for one in outcomes if one.outcome == "refused"}
    for name in ("name", "version", "place"):
        assert "damaged zip" in refused.pop(f"s/{name}.zip")
    for name in ("lzma", "bzip2"):
        assert "rare way" in refused.pop(f"s/{name}.zip/0.ipynb")
    assert "more than 1,000 files" in refused.pop("s/many.zip")
    bombs = [refused.pop(f"s/bomb.zip/{number}.ipynb") for number in range(9)]
    assert sum("more than 20 MB" in one for one in bombs) == 4  # then 100 MB were unpacked
    assert "unpacks to more than 19 MB" in bombs[4] and "too much" in bombs[5]
    assert not refused and course.submission("tiny", "s") == b"good"


def test_a_name_too_long_for_a_file_stops_nobody(course, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as file:
        file.writestr("𝒜" * 64 + ".ipynb", b"")
        file.writestr("jane.ipynb", b"good")
    outcomes = collect(course, "tiny", tmp_path / "all.zip")
    assert [one.outcome for one in outcomes] == ["refused", "collected"]


def test_links_and_unreadable_names_in_a_folder(course, tmp_path):
    delivery = folder(tmp_path, {"jane.ipynb": b"good"})
    (delivery / "link.ipynb").symlink_to("/etc/passwd")
    (delivery / "up").symlink_to("/etc")
    os.mkfifo(delivery / "pipe.ipynb")
    with open(os.fsencode(delivery) + b"/bad\xff.ipynb", "wb"):
        pass
    outcomes = collect(course, "tiny", delivery)
    assert sorted(one.outcome for one in outcomes) == ["collected"] + ["refused"] * 4
    assert course.students("tiny") == ["jane"]


def test_unusable_paths(course, tmp_path):
    for path in (tmp_path / "nothing", tmp_path / "text.txt"):
        (tmp_path / "text.txt").write_text("x")
        with pytest.raises(CourseError, match="no folder, no zip"):
            collect(course, "tiny", path)
    with pytest.raises(CourseError, match="was not released"):
        collect(course, "other", tmp_path)
