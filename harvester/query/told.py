"""What the header of a canned query says to people, in one language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """The words of a query in a language, "" and gaps where the header has none.

    `columns` are headings by variable, `parameters` labels by name. `values` are words for what the query
    itself puts into a column or what a parameter may be, by column or parameter, then by value.
    """

    summary: str = ""
    description: str = ""
    columns: Texts = field(default_factory=dict)
    parameters: Texts = field(default_factory=dict)
    values: Mapping[str, Texts] = field(default_factory=dict)
    language: str = "en"

    def column(self, name: str) -> str:
        """Return the heading of a column.

        >>> Told(columns={"reuses": "réutilisations"}).column("reuses"), Told().column("last_comment")
        ('réutilisations', 'last comment')
        """
        return self.columns.get(name) or name.replace("_", " ")

    def parameter(self, name: str) -> str:
        """Return the label of a parameter."""
        return self.parameters.get(name) or name

    def value(self, name: str, value: str) -> str:
        """Return the words for a value of a column or parameter; the value itself where there are none."""
        return self.values.get(name, {}).get(value, value)

    def over(self, other: "Told") -> "Told":
        """Return these words, and another's where these have none. The language is that of the summary."""
        names = {**other.values, **self.values}
        return Told(
            summary=self.summary or other.summary,
            description=self.description or other.description,
            columns={**other.columns, **self.columns},
            parameters={**other.parameters, **self.parameters},
            values={name: {**other.values.get(name, {}), **self.values.get(name, {})} for name in names},
            language=self.language if self.summary else other.language,
        )
