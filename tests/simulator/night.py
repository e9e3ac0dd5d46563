"""A night in the life of a portal: what its people changed since the last, drawn from a seed."""

from dataclasses import dataclass
from random import Random

from tests.simulator.world import World


@dataclass(frozen=True, slots=True)
class Night:
    """How many datasets are added, deleted, edited, made private, archived, listed again; and reuses."""

    add: int = 0
    remove: int = 0
    edit: int = 0
    hide: int = 0
    archive: int = 0
    restore: int = 0
    add_reuses: int = 0
    remove_reuses: int = 0
    edit_reuses: int = 0

    def over(self, world: World, draw: Random) -> World:
        """Return the portal on the morning after. Nothing happens twice to one dataset, but an edit."""
        leaving = self.remove + self.hide + self.archive
        chosen = draw.sample(world.listed, min(leaving, len(world.listed)))
        staying = sorted(set(world.listed) - set(chosen))
        back = sorted(world.private | world.archived)
        reuses = draw.sample(world.listed_reuses, min(self.remove_reuses, len(world.listed_reuses)))
        kept = sorted(set(world.listed_reuses) - set(reuses))
        return world.evolved(
            add=self.add,
            remove=chosen[: self.remove],
            hide=chosen[self.remove : self.remove + self.hide],
            archive=chosen[self.remove + self.hide :],
            edit=draw.sample(staying, min(self.edit, len(staying))),
            restore=draw.sample(back, min(self.restore, len(back))),
            add_reuses=self.add_reuses,
            remove_reuses=reuses,
            edit_reuses=draw.sample(kept, min(self.edit_reuses, len(kept))),
        )
