"""What was read once is there to be used again, whole or not at all."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model import Category, Problem
from harvester.portal.listing import ListPage
from harvester.portal.stash import Stash

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
PAGES = st.lists(
    st.builds(
        ListPage,
        st.lists(st.dictionaries(st.text(), JSON, max_size=3), max_size=3).map(tuple),
        st.none() | st.integers(0),
        st.text(),
    ),
    max_size=4,
)
PROBLEM = Problem(Category.NOT_JSON, "http://a.example/", "what", "why", "fix")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stash") / "pages"


@given(pages=PAGES)
def test_what_was_kept_comes_back(path, pages):
    """Any JSON, in its order, also texts that are no Unicode; and it passes through unchanged."""
    stash = Stash(path)

    assert list(stash.keep(pages)) == pages
    assert stash.whole
    assert list(stash.pages()) == pages


def test_a_list_with_a_hole_is_not_whole(path):
    """Nor is one of which nobody took the end."""
    page = ListPage(({"id": "a"},), 2, "http://a.example/")
    broken, left = Stash(path), Stash(path)

    assert list(broken.keep([page, PROBLEM, page])) == [page]
    assert not broken.whole
    assert next(left.keep([page, page])) == page
    assert not left.whole
