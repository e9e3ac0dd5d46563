"""What programs follow the site by: a feed of changes, sitemaps, descriptions for robots and browsers."""
