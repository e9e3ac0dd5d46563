"""Blank node labels depend on what is said, not on the labels or the order of the source."""

import random
import time

from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph
from rdflib.compare import isomorphic

from harvester.rdf.blanks import label_blanks


def trees():
    """Rows of random trees of blank nodes below one IRI."""
    leaf = st.sampled_from(['"1"', '"2"', "<http://o.example/>"])
    edge = st.sampled_from(["<http://p.example/a>", "<http://p.example/b>"])
    return st.recursive(
        st.lists(st.tuples(edge, leaf), max_size=3),
        lambda node: st.lists(st.tuples(edge, node | leaf), max_size=3),
    )


def rows_of(tree, rng: random.Random) -> list[tuple[str, str, str]]:
    rows: list[tuple[str, str, str]] = []

    def walk(subject: str, node) -> None:
        for predicate, value in node:
            if isinstance(value, str):
                rows.append((subject, predicate, value))
            else:
                blank = f"_:x{rng.randrange(10**12)}"
                rows.append((subject, predicate, blank))
                walk(blank, value)

    walk("<http://root.example/>", tree)
    rng.shuffle(rows)
    return rows


def graph(rows) -> Graph:
    return Graph().parse(data="".join(f"{s} {p} {o} .\n" for s, p, o in rows), format="nt")


@given(trees(), st.integers(), st.integers())
def test_trees_get_the_same_labels_however_they_arrive(tree, one, other):
    """Two serialisations of one tree, labels and order at random, give the same statements."""
    first = label_blanks(rows_of(tree, random.Random(one)), "urn:g", {})
    second = label_blanks(rows_of(tree, random.Random(other)), "urn:g", {})

    assert sorted(first) == sorted(second)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["<s>", "_:a", "_:b", "_:c", "_:d"]),
            st.sampled_from(["_:a", "_:b", "_:c", "_:d", '"1"']),
        ),
        max_size=8,
    )
)
def test_any_shape_stays_the_same_graph(edges):
    """Shared nodes and circles too: relabelling never joins or splits nodes (rdflib as judge)."""
    rows = [(s.replace("<s>", "<http://s.example/>"), "<http://p.example/>", o) for s, o in edges]

    assert isomorphic(graph(label_blanks(rows, "urn:g", {})), graph(rows))


def test_nodes_of_two_graphs_never_share_a_label():
    """The same description in two graphs is two nodes."""
    rows = [("<s>", "<p>", "_:x"), ("_:x", "<q>", '"1"')]

    here, there = (label_blanks(rows, salt, {})[0][2] for salt in ("urn:g:1", "urn:g:2"))

    assert here != there


def test_volatile_statements_do_not_move_labels():
    """A view counter that moves leaves the label of its node alone."""
    count = "<http://schema.org/userInteractionCount>"
    labels = {
        label_blanks([("<s>", "<p>", "_:x"), ("_:x", count, f'"{n}"'), ("_:x", "<q>", "<v>")], "g", {})[0][2]
        for n in (1, 2)
    }

    assert len(labels) == 1


def test_poisoned_graphs_are_labelled_in_no_time():
    """A clique of 60 blank nodes, which would keep RDFC-1.0 busy for ever, takes a moment."""
    nodes = [f"_:n{i}" for i in range(60)]
    rows = [(a, "<http://p.example/>", b) for a in nodes for b in nodes if a != b]
    before = time.process_time()

    labelled = label_blanks(rows, "urn:g", {})

    assert len(set(labelled)) == len(rows)
    assert time.process_time() - before < 5


def test_a_large_circle_ends():
    """Forty nodes in a ring, which no path from an IRI enters."""
    rows = [(f"_:n{i}", "<http://p.example/>", f"_:n{(i + 1) % 40}") for i in range(40)]

    assert isomorphic(graph(label_blanks(rows, "urn:g", {})), graph(rows))


def test_a_long_chain_is_labelled():
    """Nesting twenty thousand deep neither recurses nor takes for ever."""
    depth = 20_000
    rows = [("<s>", "<p>", "_:n0"), *((f"_:n{i}", "<p>", f"_:n{i + 1}") for i in range(depth))]

    assert len({o for _, _, o in label_blanks(rows, "g", {})}) == depth + 1
