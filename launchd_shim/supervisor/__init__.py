"""The supervisor: launchd's part, one process, one event loop."""
