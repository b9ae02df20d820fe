# What nix/package.nix asks nixpkgs for, when that has the Python packages with these names.
{ names }:
let
  named = builtins.listToAttrs (map (name: { inherit name; value = name; }) names);
in
import ../../nix/package.nix {
  lib = import ./lib.nix;
  python3Packages = named // { buildPythonApplication = asked: asked // { src = "source"; }; };
}
