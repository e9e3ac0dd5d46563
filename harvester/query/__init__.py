"""Layer 4, use: canned queries, their parameters, their results."""
