"""launchd and launchctl for directory trees laid out like macOS."""
