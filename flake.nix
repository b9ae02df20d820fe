# There is no flake.lock: it names a revision of nixpkgs by its hash, which only a machine that
# reaches the network can find out. `nix flake lock` makes it; commit it where you need the same
# nixpkgs every time. The branch is 26.05, the last release that still builds for x86_64-darwin,
# the system that a Darling prefix builds for.
{
  description = "macOS account, service and sandbox commands for Darling prefixes";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      forAll =
        make:
        nixpkgs.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (
          system: make system nixpkgs.legacyPackages.${system}
        );
    in
    {
      overlays.default = final: _: { darling-dirserv = final.callPackage ./nix/package.nix { }; };

      packages = forAll (
        _: pkgs: rec {
          darling-dirserv = pkgs.callPackage ./nix/package.nix { };
          default = darling-dirserv;
        }
      );

      apps = forAll (
        system: _: rec {
          darling-dirserv = {
            type = "app";
            program = "${self.packages.${system}.default}/bin/darling-dirserv";
            meta.description = "look after the user database of a Darling prefix";
          };
          default = darling-dirserv;
        }
      );

      # `nix develop` gives what `make setup` would fetch, and the tools that the client tests use.
      devShells = forAll (
        system: pkgs: {
          default = pkgs.mkShell {
            inputsFrom = [ self.packages.${system}.default ];
            packages = [
              pkgs.mandoc
              pkgs.ruff
              pkgs.util-linux
            ];
          };
        }
      );

      checks = forAll (
        system: pkgs: {
          # The package's own check phase is the test suite.
          tests = self.packages.${system}.default;
          man = pkgs.runCommand "darling-dirserv-man" { nativeBuildInputs = [ pkgs.mandoc ]; } ''
            find ${self.packages.${system}.default.man}/share/man -type f -exec sh -ec '
              for page do gzip -cdf "$page" | mandoc -T lint -W warning; done' sh {} +
            touch $out
          '';
          vm = pkgs.callPackage ./nix/test.nix { module = self.nixosModules.default; };
        }
      );

      formatter = forAll (_: pkgs: pkgs.nixfmt-tree);

      nixosModules = {
        default = ./nix/module.nix;
        darling-builder = ./nix/darling-builder.nix;
      };
    };
}
