"""/opensearch.xml: how browsers and search tools search this site.

https://github.com/dewitt/opensearch/blob/master/opensearch-1-1-draft-6.md
"""

from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.html.rendering import tagged
from harvester.serve.html.templating import SITE
from harvester.serve.html.words import LANGUAGES, Words, words_in, words_of
from harvester.serve.http.problem import Problem

PATH = "/opensearch.xml"
MEDIA_TYPE = "application/opensearchdescription+xml"
_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"


async def description(request: Request) -> Response:
    """Answer with the description, in the language that the address or the reader asks for."""
    language = request.query_params.get("language") or words_of(request).language
    if language not in LANGUAGES:
        raise Problem(400, f"There is no description in {language[:40]!r}", f"use {' or '.join(LANGUAGES)}")
    body = _describe(serving_of(request), words_in(language))
    return tagged(body, f"{MEDIA_TYPE}; charset=utf-8", language)


def _describe(serving: Serving, words: Words) -> bytes:
    """Write the description; what clients cannot show is cut: 16, 1,024 and 48 characters."""
    root = Element("OpenSearchDescription", {"xmlns": _NAMESPACE, "xml:lang": words.language})
    put = {
        "ShortName": words.pgettext("at most 16 characters", "Open data"),
        "Description": words.gettext("Search the datasets and reuses of this catalogue"),
        "LongName": words.gettext(SITE),
        "Tags": words.gettext("open data datasets reuses"),
    }
    longest = {"ShortName": 16, "Description": 1_024, "LongName": 48, "Tags": 256}
    for name, text in put.items():
        SubElement(root, name).text = text[: longest[name]]
    search = serving.url("/search?q={searchTerms}&page={startPage?}")
    SubElement(root, "Url", {"type": "text/html", "method": "get", "template": search})
    own = f"{serving.url(PATH)}?language={words.language}"
    SubElement(root, "Url", {"type": MEDIA_TYPE, "rel": "self", "template": own})
    icon = {"width": "16", "height": "16", "type": "image/svg+xml"}
    SubElement(root, "Image", icon).text = serving.url("/static/icon.svg")
    for language in LANGUAGES:
        SubElement(root, "Language").text = language
    SubElement(root, "InputEncoding").text = "UTF-8"
    SubElement(root, "OutputEncoding").text = "UTF-8"
    body: bytes = tostring(root, "utf-8", xml_declaration=True)
    return body


ROUTES = [Route(PATH, description)]
