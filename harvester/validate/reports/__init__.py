"""Outcomes as documents: JSON, a SHACL report graph, SARIF and JUnit XML."""
