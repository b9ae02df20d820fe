"""Transcripts of real Macs, run against our commands: see README.md here."""
