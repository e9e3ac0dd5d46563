"""Nothing that the portal says is lost without a word: each key is mapped, or left out for a reason."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from harvester.enrich.shape import Role, Shape
from harvester.enrich.surfaces import BY_MAPPING
from tests.enrich.documents import documents
from tests.enrich.support import MAPPINGS, SHIPPED

LEFT_OUT: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (SHIPPED / "left-out.yaml").read_text(encoding="utf-8")
)
DOCUMENT = Path(__file__).parents[2] / "docs" / "mapping-api.md"
WHOLE = (Role.GEOMETRY, Role.UNLIFTED)


def recorded_keys(value: object, path: str = "") -> Iterator[str]:
    """Yield the path of each key in a document, `organization.badges.kind` for one."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            for key, inner in item.items():
                yield path + key
                yield from recorded_keys(inner, f"{path}{key}.")


def mapped_keys(shape: Shape, path: str = "") -> dict[str, bool]:
    """Return the path of each key that a context names: true if all that hangs from it is mapped with it."""
    found: dict[str, bool] = {}
    for term_key, term in shape.terms.items():
        key, _, class_ = term_key.partition(".")
        found[path + key] = term.role in WHOLE
        if class_:
            found[f"{path}{key}.class"] = True
        if term.shape:
            found.update(mapped_keys(term.shape, f"{path}{key}."))
    return found


def above(path: str) -> list[str]:
    """Return a path and those that lead to it.

    >>> above("a.b.c")
    ['a.b.c', 'a.b', 'a']
    """
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def reasons(path: str, listed: set[str], mapped: dict[str, bool]) -> set[str]:
    """Return the entries of the list by which a key is left out."""
    found = set()
    for each in above(path):
        wild = each.rpartition(".")[0] + ".*"
        if each in listed:
            found.add(each)
        elif wild in listed and each not in mapped:
            found.add(wild)
    return found


def listed_keys(name: str) -> list[str]:
    return [key for keys in LEFT_OUT.get(name, {}).values() for key in keys]


@pytest.mark.parametrize("name", BY_MAPPING)
def test_each_key_is_mapped_or_left_out_for_a_reason(name):
    """A key that the portal adds fails here once its answers are recorded anew."""
    mapped = mapped_keys(MAPPINGS.documents[name].shape)
    listed = set(listed_keys(name))

    lost = {
        path
        for document in documents(name)
        for path in recorded_keys(document)
        if path not in mapped
        and not any(mapped.get(each) for each in above(path))
        and not reasons(path, listed, mapped)
    }

    assert lost == set()


@pytest.mark.parametrize("name", BY_MAPPING)
def test_no_key_is_both_mapped_and_left_out(name):
    """An entry that is out of date would be a lie to whoever reads the list."""
    mapped = mapped_keys(MAPPINGS.documents[name].shape)

    assert [key for key in listed_keys(name) if key in mapped] == []


@pytest.mark.parametrize("name", BY_MAPPING)
def test_each_key_that_is_left_out_occurs(name):
    """A key that the portal gave up leaves the list; none stands in it twice."""
    mapped = mapped_keys(MAPPINGS.documents[name].shape)
    listed = listed_keys(name)
    used = {
        entry
        for document in documents(name)
        for path in recorded_keys(document)
        if path not in mapped
        for entry in reasons(path, set(listed), mapped)
    }

    assert sorted(listed) == sorted(used)


def test_only_mappings_stand_in_the_list():
    """A misspelt name would hide what is left out."""
    assert set(LEFT_OUT) <= set(BY_MAPPING)


def section(name: str) -> list[list[str]]:
    """Return the rows of the tables of one mapping in docs/mapping-api.md."""
    text = DOCUMENT.read_text(encoding="utf-8").split(f"\n## {name}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


def documented(name: str) -> tuple[set[str], dict[str, str]]:
    """Return the keys that a mapping's first table has, and those of its second with the reasons."""
    rows = [(re.findall(r"`([^`]+)`", row[0]), row[1]) for row in section(name)]
    left = {key: why for keys, why in rows if why in LEFT_OUT[name] for key in keys}
    return {key for keys, why in rows if why not in LEFT_OUT[name] for key in keys}, left


@pytest.mark.parametrize("name", sorted(set(BY_MAPPING) - {"reuse"}))
def test_the_tables_of_the_docs_have_each_key(name):
    """What a reader sees is what is done: keys of agents apart, who are described elsewhere."""
    mapped = mapped_keys(MAPPINGS.documents[name].shape)
    containers = {path.rpartition(".")[0] for path in mapped}
    expected = {
        path
        for path in mapped
        if not path.endswith((".id", ".class"))
        and path.split(".")[0] not in {"organization", "owner", "user"}
    } - (containers - {"dataset", "datasets", "reuses", "parent", "subject"})

    shown, left = documented(name)

    assert expected <= shown | {"id"}
    assert shown <= set(mapped)
    assert left == {key: why for why, keys in LEFT_OUT[name].items() for key in keys}
