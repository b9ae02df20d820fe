# Which outputs the flake has, for whom, when nixpkgs is next to nothing.
let
  nixpkgs = {
    lib.genAttrs =
      names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
    legacyPackages = { x86_64-linux = { }; aarch64-linux = { }; };
  };
  self = (import ../../flake.nix).outputs { inherit self nixpkgs; };
  named = one: if builtins.isAttrs one then builtins.attrNames one else "";
in
builtins.mapAttrs (_: builtins.mapAttrs (_: named)) (removeAttrs self [ "formatter" ])
// { formatter = builtins.attrNames self.formatter; }
