"""Builds the C accelerator where a compiler and Python's headers are; otherwise the package is pure Python.

`OMEGAC_PURE=1` in the environment asks for the pure package.
"""

from __future__ import annotations

import os
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "omega_runtime._speed"
SOURCES = "runtime/speed"


class AcceleratorHook(BuildHookInterface[Any]):
    """Puts the accelerator into the wheel; into the folder of the sources for an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See hatchling."""
        if os.environ.get("OMEGAC_PURE") or sysconfig.get_config_var("Py_GIL_DISABLED"):
            return
        is_editable = version == "editable"
        folder = str(Path(self.root, "runtime")) if is_editable else tempfile.mkdtemp()
        try:
            library = self._build(folder)
        except Exception as error:  # whatever is missing, the package works without
            self.app.display_warning(f"no accelerator, as it could not be built: {error}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        if not is_editable:
            build_data["force_include"][str(library)] = f"omega_runtime/{library.name}"

    def _build(self, folder: str) -> Path:
        from setuptools import Distribution, Extension

        root = Path(self.root)
        extension = Extension(
            NAME,
            sorted(str(path) for path in Path(root, SOURCES).glob("*.c")),
            depends=sorted(str(path) for path in Path(root, SOURCES).glob("*.h")),
        )
        command = Distribution({"ext_modules": [extension]}).get_command_obj("build_ext")
        with tempfile.TemporaryDirectory() as objects:
            command.build_lib, command.build_temp, command.force = folder, objects, True
            command.ensure_finalized()
            command.run()
        return Path(command.get_ext_fullpath(NAME))
