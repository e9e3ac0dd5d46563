"""How an answer begins, as pages show it: rows in a table, a graph in Turtle, a truth value by a word."""

from asyncio import to_thread
from dataclasses import dataclass
from typing import Self

from harvester.serve.html.rows import Table, read_table
from harvester.serve.http.answer import Answer

TURTLE = "text/turtle"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a page shows of an answer. `more`: there is more of it than is here."""

    table: Table | None = None
    graph: str = ""
    more: bool = False

    @classmethod
    async def of(cls, answer: Answer) -> Self:
        """Read an answer in SPARQL's JSON or in Turtle. Raises Problem if it is too long for a page."""
        body = await answer.whole()
        more = bool(answer.facts.get("more"))
        if answer.media_type.startswith(TURTLE):
            return cls(graph=body.decode(), more=more)
        return cls(table=await to_thread(read_table, body), more=more)

    @property
    def headline(self) -> str:
        """Say in a few words what there is.

        >>> Preview(graph="<a> <b> <c> .", more=True).headline
        'The beginning of a graph'
        """
        if self.table is None:
            return "The beginning of a graph" if self.more else "A graph" if self.graph else "An empty graph"
        if self.table.truth is not None:
            return "Yes" if self.table.truth else "No"
        return f"{'The first ' if self.more else ''}{counted(len(self.table.rows), 'row')}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "row"), counted(0, "row"), counted(12, "row")
    ('1 row', 'no rows', '12 rows')
    """
    if number == 1:
        return f"1 {noun}"
    return f"{f'{number:,}' if number else 'no'} {noun}s".replace(",", "\u202f")
