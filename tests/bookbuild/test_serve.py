"""The book is shown while it is written: good pages replace good pages, and nothing else does."""

import http.client
import signal
import socket
import urllib.request

import pytest

from support.small_book import Book


@pytest.fixture
def book(tmp_path) -> Book:
    book = Book(tmp_path / "b")
    book.from_scratch = True
    return book


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """A book that is served, and what its terminal says."""

    def __init__(self, book: Book):
        self.book, self.port = book, free_port()
        self.process = book.start(
            *("-m", "bookbuild", "serve", "--port", str(self.port)), program="python"
        )
        self.said = ""

    def wait_until_it_says(self, words: str) -> None:
        for line in self.process.stdout:
            self.said += line
            if words in line:
                return
        raise AssertionError(f"it never said {words!r}, but:\n{self.said}")

    def page(self, name: str) -> str:
        with self.open(f"{name}.html") as answer:
            return answer.read().decode()

    def open(self, path: str) -> http.client.HTTPResponse:
        return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=60)


def test_an_edit_is_shown_a_fault_is_told_and_ctrl_c_ends_it(book):
    served = Served(book)
    try:
        served.wait_until_it_says("built in")
        assert "Nothing to see." in served.page("index")
        assert "EventSource" in served.page("book/second")
        for address in ("", "_static/book.css"):
            with served.open(address) as answer:
                assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError, match="404") as absent:
            served.page("book/absent")
        absent.value.close()
        written = book.executions()

        events = served.open("bookbuild-events")
        chapter = book.folder / "book" / "second.md"
        good = chapter.read_text()
        chapter.write_text(good + "\nA sentence more.\n")
        served.wait_until_it_says("built in")
        assert "A sentence more." in served.page("book/second")
        with events:
            assert any(events.readline() == b"data: new\n" for _ in range(999)), "it reloads"
        assert book.executions() == written

        chapter.write_text(good + "\nAnother one, and [](no-such-label).\n")
        served.wait_until_it_says("the last good pages are still shown")
        assert f"{chapter}:" in served.said and "no-such-label" in served.said
        assert "A sentence more." in served.page("book/second")

        chapter.write_text(good + "\nThat one is mended.\n")
        served.wait_until_it_says("built in")
        assert "That one is mended." in served.page("book/second")
        assert "A sentence more." not in served.page("book/second")
        assert book.executions() == written
    finally:
        served.process.send_signal(signal.SIGINT)
    assert served.process.wait(timeout=60) == 0
    with served.process.stdout as stdout:
        assert stdout.read() == "\nbookbuild: the book is no longer shown\n"
    with pytest.raises(OSError):
        served.open("")
    assert book.make() == 0, book.log
    assert "nothing has changed" in book.log, "and what was served last is the book as it is"


def test_a_port_in_use_is_told_in_a_sentence(book):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = book.start("-m", "bookbuild", "serve", "--port", port, program="python")
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said == (
        f"bookbuild: port {port}: Address already in use; choose another: make serve PORT=8001\n"
    )


def test_another_folder_is_told_in_a_sentence(book):
    (book.folder / "_toc.yml").unlink()
    assert book.make() == 2
    assert book.log == "bookbuild: there is no _toc.yml here: run this in the book's folder\n"
