"""Full-text search over what was harvested: the index of a generation, built at publication."""
