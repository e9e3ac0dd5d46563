"""Layer 4, use: dumps, streamed and byte-identical."""
