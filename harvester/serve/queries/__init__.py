"""The canned queries over HTTP, their OpenAPI document, and the start page."""
