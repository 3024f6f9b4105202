"""./run on machines that lack things: it installs them where it may, else says what to type."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

TOOLS = (
    "sh",
    "dirname",
    "cat",
    "cksum",
    "head",
    "grep",
    "sed",
    "rm",
    "env",
    "mktemp",
    "mkdir",
    "cp",
    "true",
    "uname",
)
TEST_PACKAGES = "chromium fontconfig fonts-dejavu-core fonts-noto-core poppler-utils qpdf"
ALL_PACKAGES = f"{TEST_PACKAGES} python3 python3-venv"


class Machine:
    """A folder of programs that is all of PATH, and a checkout's files."""

    def __init__(self, folder: Path) -> None:
        self.programs, self.checkout = folder / "bin", folder / "checkout"
        self.log = folder / "log"
        self.programs.mkdir()
        self.checkout.mkdir()
        for name in TOOLS:
            found = shutil.which(name)
            assert found is not None
            (self.programs / name).symlink_to(found)
        for name in ("run", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / name, self.checkout / name)

    def add(self, name: str, script: str = "") -> None:
        path = self.programs / name
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "{name} $*" >>{self.log}\n{script}\n')
        path.chmod(0o755)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self.programs), **variables}
        return subprocess.run(
            ["./run", *arguments],
            cwd=self.checkout,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )

    def logged(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("shell", ["sh", "dash"])
def test_the_script_is_plain_shell(shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"no {shell} here")
    subprocess.run([program, "-n", ROOT / "run"], check=True)


def test_usage_is_told(machine: Machine) -> None:
    told = machine.run()
    assert told.returncode == 0
    assert "./run app" in told.stdout
    wrong = machine.run("dance")
    assert wrong.returncode == 2
    assert "./run test" in wrong.stderr
    assert wrong.stdout == ""


def test_without_rights_it_stops_with_one_line_to_type_for_everything(machine: Machine) -> None:
    machine.add("apt-get")
    machine.add("id", "echo 1000")
    stopped = machine.run("test")
    assert stopped.returncode == 1
    install = f"apt-get install -y --no-install-recommends {ALL_PACKAGES}"
    assert stopped.stderr.splitlines()[1:] == [f"    su -c 'apt-get update && {install}'"]
    machine.add("sudo", "exit 1")
    stopped = machine.run("test")
    assert stopped.stderr.splitlines()[1:] == [f"    sudo apt-get update && sudo {install}"]
    assert not any(call.startswith("apt-get") for call in machine.logged())


def test_the_app_asks_for_no_package_of_the_tests(machine: Machine) -> None:
    machine.add("apt-get")
    machine.add("id", "echo 1000")
    assert "--no-install-recommends python3 python3-venv'\n" in machine.run("app").stderr


def test_after_the_line_was_typed_nothing_more_is_asked_for(machine: Machine) -> None:
    machine.add("apt-get")
    machine.add("id", "echo 1000")
    for name in ("chromium", "pdftotext", "qpdf"):
        machine.add(name)
    machine.add("fc-list", "echo 'DejaVu Sans'")
    stub_environment(machine)
    (machine.checkout / ".venv/bin").mkdir(parents=True)
    (machine.checkout / ".venv/bin/lint-imports").symlink_to(machine.programs / "qpdf")
    ran = machine.run("test")
    assert ran.returncode == 0, ran.stderr
    assert not any(call.startswith("apt-get") for call in machine.logged())


def test_without_apt_it_names_the_packages(machine: Machine) -> None:
    stopped = machine.run("test")
    assert stopped.returncode == 1
    assert TEST_PACKAGES in stopped.stderr


def test_root_gets_what_is_missing_installed(machine: Machine) -> None:
    machine.add("id", "echo 0")
    machine.add("apt-get")
    stopped = machine.run("test")
    calls = [call for call in machine.logged() if call.startswith("apt-get")]
    assert calls[0] == "apt-get update -qq"
    assert calls[1:] == [f"apt-get install -y -qq --no-install-recommends {ALL_PACKAGES}"]
    # Then Python is looked for, and this machine still has none.
    assert stopped.returncode == 1
    assert "Install Python 3.11, 3.12 or 3.13" in stopped.stderr


def test_a_password_free_sudo_is_used(machine: Machine) -> None:
    machine.add("id", "echo 1000")
    machine.add("apt-get")
    machine.add("sudo", 'shift; exec "$@"')
    machine.run("test")
    assert f"apt-get install -y -qq --no-install-recommends {ALL_PACKAGES}" in machine.logged()


def test_what_is_there_is_not_installed_again(machine: Machine) -> None:
    machine.add("id", "echo 1000")
    machine.add("apt-get")
    for name in ("chromium", "pdftotext"):
        machine.add(name)
    machine.add("fc-list", "echo 'DejaVu Sans'")
    stopped = machine.run("test")
    assert "--no-install-recommends qpdf python3 python3-venv'\n" in stopped.stderr


def test_the_library_that_drives_the_browser_is_asked_for_where_debian_lacks_it(
    machine: Machine,
) -> None:
    machine.add("id", "echo 1000")
    machine.add("apt-get")
    machine.add("dpkg-query", "exit 1")
    assert f"{TEST_PACKAGES} libatomic1 python3" in machine.run("test").stderr
    machine.add("dpkg-query")
    assert "libatomic1" not in machine.run("test").stderr


def test_a_failing_apt_is_not_passed_over(machine: Machine) -> None:
    machine.add("id", "echo 0")
    machine.add("apt-get", "exit 100")
    stopped = machine.run("test")
    assert stopped.returncode == 1
    assert "apt could not install" in stopped.stderr


def test_an_old_python_is_passed_over_and_debians_venv_is_added(machine: Machine) -> None:
    machine.add("id", "echo 1000")
    machine.add("apt-get")
    machine.add("python3", "exit 1")
    is_new = 'case "$*" in *ensurepip*) exit 1;; *%d.%d*) echo python3.12;; esac'
    machine.add("python3.12", is_new)
    stopped = machine.run("app")
    assert "python3.12 cannot make an environment" in stopped.stderr
    assert "install -y --no-install-recommends python3.12-venv'" in stopped.stderr


def test_checks_can_be_asked_for_one_by_one(machine: Machine) -> None:
    machine.add("id", "echo 1000")
    for name in ("chromium", "pdftotext", "qpdf"):
        machine.add(name)
    machine.add("fc-list", "echo 'DejaVu Sans'")
    stub_environment(machine)
    assert machine.run("check", "types", "lint").returncode == 0
    asked = [call for call in machine.logged() if " -m " in call and " pip " not in call]
    assert asked[-2:] == [
        "venv-python -m mypy --no-error-summary --num-workers 2",
        "venv-python -m ruff check --quiet .",
    ]
    wrong = machine.run("check", "taste")
    assert wrong.returncode == 1
    assert "format lint types imports dependencies" in wrong.stderr


def test_the_site_is_built_with_warnings_as_errors_or_shown(machine: Machine) -> None:
    machine.add("id", "echo 1000")
    for name in ("chromium", "pdftotext", "qpdf"):
        machine.add(name)
    machine.add("fc-list", "echo 'DejaVu Sans'")
    stub_environment(machine)
    machine.run("docs")
    assert machine.logged()[-1] == "venv-python -m mkdocs build --strict"
    machine.run("docs", "--serve", "--dev-addr", "127.0.0.1:8600")
    asked = "venv-python -m mkdocs serve --strict --dev-addr 127.0.0.1:8600"
    assert machine.logged()[-1] == asked


def stub_environment(machine: Machine) -> None:
    """Give a Python whose environments log what pip and Streamlit are asked for."""
    machine.add("venv-python")
    make = f"""case "$*" in
*venv\\ --clear*)
    mkdir -p .venv/bin
    cp {machine.programs}/venv-python .venv/bin/python
    printf '%s\\n' "$PWD/.venv/bin/python" >.venv/bin/pip
    ;;
esac"""
    machine.add("python3", make)


def test_the_app_starts_and_the_second_time_nothing_is_installed(machine: Machine) -> None:
    stub_environment(machine)
    assert machine.run("app", "--server.port", "8600").returncode == 0
    first = machine.logged()
    installs = [call for call in first if "pip" in call and "install" in call]
    assert len(installs) == 2
    assert installs[0].endswith("--require-hashes --requirement requirements.txt")
    # The project itself has no hash: whatever it needs is there, and nothing more is fetched.
    assert installs[1].endswith("--no-deps --no-index --no-build-isolation --editable .")
    assert first[-1] == "venv-python -m welcomemap.pages app.py --server.port 8600"

    machine.log.unlink()
    machine.run("app")
    assert machine.logged() == ["venv-python -m welcomemap.pages app.py"]

    machine.log.unlink()
    machine.run("app", DISPLAY=":0")
    assert machine.logged() == ["venv-python -m welcomemap.pages app.py --server.headless=false"]

    machine.log.unlink()
    with (machine.checkout / "requirements.txt").open("a") as pins:
        pins.write("# changed\n")
    machine.run("app")
    assert any("install" in call for call in machine.logged())


@pytest.mark.parametrize("script", ["tests/bare.sh", "tests/elsewhere.sh"])
def test_the_long_jobs_are_plain_shell_and_say_how_they_are_called(script: str) -> None:
    subprocess.run(["sh", "-n", ROOT / script], check=True)
    called = subprocess.run(
        ["sh", ROOT / script], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert called.returncode != 0
    assert "usage: " in called.stderr


def test_everything_runs_whatever_fails_and_fails_at_the_end(machine: Machine) -> None:
    machine.add("id", "echo 1000")
    for name in ("chromium", "pdftotext", "qpdf"):
        machine.add(name)
    machine.add("fc-list", "echo 'DejaVu Sans'")
    stub_environment(machine)
    (machine.checkout / "tests").mkdir()
    (machine.programs / "sh").unlink()
    machine.add("sh", "exit 1")
    ran = machine.run("test", "--all")
    asked = [call.split()[1:] for call in machine.logged() if call.startswith("sh ")]
    assert ["tests/bare.sh", "trixie", "root"] in asked
    assert ["tests/bare.sh", "bookworm", "resident"] in asked
    assert ran.returncode == 1
    assert "bare_bookworm_resident bare_trixie_root" in ran.stderr
