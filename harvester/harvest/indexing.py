"""The search index of what a run publishes: an extra, whose failure costs nothing else."""

from harvester.errors import StoreError
from harvester.harvest.run import Run
from harvester.model import Category, Problem
from harvester.search.building import build
from harvester.search.layout import NoIndex, read_note
from harvester.store.generation import SEARCH, Generation
from harvester.store.local import remove_tree
from harvester.store.stage import Stage

STAGE = "search index"


def take_over(stage: Stage, base: Generation | None) -> bool:
    """Tell whether the last generation's search index came along; one that is not its own is removed."""
    folder = stage.path / SEARCH
    try:
        if base is not None and read_note(folder) == base.manifest.run:
            return True
    except NoIndex:
        pass
    remove_tree(folder)
    return False


def index(run: Run, stage: Stage) -> None:
    """Make the search index say what the staged store says; without one if that cannot be done."""
    folder = stage.path / SEARCH

    def tell(done: int) -> None:
        run.tell(STAGE, done, None, "records")

    anew = run.intake.fresh or run.report.new_rules
    affected = None if anew else run.intake.material.affected()
    try:
        build(stage.store, folder, run.report.run_id, affected, tell)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  # a library that gives up raises no Exception
        remove_tree(folder)
        cause, fix = (
            (error.cause, error.fix) if isinstance(error, StoreError) else (str(error), "report this")
        )
        run.report.notes.append(f"there is no search: {cause}")
        problem = Problem(Category.INCOMPLETE, run.report.url, "no search index was made", cause, fix)
        run.report.add_problems([problem])
