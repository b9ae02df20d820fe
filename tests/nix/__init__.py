"""The flake, the package and the NixOS modules, as far as that can be tested without a network.

Nothing here builds: nixpkgs cannot be had. Debian's Nix parses and evaluates; a small lib of our
own stands in for nixpkgs' (DIRSERV_TEST_NIXPKGS names a directory with the real one).
"""
