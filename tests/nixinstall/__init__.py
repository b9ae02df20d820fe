"""`darling-dirserv nix` against installers that run, or that fail, in a Darwin-like root."""
