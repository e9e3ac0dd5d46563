"""The dumps as a server has them: made in the background for each new generation; what there is meanwhile."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from harvester.export.dumps import FILES, Dump, find_dumps
from harvester.export.syntax import syntax_of
from harvester.formats import BY_NAME
from harvester.modules import same_modules
from harvester.serve.core.settings import ServeSettings
from harvester.serve.tasks import description
from harvester.store.generations import Generation

MEDIA_TYPE = "application/gzip"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How the dump of `generation` comes on: `doing` in words; if there will be none, `cause` and `fix`."""

    generation: str
    doing: str = "about to begin"
    cause: str = ""
    fix: str = ""


@dataclass
class Dumps:
    """The dumps of one server. Several servers of one catalogue may share a folder."""

    settings: ServeSettings
    progress: Progress | None = field(default=None, init=False)
    """None while nothing is being made, and nothing went wrong."""

    async def make(self, generation: Generation) -> None:
        """Make the dump of a generation, if the operator wants one; a failure is for the page to tell.

        It takes minutes. Made by another process, which is ended if this is cancelled.
        """
        if not self.settings.makes_dumps:
            return
        self.progress = Progress(generation.id)
        command = [
            sys.executable,
            "-m",
            "harvester.serve.core.dumping",
            str(generation.path),
            str(self._folder),
        ]
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env=same_modules(),
            start_new_session=True,  # Ctrl-C is for the server, which ends this when it is time
        )
        try:
            assert process.stdout is not None  # noqa: S101  # a pipe was asked for
            async for line in process.stdout:
                self.progress = Progress(generation.id, **{"doing": "", **json.loads(line)})
                if self.progress.cause:
                    self._failed(self.progress)
            status = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        self._ended(status)

    def current(self, generation: str | None) -> Dump | None:
        """Return the dump to offer while `generation` is served: its own, or else the newest there is."""
        found = find_dumps(self._folder)
        return next((dump for dump in found if dump.generation == generation), found[0] if found else None)

    def of(self, generation: str) -> Dump | None:
        """Return the dump of a generation, None if it is not there."""
        return next((dump for dump in find_dumps(self._folder) if dump.generation == generation), None)

    def described(self, url: Callable[[str], str]) -> list[description.Dump]:
        """Describe the files of the newest dump; `url` makes an absolute URL of a path."""
        dump = self.current(None)
        return [
            description.Dump(
                url(f"/dumps/{name}"), BY_NAME[syntax_of(name).format].media_type, MEDIA_TYPE, file.size
            )
            for name, file in (dump.files if dump else {}).items()
            if name in FILES
        ]

    @property
    def _folder(self) -> Path:
        return self.settings.dumps or self.settings.store / "dumps"

    def _ended(self, status: int) -> None:
        if status == 0:
            self.progress = None
        elif self.progress and not self.progress.cause:
            died = f"the process that made it ended with status {status}"
            self._failed(replace(self.progress, doing="", cause=died, fix="look into the server's log"))

    def _failed(self, progress: Progress) -> None:
        """Tell the log what happened, and the public as much as does not speak of our disk."""
        _log.error("no dump of %s: %s; try: %s", progress.generation, progress.cause, progress.fix)
        cause = progress.cause.replace(str(self._folder), "their folder")
        self.progress = replace(progress, cause=cause.replace(str(self.settings.store), "the catalogue"))
