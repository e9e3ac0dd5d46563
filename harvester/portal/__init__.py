"""Layer 1, the outside world: HTTP with manners, Hydra paging, the udata API, WARC."""
