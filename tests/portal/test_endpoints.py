"""docs/endpoints.md has a row for each path of the portal's API, and says of it what the code does."""

from pathlib import Path

import pytest

from harvester.enrich.surfaces import SURFACES
from harvester.harvest.code_lists import PORTAL_LISTS

TEXT = (Path(__file__).parents[2] / "docs" / "endpoints.md").read_text(encoding="utf-8")
RECORDED = Path(__file__).parents[1] / "data" / "udata-17.18" / "api-paths.txt"
REUSE_LISTS = {f"/api/1/reuses/{name}/" for name in ("types", "topics", "badges")}
SURFACE, PATH = 0, 0  # columns


def table(title: str) -> list[list[str]]:
    lines = [line for line in TEXT.split(title, 1)[1].split("\n\n")[1].splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines[2:]]


ROWS = [*table("\n## Version 1"), *table("\n## Version 2")]


def test_each_path_of_the_api_has_one_row():
    """The reference of udata 17.18 lists 178 paths of version 1 and 23 of version 2."""
    listed = [line.rsplit(" ", 1) for line in RECORDED.read_text(encoding="utf-8").splitlines()]

    assert len(listed) == 178 + 23
    assert [[path, methods] for path, methods, *_ in ROWS] == [[path, methods] for methods, path in listed]


def test_only_what_can_be_asked_is_read():
    """The harvester writes nothing."""
    assert {does for _, _, does, _ in ROWS} == {"read", "code list", "no"}
    assert all("GET" in methods.split() for _, methods, does, _ in ROWS if does != "no")


def test_what_is_not_read_has_a_reason():
    """Each `no` says why; what can be asked for is not left out because it writes."""
    assert [path for path, _, does, why in ROWS if does == "no" and not why] == []
    assert [path for path, methods, _, why in ROWS if why == "writes" and "GET" in methods.split()] == []


def test_the_code_lists_are_those_of_the_code():
    """A list that the harvester takes up is taken up in the table."""
    assert {path for path, _, does, _ in ROWS if does == "code list"} == REUSE_LISTS | {
        f"/api/1/{path}" for path in PORTAL_LISTS
    }


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)
def test_each_surface_has_its_row_in_both_tables(surface):
    """Name, list, default; and the list is read for it."""
    (row,) = [row for row in table("unless `--surfaces` says otherwise") if row[SURFACE] == surface.name]
    path = f"/api/{surface.path}" if surface.path else ""

    assert row[1] == path
    assert row[2] == ("on" if surface.default else "off")
    if path:
        (of_path,) = [row for row in ROWS if row[PATH] == path]
        assert of_path[2] == "read"
        assert f"surface {surface.name}" in of_path[3]


@pytest.mark.parametrize("word", ["/me/", "/users/", "/transfer/", "/notifications/", "/workers/"])
def test_what_is_private_is_not_touched(word):
    """Whatever else is read of a portal."""
    rows = [row for row in ROWS if word in row[PATH]]

    assert rows
    assert {does for _, _, does, _ in rows} == {"no"}
