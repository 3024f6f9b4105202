"""What a forge reads is what its schemas allow, and says what the project says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.house.checkout import ROOT
from tests.house.locks import PYTHONS
from welcomemap.serving import HEALTH_PATH

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FORGE = ROOT / ".github"
FORMS = sorted(path for path in (FORGE / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
SCHEMAS = {
    "github-workflows": sorted((FORGE / "workflows").glob("*.yml")),
    "dependabot": [FORGE / "dependabot.yml"],
    "github-issue-forms": FORMS,
    "github-issue-config": [FORGE / "ISSUE_TEMPLATE" / "config.yml"],
    "citation-file-format": [ROOT / "CITATION.cff"],
}
STEPS = ("format", "lint", "types", "imports", "dependencies")


def read(*parts: str) -> Any:
    return yaml.safe_load(ROOT.joinpath(*parts).read_text("utf-8"))


def validate(schema: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    """Hold files against a schema that the package carries: no host is asked."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    return subprocess.run([*command, *paths], check=False, capture_output=True, text=True)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_schema_allows_each_file(schema: str) -> None:
    assert SCHEMAS[schema] != []
    done = validate(schema, *SCHEMAS[schema])
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_schema_refuses_what_is_wrong(tmp_path: Path) -> None:
    wrong = tmp_path / "test.yml"
    wrong.write_text("on: push\njobs:\n  test:\n    runs-on: x\n    step: []\n")
    assert "step" in validate("github-workflows", wrong).stdout


def steps_of(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def test_the_workflow_runs_the_suite_on_every_python_that_is_supported() -> None:
    jobs = read(".github", "workflows", "test.yml")["jobs"]
    assert tuple(jobs["test"]["strategy"]["matrix"]["python"]) == PYTHONS
    assert steps_of(jobs["test"]) == ["./run test"]
    assert jobs["test"]["runs-on"].startswith("ubuntu-")


def test_the_workflow_installs_and_serves_on_windows_and_macos() -> None:
    job = read(".github", "workflows", "test.yml")["jobs"]["install"]
    systems = [name.split("-")[0] for name in job["strategy"]["matrix"]["system"]]
    assert sorted(systems) == ["macos", "windows"]
    asked = steps_of(job)
    assert asked[-3:] == [
        "welcomemap --version", "welcomemap gaps --json", "python .ci/ask_server.py",
    ]  # fmt: skip
    assert f'"{HEALTH_PATH}"' in (ROOT / ".ci" / "ask_server.py").read_text("utf-8")


@pytest.mark.parametrize("path", SCHEMAS["github-workflows"], ids=lambda path: path.name)
def test_actions_are_pinned_and_may_only_read(path: Path) -> None:
    workflow = read(*path.relative_to(ROOT).parts)
    assert workflow["permissions"] == {"contents": "read"}
    lines = re.findall(r"uses: (.*)", path.read_text("utf-8"))
    assert lines != []
    assert [x for x in lines if not re.fullmatch(r"\S+@[0-9a-f]{40} # v\d+\.\d+\.\d+", x)] == []
    systems = [job["runs-on"] for job in workflow["jobs"].values()]
    assert not any("latest" in system for system in systems)


def test_the_citation_says_what_the_project_says() -> None:
    citation = read("CITATION.cff")
    assert citation["title"] == PROJECT["name"]
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert citation["keywords"] == PROJECT["keywords"]
    assert citation["abstract"].startswith(PROJECT["description"])
    assert citation["authors"] == [{"name": "The welcomemap developers"}]


def test_an_issue_form_asks_for_no_persons_address() -> None:
    assert len(FORMS) >= 3
    ids = [x.get("id", "") for form in FORMS for x in read(*form.relative_to(ROOT).parts)["body"]]
    assert not {"email", "name", "contact"} & set(ids)
    assert "leave out addresses" in (FORGE / "ISSUE_TEMPLATE" / "fault.yml").read_text("utf-8")


def test_hooks_before_a_commit_are_steps_of_run_check_and_nothing_else() -> None:
    repositories = read(".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    hooks = [hook for repository in repositories for hook in repository["hooks"]]
    assert [hook["entry"] for hook in hooks] == [f"./run check {step}" for step in STEPS]
    assert {(hook["language"], hook["pass_filenames"]) for hook in hooks} == {("system", False)}
    named = re.search(r"\|\| set -- ([a-z ]+)\n", (ROOT / "run").read_text("utf-8"))
    assert named is not None
    assert tuple(named[1].split()) == STEPS


def test_the_program_that_runs_the_hooks_accepts_their_configuration(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"],
        cwd=ROOT, check=False, capture_output=True, text=True,
        env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
