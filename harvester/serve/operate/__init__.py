"""What operators look at: health, metrics, the access log."""
