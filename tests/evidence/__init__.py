"""docs/evidence.md and docs/clients.md: what the runs of `make evidence` found."""
