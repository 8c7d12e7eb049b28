"""Which folders belong to the project that a program is part of."""

from __future__ import annotations

import os


class Project:
    """The folders from a program's up to its project's, nearest first, and those above them."""

    __slots__ = ("inside", "outside")

    def __init__(self, inside: list[str], outside: list[str]) -> None:
        self.inside = inside
        self.outside = outside


def project_of(folder: str) -> Project:
    """The project around a folder, given by its real path: the nearest folder with a `.git`.

    Without one, the nearest with a pyproject.toml or an omegac.toml; without either, the folder itself. Folders above
    the home folder, and folders of other users or that everybody can write, are no part of a project further down.
    """
    above = _with_above(folder)
    reachable = above[:1]
    for each in above[1:]:
        if reachable[-1] == os.path.realpath(os.path.expanduser("~")) or not _is_trusted(each):  # noqa: PTH111
            break
        reachable.append(each)
    tops = [_nearest(reachable, ".git"), _nearest(reachable, "pyproject.toml", "omegac.toml"), 1]
    inside = next(top for top in tops if top)
    return Project(above[:inside], above[inside:])


def _with_above(folder: str) -> list[str]:
    folders = [folder]
    while os.path.dirname(folders[-1]) != folders[-1]:  # noqa: PTH120
        folders.append(os.path.dirname(folders[-1]))  # noqa: PTH120
    return folders


def _nearest(folders: list[str], *names: str) -> int:
    """How many folders there are up to the first that holds one of the names; 0 when none does."""
    found = (
        count
        for count, folder in enumerate(folders, 1)
        if any(os.path.exists(os.path.join(folder, name)) for name in names)  # noqa: PTH110, PTH118
    )
    return next(found, 0)


def _is_trusted(folder: str) -> bool:
    status = os.stat(folder)  # noqa: PTH116
    return status.st_uid in (os.geteuid(), 0) and not status.st_mode & 0o002
