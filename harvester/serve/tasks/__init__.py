"""What the workers do for the server. Nothing here knows of HTTP requests."""
