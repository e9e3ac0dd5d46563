"""The SPARQL endpoint: protocol, editor, descriptions of the service and of the data."""
