"""Layer 3, the store: generations on disk, staged, verified and published by one switch."""
