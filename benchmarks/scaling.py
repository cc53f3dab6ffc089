"""How grading a class scales: ratios within one run, with a tiny topic whose sandboxes start fast.

    python benchmarks/scaling.py                  80 submissions for the ratios, 1,000 for memory
    python benchmarks/scaling.py --submissions 8 --many 100

Two workers against one, Dask against this machine's own processes, the memory of the largest
process over many small submissions, and a class of 60 in which each tenth submission starts as many
busy processes as it can. The exit status is 1 where a target is missed.
"""

import argparse
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))
from classroom.course import workers  # noqa: E402
from classroom.course.folder import Course, write_atomically  # noqa: E402
from classroom.course.grade import grade_topic  # noqa: E402
from classroom.course.grades import grades  # noqa: E402
from classroom.course.release import release  # noqa: E402
from classroom.grading.submission import grade  # noqa: E402
from support.classroom import BUSY, RIGHT, TINY, handed_in, hog  # noqa: E402

TWO, DASK, GROWTH = 1.7, 0.8, 1.1


def throughput(start, data: bytes, count: int) -> float:
    """Return how many submissions a second the workers grade once they are warm."""
    source = TINY.read_text("utf8")
    fixed = {"source": source, "submission": data, "secret": "benchmark", "overlay": ""}
    jobs = ({"student": f"s{number}"} | fixed for number in range(count))
    with start() as (executor, number):
        list(executor.map(warm, [{"student": "warm"} | fixed] * 2 * number))

        begun = time.perf_counter()
        started = partial(nullcontext, (executor, number))
        reports = [report for _, report in workers.outcomes(jobs, grade, started)]
        seconds = time.perf_counter() - begun
    if not all(report["exercises"]["tiny.1"]["points"] == 3 for report in reports):
        raise RuntimeError("a right answer was not graded as right")
    return count / seconds


def warm(job: dict) -> None:
    """Let a worker import, read the source and try its walls; then wait, so that each gets one."""
    grade(**job)
    time.sleep(2)


def peaks(course: Course, data: bytes, count: int) -> tuple[float, float]:
    """Return the largest process's memory, in MB, while a tenth is graded and then the rest."""
    found = []
    for size in (count // 10, count):
        for number in range(size):
            write_atomically(course.notebook("submitted", "tiny", f"s{number}"), data)
        with largest_process() as peak:
            tally = grade_topic(course, "tiny", workers.local(2))
        if tally.broken or tally.graded + tally.kept != size:
            raise RuntimeError(f"of {size} submissions not all were graded: {tally}")
        found.append(max(peak) / 2**20)
    return found[0], found[1]


def arrived(course: Course, count: int) -> tuple[float, float, dict[str, str]]:
    """Grade a class with hogs among it on two workers.

    Return the points of the honest, how many they have earned, and whom the clock stopped.
    """
    place = course.notebook("release", "tiny")
    code = {
        f"c{number:02}": hog(seconds=5) if number % 10 == 1 else BUSY for number in range(count)
    }
    for student, source in code.items():
        data = handed_in(place, {"tiny-1": source})
        write_atomically(course.notebook("submitted", "tiny", student), data)
    tally = grade_topic(course, "tiny", workers.local(2))
    honest = {student for student, source in code.items() if source == BUSY}
    points = [one.score or 0 for one in grades(course, "tiny") if one.student in honest]
    return sum(points), 5 * len(honest), tally.alone


@contextmanager
def largest_process():
    """Give a list of how much memory the largest process held, of this one and all it started."""
    here, peak, ended = psutil.Process(), [], threading.Event()

    def sample():
        while not ended.wait(0.2):
            for process in [here, *here.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    peak.append(process.memory_info().rss)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--submissions", type=int, default=80)
    parser.add_argument("--many", type=int, default=1000)
    parser.add_argument("--students", type=int, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course = Course(Path(folder) / "course")
        release(course, "tiny", TINY.parent)
        data = handed_in(course.notebook("release", "tiny"), {"tiny-1": RIGHT})
        class_of = Course(Path(folder) / "class")
        release(class_of, "tiny", TINY.parent)
        came, earned, alone = arrived(class_of, options.students)
        before, after = peaks(course, data, options.many)
        one = throughput(workers.local(1), data, options.submissions)
        two = throughput(workers.local(2), data, options.submissions)
        from distributed import LocalCluster

        with LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster:
            dask = throughput(workers.dask(cluster.scheduler_address), data, options.submissions)
    rows = [
        ("honest points beside hogs", came / earned, came == earned, "all, so 1"),
        ("two workers over one", two / one, two / one >= TWO, f"at least {TWO}"),
        ("Dask over two processes", dask / two, dask / two >= DASK, f"at least {DASK}"),
        ("memory over a tenth's", after / before, after / before <= GROWTH, f"at most {GROWTH}"),
    ]
    print(f"{options.submissions} submissions; {one:.2f}, {two:.2f} and {dask:.2f} a second")
    print(f"{options.many} submissions: {before:.0f} MB after a tenth, {after:.0f} MB after all")
    print(
        f"{options.students} students: {came:g} of {earned} honest points; alone: {alone or 'none'}"
    )
    for name, ratio, _, target in rows:
        print(f"{name:26}{ratio:6.2f}  ({target})")
    return 0 if all(met for _, _, met, _ in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
