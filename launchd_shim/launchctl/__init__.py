"""launchctl 2.x: targets, verbs, rendering (spec/launchd.md 2)."""
