"""Running the modules of a program before the program, so that its imports find them.

Python's own search isn't asked: the folder of a program isn't on Python's path, as a file there could then take the
place of a module that the run time needs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib.machinery import PathFinder
from types import ModuleType

from omega_runtime.world.permissions import check_python

from omegac.modules.finding import PACKAGE, SUFFIXES, Found, is_file, place_of
from omegac.modules.loading import Loaded, Modules, Unavailable


def check_names(requires: Iterable[Loaded]) -> None:
    """Raise Unavailable when a module of the program has the name of one that Python has elsewhere."""
    for each in requires:
        top = each.module.partition(".")[0]
        origin = elsewhere(top, place_of(each.path, each.module).root)
        if origin is not None and not each.is_python:
            raise Unavailable(
                f"{each.path} is the Python module {each.module}, but {top} is one of Python's already: {origin}",
                "call it by another name",
            )


def elsewhere(top: str, root: str) -> str | None:
    """Where Python has a module of that name, other than below a folder."""
    if top in sys.stdlib_module_names:
        return "its own library"
    found = PathFinder.find_spec(top)
    origin = found.origin if found else None
    return None if origin is None or os.path.realpath(origin).startswith(os.path.realpath(root) + os.sep) else origin


def link(requires: Iterable[Loaded], modules: Modules) -> None:
    """Run modules that aren't there yet, each after what it imports and the package around it."""
    for each in requires:
        if each.module in sys.modules or each.is_python:
            continue
        _link_packages(each, modules)
        link(each.requires, modules)
        if each.module not in sys.modules:
            _run(each, Found(each.module, each.path))


def _link_packages(loaded: Loaded, modules: Modules) -> None:
    """The packages around a module; one that only holds modules is made up."""
    place = place_of(loaded.path, loaded.module)
    names = loaded.module.split(".")[:-1]
    for count in range(1, len(names) + 1):
        name, folder = ".".join(names[:count]), os.path.join(place.root, *names[:count])  # noqa: PTH118
        if name in sys.modules:
            continue
        initial = os.path.join(folder, PACKAGE)  # noqa: PTH118
        source = next((initial + suffix for suffix in SUFFIXES if is_file(initial + suffix)), None)
        if source is not None:
            link([modules.load(Found(name, source))], modules)
            continue
        package = ModuleType(name)
        package.__path__ = [folder]
        sys.modules[name] = package
        if is_file(initial + ".py") and os.path.getsize(initial + ".py"):  # noqa: PTH202
            check_python(name)
            package.__file__ = initial + ".py"
            with open(package.__file__, "rb") as file:  # noqa: PTH123
                exec(compile(file.read(), package.__file__, "exec", dont_inherit=True), vars(package))  # noqa: S102


def _run(loaded: Loaded, found: Found) -> None:
    module = ModuleType(loaded.module)
    module.__file__ = loaded.path
    module.__package__ = loaded.module.rpartition(".")[0]
    if os.path.basename(found.path).startswith(PACKAGE + "."):  # noqa: PTH119
        module.__package__ = loaded.module
        module.__path__ = [os.path.dirname(found.path)]  # noqa: PTH120
    sys.modules[loaded.module] = module
    try:
        exec(loaded.code, vars(module))  # noqa: S102 - compiled from the program's own files
    except BaseException:
        del sys.modules[loaded.module]
        raise
    parent, _, name = loaded.module.rpartition(".")
    if parent:
        setattr(sys.modules[parent], name, module)
