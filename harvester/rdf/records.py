"""A page becomes records: one resource each, with all that hangs from it.

Rules (docs/decisions/0001): an IRI that is described is a record of its own, except a distribution that is
named for its dataset. Blank nodes belong to the record from which they are reached.
What the catalogue says of a member (`<catalog> dcat:dataset <d>`) stands in the member's record.
So each triple stands in exactly one record, and the catalogue's own record does not grow with its members.
"""

import re
from collections import deque
from collections.abc import Iterable, Mapping
from functools import partial
from hashlib import sha256

from harvester.model import Kind, Record
from harvester.rdf.blanks import VOLATILE, label_blanks
from harvester.rdf.rows import Row, read_ntriples
from harvester.vocab import ADMS, DCAT, DCT, FOAF, ORG, RDF, SKOS, VCARD, record_graph

_TYPE = f"<{RDF}type>"
_KINDS = {
    f"<{DCAT}Catalog>": Kind.CATALOG,
    f"<{DCAT}Dataset>": Kind.DATASET,
    f"<{DCAT}DatasetSeries>": Kind.DATASET,
    f"<{DCAT}DataService>": Kind.SERVICE,
    f"<{FOAF}Organization>": Kind.AGENT,
    f"<{FOAF}Person>": Kind.AGENT,
    f"<{FOAF}Agent>": Kind.AGENT,
    f"<{ORG}Organization>": Kind.AGENT,
    f"<{VCARD}Kind>": Kind.CONTACT,
    f"<{VCARD}Organization>": Kind.CONTACT,
    f"<{VCARD}Individual>": Kind.CONTACT,
}
_DISTRIBUTION = f"<{DCAT}Distribution>"
_HAS_DISTRIBUTION = frozenset({f"<{DCAT}distribution>", f"<{ADMS}sample>"})
_DATASET = f"<{DCAT}dataset>"
MEMBERSHIP = {
    _DATASET: Kind.DATASET,
    f"<{DCAT}service>": Kind.SERVICE,
    f"<{DCAT}catalog>": Kind.CATALOG,
    f"<{DCAT}resource>": Kind.OTHER,
    f"<{DCAT}record>": Kind.OTHER,
}
"""What a catalogue says of its members, and the kind that they have where nothing else tells."""
_IDENTIFIER = f"<{DCT}identifier>"
_NOTATION = f"<{SKOS}notation>"
_OWN_ID = re.compile(r"/(?:datasets|dataservices|organizations|users|contacts|reuses)/([0-9a-f]{24})/?$")
_PERMALINK = re.compile(r"/datasets/([0-9a-f]{24})(?:[/?#]|$)")
_FILE_OF_PORTAL = re.compile(r"/datasets/(?:[0-9a-f]{24}\?resource_id=|r/)[0-9a-f-]{36}>$")
"""IRIs that udata gives to distributions: each belongs to one dataset."""
_HEX_24 = re.compile(r"[0-9a-f]{24}")
_BLANK_RESOURCE = "urn:x-harvester:blank:"


def split(rows: Iterable[Row], portal: str, source: str, volatile: frozenset[str] = VOLATILE) -> list[Record]:
    """Split the rows of one document (paging controls taken out) into records, sorted by resource."""
    record = partial(record_of, portal, source=source, volatile=volatile)
    page = _Page(rows)
    labels: dict[str, str] = {}
    records = [
        record(page.kind(root), root[1:-1], owned, labels=labels, listed=root in page.listed)
        for root, owned in sorted(page.groups().items())
    ]
    leftovers = page.unreached()
    if leftovers:
        said = _nquads(label_blanks(leftovers, "", {}, volatile), _BLANK_RESOURCE)
        resource = _BLANK_RESOURCE + sha256(said).hexdigest()
        records.append(record(Kind.OTHER, resource, leftovers, labels=labels))
    return records


def record_of(
    portal: str,
    kind: Kind,
    resource: str,
    rows: Iterable[Row],
    *,
    source: str,
    ids: tuple[str, ...] | None = None,
    labels: dict[str, str] | None = None,
    listed: bool = False,
    volatile: frozenset[str] = VOLATILE,
    graph: str = "",
) -> Record:
    """Make a record of `rows`: blank nodes labelled, statements sorted, digest taken.

    `ids` are read from the rows when not given; `labels` holds the blank nodes that other records of the same
    document have already labelled; `volatile` predicates do not count as a change. `graph` is the name of the
    record's graph, "" for that of what the portal's RDF says.
    """
    graph = graph or record_graph(portal, resource)
    plain: list[Row] = []
    blank: list[Row] = []
    for row in rows:
        (blank if row[0][0] == "_" or row[2][0] == "_" else plain).append(row)
    if blank:
        blank = label_blanks(list(dict.fromkeys(blank)), graph, {} if labels is None else labels, volatile)
    ids = portal_ids(resource, kind, [*plain, *blank]) if ids is None else ids
    statements, blanks = _nquads(plain, graph), _nquads(blank, graph)
    return Record(
        kind=kind,
        resource=resource,
        graph=graph,
        nquads=statements + blanks,
        plain_bytes=len(statements),
        triples=statements.count(b"\n") + blanks.count(b"\n"),
        digest=_digest(plain, blank, statements + blanks, graph, volatile),
        source=source,
        ids=ids,
        listed=listed,
    )


def _nquads(rows: Iterable[Row], graph: str) -> bytes:
    return "".join(sorted({f"{s} {p} {o} <{graph}> .\n" for s, p, o in rows})).encode()


def _digest(plain: list[Row], blank: list[Row], nquads: bytes, graph: str, volatile: frozenset[str]) -> str:
    """Hash the statements, but for volatile ones."""
    if any(predicate.encode() in nquads for predicate in volatile):
        stable = ([row for row in rows if row[1] not in volatile] for rows in (plain, blank))
        nquads = b"".join([_nquads(rows, graph) for rows in stable])
    return sha256(nquads).hexdigest()


def rows_of(record: Record) -> list[Row]:
    """Return the rows of a record. Labelled again in the same graph, blank nodes keep their labels."""
    end = f" <{record.graph}> .\n"
    return read_ntriples(record.nquads.decode().replace(end, " .\n")).rows


def portal_ids(resource: str, kind: Kind, rows: Iterable[Row]) -> tuple[str, ...]:
    """Return udata's ids for a resource, sorted; more than one when the portal published it twice.

    Tried in turn: the IRI itself, `adms:identifier/skos:notation` (a harvested dataset's permalink by id), a
    `dct:identifier` of 24 hex digits, the IRIs of distributions.
    """
    own = _OWN_ID.search(resource)
    if own:
        return (own[1],)
    if kind is not Kind.DATASET:
        return ()
    subject = f"<{resource}>"
    notations: set[str] = set()
    identifiers: set[str] = set()
    distributions: set[str] = set()
    for s, p, o in rows:
        if p == _NOTATION and (match := _PERMALINK.search(o[1:-1])):
            notations.add(match[1])
        elif p == _IDENTIFIER and s == subject and _HEX_24.fullmatch(o[1:-1]):
            identifiers.add(o[1:-1])
        elif p in _HAS_DISTRIBUTION and (match := _PERMALINK.search(o[1:-1])):
            distributions.add(match[1])
    return tuple(sorted(notations | identifiers or distributions))


class _Page:
    """The rows of a document by subject, and which record each subject belongs to."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.nodes: dict[str, list[Row]] = {}
        self.members: dict[str, list[Row]] = {}
        self.listed: set[str] = set()
        self.member_kinds: dict[str, Kind] = {}
        self.owners: dict[str, set[str]] = {}
        self.distributions: set[str] = set()
        self.taken: set[str] = set()
        self.known_to_hang: dict[str, bool] = {}
        nodes = self.nodes
        for row in rows:
            s, p, o = row
            if p in MEMBERSHIP and o[0] == "<":
                self._add_member(row)
                continue
            if s in nodes:
                nodes[s].append(row)
            else:
                nodes[s] = [row]
            if p in _HAS_DISTRIBUTION:
                self.owners.setdefault(o, set()).add(s)
                self.distributions.add(o)
            elif o == _DISTRIBUTION and p == _TYPE:
                self.distributions.add(s)

    def _add_member(self, row: Row) -> None:
        _, p, o = row
        self.members.setdefault(o, []).append(row)
        self.member_kinds.setdefault(o, MEMBERSHIP[p])
        if p == _DATASET:
            self.listed.add(o)

    def kind(self, root: str) -> Kind:
        """Tell what a record describes: by its class, else by how the catalogue lists it."""
        kinds = [_KINDS[o] for _, p, o in self.nodes.get(root, ()) if p == _TYPE and o in _KINDS]
        return min(kinds, key=list(Kind).index) if kinds else self.member_kinds.get(root, Kind.OTHER)

    def groups(self) -> Mapping[str, list[Row]]:
        """Return the rows of each record by the token of its resource."""
        roots = [s for s in self.nodes if s[0] == "<" and not self._hangs(s)]
        groups = {root: self._collect(root) for root in sorted(roots)}
        for s in sorted(self.nodes):
            if s[0] == "<" and s not in self.taken:
                groups[s] = self._collect(s)
        for member, rows in self.members.items():
            groups.setdefault(member, []).extend(rows)
        return groups

    def unreached(self) -> list[Row]:
        """Return the rows of blank nodes that no IRI leads to."""
        return [row for s, rows in self.nodes.items() if s not in self.taken for row in rows]

    def _hangs(self, subject: str) -> bool:
        """Tell whether `subject` is a distribution of one dataset, is named for it, and is nothing else.

        By its name and not by who points at it, since others may do so on other pages.
        """
        if subject not in self.distributions:
            return False
        if subject not in self.known_to_hang:
            owners = self.owners.get(subject, ())
            named = len(owners) == 1 and (
                _FILE_OF_PORTAL.search(subject) is not None or subject.startswith(next(iter(owners))[:-1])
            )
            rows = self.nodes.get(subject, ())
            self.known_to_hang[subject] = named and not any(p == _TYPE and o in _KINDS for _, p, o in rows)
        return self.known_to_hang[subject]

    def _collect(self, root: str) -> list[Row]:
        """Take the rows of `root` and of the blank nodes and distributions that hang from it."""
        rows: list[Row] = []
        waiting = deque([root])
        self.taken.add(root)
        while waiting:
            for row in self.nodes[waiting.popleft()]:
                rows.append(row)
                o = row[2]
                if o in self.nodes and o not in self.taken and (o[0] == "_" or self._hangs(o)):
                    self.taken.add(o)
                    waiting.append(o)
        return rows
