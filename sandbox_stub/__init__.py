"""sandbox-exec(1) and the sandbox language for a Darling prefix, enforced with Linux's means."""
