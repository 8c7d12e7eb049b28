"""`omegac init`."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from string import Template

import click

from omegac.cli.failures import fail
from omegac.modules.linking import elsewhere
from omegac.names import module_name

# The files of a new project, by the templates that they are made of.
_FILES = {
    "README.md": "README.md",
    "pyproject.toml": "pyproject.toml",
    "gitignore": ".gitignore",
    "pre-commit-config.yaml": ".pre-commit-config.yaml",
    "program.omega": "$module.omega",
    "main.omega": "main.omega",
    "test_program": "tests/test_$module.py",
}


@click.command("init")
@click.argument("name")
def command(name: str) -> None:
    """Make a small project in the folder NAME: a program with a budget, and tests that need no key and no network."""
    folder = Path(name)
    module = module_name(folder.name)
    if not re.fullmatch(r"[A-Za-z][\w-]*", folder.name, re.ASCII) or module in ("main", "tests"):
        fail(f"{folder.name} cannot be the name of a Python module; take a word of letters, digits and - or _")
    if elsewhere(module, str(folder)) is not None:
        fail(f"Python has a module {module} already, which would be imported instead; take another name")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            fail(f"{name} is there already, and not empty; take another name")
        for template, path in _FILES.items():
            text = files("omegac.cli").joinpath("project", template).read_text(encoding="utf-8")
            file = folder / Template(path).substitute(module=module)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(Template(text).substitute(name=folder.name, module=module), encoding="utf-8")
    except OSError as error:
        fail(f"cannot write {error.filename}: {error.strerror}")
    click.echo(f"{name} is made. Go on with:\n\n    cd {name}\n    python -m pytest")
    click.echo("    omegac run main.omega README.md --model offline --budget 1000 --report")
