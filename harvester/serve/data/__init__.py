"""Linked data and files: records, catalogue pages, dumps."""
