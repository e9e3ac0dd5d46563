"""Which values give way where others were inferred: DCAT-AP wants one of some properties, or codes only."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Triple

from harvester.rdf.rows import Row
from harvester.vocab import HV

_CODES = (
    "<http://publications.europa.eu/resource/authority/",
    "<http://www.iana.org/assignments/media-types/",
)
"""What DCAT-AP's code lists begin with: such a value never gives way to another code."""


@dataclass(frozen=True, slots=True)
class StandIns:
    """Properties (tokens) whose inferred values stand in for said ones: for `values`, or for `texts` only."""

    values: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()

    @classmethod
    def read(cls, shapes: Iterable[Triple]) -> "StandIns":
        """Read what a shapes graph says by hv:inferredReplaces and hv:inferredReplacesText."""
        found: dict[str, set[str]] = defaultdict(set)
        for triple in shapes:
            found[triple.predicate.value].add(str(triple.object))
        return cls(frozenset(found[f"{HV}inferredReplaces"]), frozenset(found[f"{HV}inferredReplacesText"]))

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self.values or self.texts)

    def __contains__(self, predicate: object) -> bool:
        """Tell whether values of a property (token) may give way."""
        return predicate in self.values or predicate in self.texts

    def give_way(self, said: Iterable[Row], inferred: Iterable[Row]) -> set[Row]:
        """Return the rows about a record that others stand in for; none where nothing was inferred.

        A said code stays beside an inferred one, as the portal said both, unless they differ in case only. An
        inferred value that is no code, such as the address of a licence, gives way to an inferred code.

        >>> stand_ins = StandIns(frozenset({"<p>"}))
        >>> stand_ins.give_way([("<a>", "<p>", '"csv"'), ("<b>", "<p>", '"csv"')], [("<a>", "<p>", "<CSV>")])
        {('<a>', '<p>', '"csv"')}
        """
        values: dict[tuple[str, str], set[str]] = defaultdict(set)
        away: set[Row] = set()
        for s, p, o in inferred:
            if p in self:
                values[s, p].add(o)
        for (s, p), found in values.items():
            codes = {o for o in found if o.startswith(_CODES)}
            if codes and p in self.values:
                away.update((s, p, o) for o in found - codes)
        for row in said if values else ():
            if (stands := values.get(row[:2])) and self._gives_way(row[1], row[2], stands):
                away.add(row)
        return away

    def _gives_way(self, predicate: str, value: str, inferred: set[str]) -> bool:
        """Tell whether a said value gives way to inferred ones."""
        if predicate in self.texts:
            return value[0] == '"'
        return not value.startswith(_CODES) or value.lower() in map(str.lower, inferred)


NONE = StandIns()
