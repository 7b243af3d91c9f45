"""Exercises: an unfilled one fails, its solution passes, and the page shows both."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from snippets._engine import run

DOCS = run.ROOT / "docs"
FOLDER = DOCS / "exercises"
SOLUTIONS = FOLDER / "solutions"
FILES = sorted(p for p in FOLDER.rglob("*.py") if SOLUTIONS not in p.parents)
SECTION = re.compile(r"# --8<-- \[start:(\w+)\]\n(.*?)# --8<-- \[end:\1\]\n", re.DOTALL)
RESULT = re.compile(r"^(PASSED|FAILED|ERROR) (\S+)::test_(\w+)(?:.*? - (\w+))?", re.MULTILINE)
TEST = re.compile(r"^def test_(\w+)", re.MULTILINE)


def place(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


def sections(path: Path) -> dict[str, str]:
    return dict(SECTION.findall(path.read_text(encoding="utf-8")))


def filled(path: Path) -> str:
    """The exercises with the solutions in place of the stubs."""
    answers = sections(SOLUTIONS / place(path))
    return SECTION.sub(lambda m: answers[m[1]], path.read_text(encoding="utf-8"))


def outcomes(folder: Path, texts: dict[str, str]) -> dict[str, dict[str, set[str]]]:
    """What pytest says, as a reader runs it: file -> exercise -> outcomes, and why."""
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "--tb=no", "--import-mode=importlib", *texts]
    wide = os.environ | {"COLUMNS": "300"}  # whole lines
    done = subprocess.run(
        command, cwd=folder, env=wide, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found: dict[str, dict[str, set[str]]] = {name: {} for name in texts}
    for outcome, name, check, why in RESULT.findall(done.stdout):
        exercise = exercise_of(check, sections(FOLDER / name))
        found[name].setdefault(exercise, set()).add(f"{outcome} {why}".rstrip())
    return found


@pytest.fixture(scope="module")
def unfilled_outcomes(tmp_path_factory) -> dict[str, dict[str, set[str]]]:
    folder = tmp_path_factory.mktemp("unfilled")
    return outcomes(folder, {place(p): p.read_text(encoding="utf-8") for p in FILES})


@pytest.fixture(scope="module")
def solved_outcomes(tmp_path_factory) -> dict[str, dict[str, set[str]]]:
    return outcomes(tmp_path_factory.mktemp("solved"), {place(p): filled(p) for p in FILES})


def exercise_of(test: str, names: dict[str, str]) -> str:
    """`test_push` and `test_push_of_two` belong to the exercise `push`: the longest name counts."""
    return max((n for n in names if test == n or test.startswith(f"{n}_")), key=len)


@pytest.mark.parametrize("path", FILES, ids=place)
def test_each_exercise_has_a_solution_and_a_check(path):
    names = sections(path)
    assert 2 <= len(names) <= 5
    assert names.keys() == sections(SOLUTIONS / place(path)).keys()
    assert {exercise_of(t, names) for t in TEST.findall(path.read_text())} == names.keys()


@pytest.mark.parametrize("path", FILES, ids=place)
def test_solutions_pass(path, solved_outcomes):
    assert solved_outcomes[place(path)] == {name: {"PASSED"} for name in sections(path)}


@pytest.mark.parametrize("path", FILES, ids=place)
def test_unfilled_exercises_fail(path, unfilled_outcomes):
    """As they are downloaded, not one check of any exercise passes. What is to be repaired runs."""
    why = {
        name: "NotImplementedError" if "NotImplementedError" in text else "assert"
        for name, text in sections(path).items()
    }
    assert unfilled_outcomes[place(path)] == {name: {f"FAILED {w}"} for name, w in why.items()}


@pytest.mark.parametrize("path", FILES, ids=place)
def test_the_page_shows_exercise_solution_and_file(path):
    """The page of the same name includes every stub and every solution, and links the file."""
    page = (DOCS / place(path)).with_suffix(".md").read_text(encoding="utf-8")
    assert "## Exercises { #exercises }" in page
    for folder in ("docs/exercises", "docs/exercises/solutions"):
        for name in sections(path):
            assert f'--8<-- "{folder}/{place(path)}:{name}"' in page, name
    assert re.search(rf"\]\([./]*exercises/{place(path)}\){{ *download *}}", page)
