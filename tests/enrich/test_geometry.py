"""GeoJSON becomes WKT, or nothing: whatever stands where coordinates should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.enrich.geometry import MAX_POSITIONS, to_wkt

SQUARE = [[2, 48], [3, 48], [3, 49], [2, 48]]


@pytest.mark.parametrize(
    ("geometry", "text"),
    [
        ({"type": "Point", "coordinates": [2.35, 48.85]}, "POINT (2.350000 48.850000)"),
        ({"type": "Point", "coordinates": [2, 48, 35.0]}, "POINT (2.000000 48.000000)"),
        (
            {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
            (
                "MULTIPOLYGON (((2.000000 48.000000, 3.000000 48.000000, 3.000000 49.000000,"
                " 2.000000 48.000000)))"
            ),
        ),
        (
            {"type": "LineString", "coordinates": [[0, 0], [1e-9, 1]]},
            "LINESTRING (0.000000 0.000000, 0.000000 1.000000)",
        ),
    ],
)
def test_geometries_are_written_as_the_standard_has_it(geometry, text):
    """Longitude before latitude (CRS84), in the plane, to a tenth of a metre."""
    assert to_wkt(geometry) == text


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        [],
        {},
        {"type": []},
        {"type": None, "coordinates": None},
        {"type": "Point"},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": [2]},
        {"type": "Point", "coordinates": ["2", "48"]},
        {"type": "Point", "coordinates": [True, 1]},
        {"type": "Point", "coordinates": [181, 0]},
        {"type": "Point", "coordinates": [0, float("nan")]},
        {"type": "Polygon", "coordinates": SQUARE},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "MultiPolygon", "coordinates": "POLYGON"},
        {"type": "GeometryCollection", "geometries": []},
        {"type": "MultiPoint", "coordinates": [[0, 0]] * (MAX_POSITIONS + 1)},
    ],
)
def test_what_is_no_geometry_is_none(geometry):
    """Nor what is larger than anybody draws."""
    assert to_wkt(geometry) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=12,
)


@given(st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "MultiPoint"]), JSON)
def test_no_document_makes_it_fail(kind, coordinates):
    """Text or nothing, never an error."""
    found = to_wkt({"type": kind, "coordinates": coordinates})

    assert found is None or found.startswith(kind.upper())
