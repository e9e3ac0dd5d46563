"""The pages for people: what is here, what is used and for what."""
