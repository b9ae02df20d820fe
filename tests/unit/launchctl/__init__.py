"""launchctl against a supervisor of the tests' own."""
