"""Run many independent tasks on processes of this machine or on a Dask cluster.

Both are used through the interface of `concurrent.futures`. Only a few tasks are under way at a
time, so a thousand take no more memory than ten; and a task that kills its worker costs no other
task its result.
"""

import multiprocessing
import os
import signal
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import AbstractContextManager, contextmanager

from classroom.course.folder import CourseError

CONNECT = "10s"  # how long a scheduler may take to answer

Start = Callable[[], AbstractContextManager[tuple[Executor, int]]]  # workers, and their number
Outcome = tuple[dict, object]  # a job, and its result or the exception that it ended with


def local(workers: int) -> Start:
    """Return what starts that many worker processes.

    Raises:
        CourseError: There is to be no worker at all.
    """
    if workers < 1:
        raise CourseError(f"{workers} workers grade nothing: pass --workers 1 or more")
    context = multiprocessing.get_context("forkserver")  # what it has imported, workers have too
    context.set_forkserver_preload(["classroom.grading.submission"])

    @contextmanager
    def start() -> Iterator[tuple[Executor, int]]:
        with ProcessPoolExecutor(workers, context, initializer=_prepare) as executor:
            yield executor, workers

    return start


def dask(address: str) -> Start:
    """Return what connects to the cluster whose scheduler has that address.

    Raises:
        CourseError: Nobody answers there (raised at the start).
    """

    @contextmanager
    def start() -> Iterator[tuple[Executor, int]]:
        from distributed import Client

        try:
            client = Client(address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise CourseError(f"no Dask scheduler answers at {address}: {error}") from None
        with client:
            yield client.get_executor(pure=False), max(1, sum(client.nthreads().values()))

    return start


def outcomes(
    jobs: Iterable[dict], task: Callable[..., object], start: Start, *, alone: bool = False
) -> Iterator[Outcome]:
    """Yield each job with its result, or with the exception it ended with, as they end.

    Args:
        jobs: What to call the task with, by keyword; taken only as they are needed.
        task: A function that workers can import.
        start: Starts the workers.
        alone: Whether one job only may be under way at a time.
    """
    jobs = iter(jobs)
    while True:
        with start() as (executor, workers):
            window = 1 if alone else 2 * workers
            suspects = yield from _run(jobs, task, executor, window)
        for job in suspects:  # a worker died, and one of these killed it: each gets its own
            with start() as (executor, _):
                yield job, _result(_submit(executor, task, job))
        if not suspects:
            return


def _run(jobs: Iterator[dict], task, executor: Executor, window: int) -> Iterator[Outcome]:
    """Yield outcomes until all jobs are done or the pool is broken; return what was under way."""
    under_way: dict[Future, dict] = {}
    while True:
        while len(under_way) < window and (job := next(jobs, None)) is not None:
            under_way[_submit(executor, task, job)] = job
        if not under_way:
            return []
        done, _ = wait(under_way, return_when=FIRST_COMPLETED)
        results = {future: _result(future) for future in done}
        for future, result in results.items():
            if not isinstance(result, BrokenExecutor):
                yield under_way.pop(future), result
        if any(isinstance(result, BrokenExecutor) for result in results.values()):
            return list(under_way.values())


def _submit(executor: Executor, task, job: dict) -> Future:
    try:
        return executor.submit(task, **job)
    except BrokenExecutor as error:
        future: Future = Future()
        future.set_exception(error)
        return future


def _result(future: Future) -> object:
    try:
        return future.result()
    except (Exception, CancelledError) as error:
        return error


def _prepare() -> None:
    """Make this worker end when the command is gone, however it went."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # of Ctrl-C the command tells, and workers nothing
    warnings.simplefilter("ignore")  # typical wrong answers overflow, and that is no news
    parent = multiprocessing.parent_process()
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
