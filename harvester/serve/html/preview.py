"""How an answer begins, as pages show it: rows in a table, a graph in Turtle, a truth value by a word."""

from asyncio import to_thread
from dataclasses import dataclass, replace
from typing import Self

from starlette.requests import Request

from harvester.serve.html.labels import labels
from harvester.serve.html.rows import Table, read_table
from harvester.serve.html.words import Words
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

    async def labelled(self, request: Request) -> "Preview":
        """Return it with labels in place of IRIs, where the catalogue has them."""
        if self.table is None:
            return self
        return replace(self, table=self.table.labelled(await labels(request, self.table.iris)))

    def headline(self, words: Words) -> str:
        """Say in a few words what there is.

        >>> from harvester.serve.html.words import words_in
        >>> Preview(graph="<a> <b> <c> .", more=True).headline(words_in("en"))
        'The beginning of a graph'
        """
        if self.table is None:
            if self.more:
                return words.gettext("The beginning of a graph")
            return words.gettext("A graph") if self.graph else words.gettext("An empty graph")
        if self.table.truth is not None:
            return words.gettext("Yes") if self.table.truth else words.gettext("No")
        rows = len(self.table.rows)
        if self.more:
            return words.ngettext("The first row", "The first %(num)s rows", rows)
        return words.ngettext("%(num)s row", "%(num)s rows", rows) if rows else words.gettext("No rows")
