"""What is counted on the start page, in the singular and the plural."""

from harvester.serve.html.words import Words


def total_name(words: Words, what: str, number: int) -> str:
    """Return the name of so many things, by the word that the query catalogue-totals has for them."""
    names = {
        "catalogues": words.ngettext("catalogue", "catalogues", number),
        "datasets": words.ngettext("dataset", "datasets", number),
        "datasets reused": words.ngettext("dataset reused", "datasets reused", number),
        "distributions": words.ngettext("distribution", "distributions", number),
        "data services": words.ngettext("data service", "data services", number),
        "organizations": words.ngettext("organization", "organizations", number),
        "contact points": words.ngettext("contact point", "contact points", number),
        "reuses": words.ngettext("reuse", "reuses", number),
        "links from reuses to datasets": words.ngettext(
            "link from reuses to datasets", "links from reuses to datasets", number
        ),
        "runs": words.ngettext("run", "runs", number),
    }
    return names.get(what, what)
