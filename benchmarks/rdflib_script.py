"""What a user would write: follow the pages with requests, parse each with rdflib, add, serialise.

python rdflib_script.py CATALOGUE_URL OUTPUT.nt
"""

import sys

import requests
from rdflib import Graph, URIRef

NEXT = URIRef("http://www.w3.org/ns/hydra/core#next")


def main() -> None:
    url, output = sys.argv[1:]
    everything = Graph()
    while url:
        page = Graph().parse(data=requests.get(url, timeout=60).text, format="turtle")
        everything += page
        url = next((str(link) for link in page.objects(predicate=NEXT)), "")
    everything.serialize(output, format="nt", encoding="utf-8")


main()
