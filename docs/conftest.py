"""What pytest leaves alone here: the examples in the pages are tests, these are not."""

collect_ignore = ["_build", "api", "cards", "conf.py", "extensions", "gallery"]
