"""The roll: what the portal's light listing says moved, moved; all else is kept as it is."""

import pytest

from harvester.model import Kind, Record
from harvester.store.ledger import Known, Ledger
from harvester.store.roll import Roll, Stamp


def known(name: str, digest: str, *ids: str) -> Known:
    return Known(f"urn:g:{name}", Kind.DATASET, f"http://d.example/{name}", digest, ids)


def read(name: str, digest: str, *ids: str) -> Record:
    return Record(
        Kind.DATASET,
        f"http://d.example/{name}",
        f"urn:g:{name}",
        b"",
        0,
        0,
        digest,
        "http://p",
        ids,
        listed=True,
    )


def stamp(id_: str, said: str, name: str, digest: str) -> Stamp:
    return Stamp(Kind.DATASET, id_, said, f"urn:g:{name}", digest)


@pytest.fixture
def ledger(tmp_path):
    book = Ledger(tmp_path / "ledger.sqlite")
    book.remember([known("one", "d1", "a"), known("two", "d2", "b"), known("pair", "d3", "c", "d")])
    yield book
    book.close()


STAMPS = [stamp("a", "mon", "one", "d1"), stamp("b", "mon", "two", "d2")] + [
    stamp(id_, "mon", "pair", "d3") for id_ in "cd"
]


def moved(ledger: Ledger, stamps: list[Stamp], listed: dict[str, str]) -> list[str]:
    roll = Roll(ledger, stamps)
    roll.call(Kind.DATASET, listed.items())
    number = roll.compare(Kind.DATASET)
    found = [place.id for place in roll.moved(Kind.DATASET)]
    assert number == len(found)
    return found


def test_nothing_moved(ledger):
    """The same stamps over the same records: all are kept, for sure, and none is absent."""
    roll = Roll(ledger, STAMPS)
    roll.call(Kind.DATASET, [(id_, "mon") for id_ in "abcd"])

    assert roll.compare(Kind.DATASET) == 0
    roll.keep_settled(Kind.DATASET)
    assert list(ledger.absent([Kind.DATASET])) == []
    assert list(ledger.outcomes()) == []
    assert sorted(roll.stamps(Kind.DATASET), key=lambda s: s.id) == STAMPS


@pytest.mark.parametrize(
    ("stamps", "listed", "expected"),
    [
        (STAMPS, {"a": "tue", "b": "mon", "c": "mon", "d": "mon"}, ["a"]),
        (STAMPS, {"e": "mon", "a": "mon", "b": "mon", "c": "mon", "d": "mon"}, ["e"]),
        (STAMPS, {"a": "mon", "b": "mon", "c": "tue", "d": "mon"}, ["c", "d"]),
        (STAMPS, {"a": "mon", "b": "mon", "c": "mon"}, ["c"]),
        (STAMPS[1:], {"a": "mon", "b": "mon", "c": "mon", "d": "mon"}, ["a"]),
        (
            [stamp("a", "mon", "one", "other"), *STAMPS[1:]],
            {"a": "mon", "b": "mon", "c": "mon", "d": "mon"},
            ["a"],
        ),
        (
            [stamp("a", "mon", "gone", "d1"), *STAMPS[1:]],
            {"a": "mon", "b": "mon", "c": "mon", "d": "mon"},
            ["a"],
        ),
    ],
    ids=[
        "another stamp",
        "a new item",
        "of two that share a record, one moved",
        "of two that share a record, one is gone",
        "never stamped",
        "the generation has another state of it",
        "the generation does not have it",
    ],
)
def test_what_moves(stamps, listed, expected, ledger):
    """What is not proven to be as the generation has it is read again, with all that shares its record."""
    assert moved(ledger, stamps, listed) == expected


def test_an_item_that_comes_twice_keeps_its_first_place(ledger):
    """Lists that move while they are read show an item again, further down."""
    roll = Roll(ledger)
    roll.call(Kind.DATASET, [("a", "1"), ("b", "1")])
    roll.call(Kind.DATASET, [("b", "1"), ("c", "1")])

    assert roll.number(Kind.DATASET) == 3
    roll.compare(Kind.DATASET)
    places = [(place.id, place.place) for place in roll.moved(Kind.DATASET)]
    assert places[:2] == [("a", 0), ("b", 1)]
    assert places[2][0] == "c"


def test_only_what_this_run_is_sure_of_is_stamped(ledger):
    """A record that could not be read keeps no stamp: the next run asks for it again."""
    roll = Roll(ledger, STAMPS)
    roll.call(Kind.DATASET, [("a", "tue"), ("b", "tue"), ("e", "")])
    ledger.see(read("one", "d9", "a"))
    ledger.keep(known("two", "d2", "b"))
    ledger.see(read("five", "d5", "e"))

    assert list(roll.stamps(Kind.DATASET)) == [stamp("a", "tue", "one", "d9")]
