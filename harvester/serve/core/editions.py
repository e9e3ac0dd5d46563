"""Keeps the engine on the current generation: notices a publication, opens it, lets the last one go."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable

from harvester.serve.core.engine import Edition, Engine
from harvester.serve.core.settings import ServeSettings
from harvester.store.generations import Catalogue, Generation
from harvester.workers.pool import Pool

TASKS_MODULE = "harvester.serve.tasks.table"
_LOOK_S = 1.0
_AGAIN_S = 5.0
_UNREADABLE = "what was published last cannot be opened"
_GONE = "the catalogue is gone from the disk"
_log = logging.getLogger(__name__)


class Editions:
    """Follows the catalogue for `engine`; `changed` is awaited after each move to a generation."""

    def __init__(
        self, settings: ServeSettings, engine: Engine, changed: Callable[[Generation], Awaitable[None]]
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._changed = changed
        self._catalogue = Catalogue(settings.store)
        self._watch: asyncio.Task[None] | None = None
        self._follow_up: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Serve what is current, and from now on whatever becomes so."""
        wait_s = await self._look()
        self._watch = asyncio.get_running_loop().create_task(self._watch_on(wait_s))

    async def stop(self) -> None:
        """End all that runs."""
        for task in (self._watch, self._follow_up, *self._retiring):
            if task:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        edition, self._engine.edition = self._engine.edition, None
        if edition:
            await edition.pool.close()

    async def _watch_on(self, wait_s: float) -> None:
        while True:
            await asyncio.sleep(wait_s)
            wait_s = await self._look()

    async def _look(self) -> float:
        """Move on if there is a new generation. Return after how many seconds to look again."""
        current, generation = self._engine.edition, None
        try:
            generation = await asyncio.to_thread(self._catalogue.current)
            if generation and (current is None or current.generation.id != generation.id):
                await self._move(generation)
        except Exception as error:  # noqa: BLE001  # whatever it is: what is served now goes on
            self._tell(f"{error}", _UNREADABLE)
            return _AGAIN_S if generation else _LOOK_S  # opening one costs processes
        if current and generation is None:
            self._tell(f"nothing is published in {self._settings.store} any more", _GONE)
        else:
            self._engine.trouble = ""
        return _LOOK_S

    def _tell(self, why: str, trouble: str) -> None:
        """Write into the log why the engine stays where it is: once, until it changes."""
        if self._engine.trouble != trouble:
            _log.error("%s", why)
        self._engine.trouble = trouble

    async def _move(self, generation: Generation) -> None:
        """Open a generation beside the current one, then switch. Raises StoreError, Refused."""
        await asyncio.to_thread(lambda: generation.manifest)
        pool = Pool(generation.path, self._settings.limits, TASKS_MODULE, self._engine.tally)
        await pool.start()
        last, self._engine.edition = self._engine.edition, Edition(generation, pool, self._settings.cache)
        if last:  # requests under way keep it, and the generation's folder, until they are done
            retiring = asyncio.get_running_loop().create_task(_retire(last.pool))
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)
        _log.info("serving generation %s", generation.id)
        if self._follow_up:
            self._follow_up.cancel()
        self._follow_up = asyncio.get_running_loop().create_task(self._follow(generation))

    async def _follow(self, generation: Generation) -> None:
        try:
            await self._changed(generation)
        except Exception:  # noqa: BLE001, RUF100  # the serving goes on without it
            _log.exception("after the move to generation %s", generation.id)


async def _retire(pool: Pool) -> None:
    """End the processes of a generation that is served no more, and forget all that was known of it.

    What errors remember of where they came from refers to it in circles, which Python notices late in a
    server that has little to do: so long the generation would stay on the disk, and its answers in memory.
    """
    await pool.close()
    gc.collect()
