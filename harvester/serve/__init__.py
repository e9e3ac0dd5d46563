"""The catalogue over HTTP: a SPARQL endpoint, the canned queries, every record, dumps."""
