"""The admin's subcommands beyond those of tests/unit/test_admin.py."""
