"""The package of docs/PACKAGING.md: built into a wheel, installed into an environment of its own, and used there."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.command import environment

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "PACKAGING.md").read_text()
SOURCES = re.findall(r"```lisp\n(.*?)```", PAGE, re.DOTALL)
PROGRAMS = {match[1]: match[0] for match in re.findall(r"```python\n(# (\w+\.py).*?)```", PAGE, re.DOTALL)}


def run(*command: str | Path, cwd: Path, status: int = 0) -> str:
    """What a command prints, on both streams, without the sources of this project in its way."""
    variables = {name: text for name, text in environment().items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=variables, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The page's files, in a repository that ignores what is compiled."""
    project = tmp_path / "project"
    package = project / "src" / "tides"
    package.mkdir(parents=True)
    for name, text in zip(("words.omega", "summaries.omega"), SOURCES, strict=True):
        (package / name).write_text(text)
    for name in ("__init__.py", "py.typed"):
        (package / name).write_text("")
    (settings,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (project / "pyproject.toml").write_text(settings)
    (project / "hatch_build.py").write_text(PROGRAMS["hatch_build.py"])
    (project / ".gitignore").write_text("src/tides/*.py\nsrc/tides/*.pyi\n!src/tides/__init__.py\n")
    (project / ".git").mkdir()
    return project


def wheel_of(project: Path) -> Path:
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", ".", cwd=project)
    (wheel,) = (project / "dist").glob("*.whl")
    return wheel


def installed(wheel: Path, folder: Path) -> Path:
    """The Python of a fresh environment with the wheel, and with what this one has besides."""
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder.parent)
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder.parent)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(python, "-c", code, cwd=folder.parent).strip())
    others = [sysconfig.get_path("purelib"), str(ROOT), str(ROOT / "runtime")]
    (packages / "others.pth").write_text("\n".join(others))
    return python


def use(python: Path, folder: Path) -> str:
    offline = 'import omega_runtime\nomega_runtime.configure(model="offline")\n'
    (folder / "use.py").write_text(offline + PROGRAMS["use.py"])
    return run(python, "use.py", cwd=folder)


def test_compiled_modules_are_in_the_wheel_and_run(project: Path, tmp_path: Path) -> None:
    wheel = wheel_of(project)
    assert wheel.name == "tides-1.0-py3-none-any.whl"
    names = {name.removeprefix("tides/") for name in zipfile.ZipFile(wheel).namelist() if name.startswith("tides/")}
    modules = {f"{name}{end}" for name in ("words", "summaries") for end in (".omega", ".py", ".pyi")}
    assert names == {"__init__.py", "py.typed", *modules}
    python = installed(wheel, tmp_path / "fresh")
    assert re.search(r"\n\d+ tokens\n$", use(python, tmp_path))
    code = "import sys, tides.summaries as s; print(s.__file__, s.__omega_source__, 'omegac.importer' in sys.modules)"
    file, source, has_importer = run(python, "-c", code, cwd=tmp_path).split()
    assert file.startswith(str(tmp_path / "fresh"))
    assert (Path(file).name, source, has_importer) == ("summaries.py", "summaries.omega", "False")


def test_type_checkers_know_the_module(project: Path, tmp_path: Path) -> None:
    python = installed(wheel_of(project), tmp_path / "fresh")
    (tmp_path / "typed.py").write_text("from tides.summaries import summarize\nsummarize(1, 2)\n")
    told = run(sys.executable, "-m", "mypy", "--python-executable", python, "typed.py", cwd=tmp_path, status=1)
    assert 'Too many arguments for "summarize"' in told


def test_what_does_not_compile_ends_the_build(project: Path) -> None:
    (project / "src" / "tides" / "words.omega").write_text("(define (request text) (unheard-of text))")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    told = run(*pip, "wheel", "--no-deps", "--no-build-isolation", ".", cwd=project, status=1)
    assert "unbound variable: unheard-of" in told


def test_sources_alone_are_enough(project: Path, tmp_path: Path) -> None:
    (project / "hatch_build.py").unlink()
    settings = (project / "pyproject.toml").read_text().replace("[tool.hatch.build.targets.wheel.hooks.custom]\n", "")
    (project / "pyproject.toml").write_text(settings)
    (project / "src" / "tides" / "__init__.py").write_text(PROGRAMS["__init__.py"])
    wheel = wheel_of(project)
    assert not any(name.endswith("summaries.py") for name in zipfile.ZipFile(wheel).namelist())
    assert re.search(r"\n\d+ tokens\n$", use(installed(wheel, tmp_path / "fresh"), tmp_path))
