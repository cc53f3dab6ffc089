"""The command line: `classroom COMMAND`; each command says with --help what it does.

Exit status: 0, all is well; 1, done, but some submissions need a look; 2, nothing was done.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

EPILOG = "Exit status: 0, all is well; 1, done, but some submissions need a look; 2, nothing done."


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    from classroom.course.folder import Course, CourseError

    options = _parser().parse_args(arguments)
    try:
        course = Course(options.course, options.db or os.environ.get("CLASSROOM_DB", ""))
        return options.run(options, course)
    except CourseError as error:
        print(f"classroom {options.command}: {error}", file=sys.stderr)
    except OSError as error:
        what = error.strerror or str(error)
        what = f"{error.filename}: {what}" if error.filename else what
        print(f"classroom {options.command}: {what}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where it stopped", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("classroom", description="Release, collect, grade, return.")
    parser.epilog = EPILOG
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    add = _adder(commands)
    command = add("release", _release, "make what students get", "release attention positions")
    command.add_argument("topics", nargs="+", metavar="TOPIC")
    command.add_argument(
        "--solutions", type=Path, default=Path("solutions"), metavar="FOLDER",
        help="the sources (default: solutions)",
    )  # fmt: skip
    command = add("collect", _collect, "take submissions", "collect attention submissions.zip")
    command.add_argument("topic", metavar="TOPIC")
    command.add_argument("path", type=Path, metavar="PATH", help="a folder, a zip, or a notebook")
    command.add_argument(
        "--roster", type=Path, metavar="CSV",
        help="who takes the course: nbgrader's columns (id, first_name, last_name, email,"
        " lms_user_id), a Canvas gradebook, or a Moodle grading worksheet",
    )  # fmt: skip
    command = add("grade", _grade, "grade what was collected", "grade attention --workers 8")
    command.add_argument("topic", metavar="TOPIC")
    command.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, metavar="N",
        help="processes on this machine (default: its cores)",
    )  # fmt: skip
    command.add_argument(
        "--scheduler", metavar="ADDRESS", help="grade on a Dask cluster, such as tcp://host:8786"
    )
    command.add_argument(
        "--again", nargs="+", default=(), metavar="STUDENT",
        help="grade these anew, although they have a result: say, after the machine was overloaded",
    )  # fmt: skip
    command = add("feedback", _feedback, "write a page for each student", "feedback attention")
    command.add_argument("topic", metavar="TOPIC")
    command = add(
        "export", _export, "write grades as CSV",
        "export attention --format canvas --template gradebook.csv --out grades.csv",
    )  # fmt: skip
    command.add_argument("topic", metavar="TOPIC")
    command.add_argument("--format", choices=("canvas", "moodle", "plain"), default="plain")
    command.add_argument(
        "--template", type=Path, metavar="CSV",
        help="Canvas' gradebook or Moodle's grading worksheet, as downloaded; its rows are filled",
    )  # fmt: skip
    command.add_argument("--out", type=Path, metavar="CSV", help="the file (default: the screen)")
    command = add("report", _report, "tell what went wrong, and how often", "report attention")
    command.add_argument("topic", metavar="TOPIC")
    return parser


def _adder(commands) -> Callable:
    def add(name: str, run: Callable, said: str, example: str) -> argparse.ArgumentParser:
        epilog = f"Example: classroom {example}. {EPILOG}"
        command = commands.add_parser(name, help=said, description=said, epilog=epilog)
        command.set_defaults(run=run)
        command.add_argument(
            "--course", type=Path, default=Path("course"), metavar="FOLDER",
            help="the course folder (default: course)",
        )  # fmt: skip
        command.add_argument(
            "--db", default="", metavar="URL",
            help="the gradebook's database, such as postgresql+psycopg://host/name; CLASSROOM_DB"
            " says it too, and keeps a password out of sight (default: gradebook.db in the course)",
        )  # fmt: skip
        return command

    return add


def _release(options, course) -> int:
    from classroom.course.release import release
    from classroom.course.results import points

    for topic in _progress("release")(options.topics):
        most = release(course, topic, options.solutions)
        print(f"{course.notebook('release', topic)}: {points(most)} points")
    return 0


def _collect(options, course) -> int:
    from classroom.course.collect import collect
    from classroom.course.folder import CourseError

    progress = _progress("collect")
    outcomes = collect(
        course, options.topic, options.path, roster=options.roster, progress=progress
    )
    if not outcomes:
        raise CourseError(f"{options.path} holds no files")
    rows = [(one.file, one.student, one.outcome, one.reason) for one in outcomes]
    _table([("file", "student", "outcome", ""), *rows])
    kinds = [one.outcome for one in outcomes]
    counts = [f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds)]
    print(f"{', '.join(counts)}; {len(course.students(options.topic))} submissions")
    return int("refused" in kinds)


def _grade(options, course) -> int:
    from classroom.course import workers
    from classroom.course.folder import CourseError
    from classroom.course.grade import grade_topic

    start = workers.dask(options.scheduler) if options.scheduler else workers.local(options.workers)
    tally = grade_topic(
        course, options.topic, start, again=options.again, progress=_progress("grade")
    )
    if not (tally.graded or tally.kept or tally.broken):
        raise CourseError(f"nobody handed in {options.topic}: run `classroom collect` first")
    print(f"{tally.graded} graded, {tally.kept} graded before, {len(tally.broken)} not graded")
    _table([*tally.broken.items(), *tally.alone.items()])
    return int(bool(tally.broken or tally.alone))


def _feedback(options, course) -> int:
    from classroom.course.feedback import feedback

    pages, broken = feedback(course, options.topic, progress=_progress("feedback"))
    page = course.notebook("feedback", options.topic, "STUDENT").with_suffix(".html")
    print(f"{len(pages)} pages: {page}")
    _table([(student, f"no page: {reason}") for student, reason in broken.items()])
    return int(bool(broken))


def _export(options, course) -> int:
    from classroom.course.export import export
    from classroom.course.folder import naming
    from classroom.course.grades import grades

    result = export(grades(course, options.topic), options.topic, options.format, options.template)
    if options.out:
        with naming(options.out):
            options.out.write_text(result.text, encoding="utf-8", newline="")
    else:
        print(result.text, end="")
    plain = options.format == "plain"  # which tells of each who waits, beside the points so far
    for said, who in (
        (
            f"written answers wait for you ({'points so far' if plain else 'no grade yet'})",
            result.waiting,
        ),
        ("not in the template", result.unmatched),
        ("nothing graded", result.ungraded),
    ):
        if who:
            print(f"{said}: {'; '.join(map(_shown, who))}", file=sys.stderr)
    return int(bool(result.unmatched or (result.waiting and not plain)))


def _report(options, course) -> int:
    from classroom.course.grades import grades
    from classroom.course.report import rows, standings, write_report
    from classroom.course.results import Results

    found = standings(Results(course, options.topic))
    table = [row for row in rows(found) if row["what"] != "failed check"]
    _table([(row["submissions"], row["mark"] or row["exercise"], row["text"]) for row in table])
    waiting = [one.student for one in grades(course, options.topic) if one.waiting]
    if waiting:
        print(f"written answers wait for you: {'; '.join(waiting)}")
    print(write_report(course, options.topic, found))
    return 0


def _progress(said: str) -> Callable[[Iterable], Iterable]:
    """Return what shows on the screen how far a command is, and nothing in a log."""
    from tqdm import tqdm

    return lambda items: tqdm(items, desc=said, unit="", file=sys.stderr, disable=None)


def _table(rows: list[tuple[str, ...]]) -> None:
    shown = [[_shown(value) for value in row] for row in rows]
    widths = [min(60, max(map(len, column))) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (value.ljust(width) for value, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _shown(text: str) -> str:
    """Return text whose every character can be printed, whatever a file is called."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


if __name__ == "__main__":
    sys.exit(main())
