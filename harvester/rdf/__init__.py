"""Layer 2, meaning: parse, repair, split into records, canonical lines."""
