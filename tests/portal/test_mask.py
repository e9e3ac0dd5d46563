"""X-Fields masks: two in one."""

from hypothesis import given
from hypothesis import strategies as st

from harvester.portal.mask import union

Tree = dict[str, "Tree"]
NAMES = st.sampled_from(["id", "title", "internal", "owner", "schema"])
TREES = st.recursive(
    st.dictionaries(NAMES, st.just({}), max_size=3), lambda inner: st.dictionaries(NAMES, inner, max_size=3)
)


def mask(tree: Tree) -> str:
    return ",".join(f"{name}{{{mask(inner)}}}" if inner else name for name, inner in tree.items())


def leaves(tree: Tree, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Return the paths of what is asked for whole."""
    return {
        leaf
        for name, inner in tree.items()
        for leaf in (leaves(inner, (*path, name)) if inner else [(*path, name)])
    }


def widest(paths: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """Leave out what stands within something that is asked for whole."""
    return {path for path in paths if not any(path[:size] in paths for size in range(1, len(path)))}


def read(text: str, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Return the paths of a mask, read character by character."""
    found: set[tuple[str, ...]] = set()
    name, open_ = "", list(path)
    for char in f"{text},":
        if char == "{":
            open_.append(name)
            name = ""
        elif char in ",}":
            if name:
                found.add((*open_, name))
                name = ""
            if char == "}":
                open_.pop()
        else:
            name += char
    return found


@given(one=TREES, other=TREES)
def test_the_union_asks_for_what_both_ask_for(one, other):
    """No more, no less, whatever is nested in what."""
    assert read(union(mask(one), mask(other))) == widest(leaves(one) | leaves(other))
