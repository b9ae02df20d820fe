"""``launchd-shim check``: what a property list means, before anything is loaded."""
