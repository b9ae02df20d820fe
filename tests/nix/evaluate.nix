# What the modules make of the settings in a file: the options' values, the units, the machines.
# `nixpkgs` is a directory with nixpkgs' own lib, which then does it instead of ours.
{ settings, nixpkgs ? null }:
let
  package = {
    type = "derivation";
    name = "darling-dirserv";
    outPath = "/package";
  };
  pkgs = {
    python3.interpreter = "/python/bin/python3";
    runtimeShell = "/bash/bin/bash";
    callPackage = path: _: if baseNameOf path == "package.nix" then package else throw path;
  };
  modules = [ ../../nix/module.nix ../../nix/darling-builder.nix ];

  ours = (import ./lib.nix).evaluate {
    modules = map import modules;
    arguments = { inherit pkgs; };
    settings = import settings;
  };

  # What NixOS itself declares, as far as our modules set it.
  host =
    { lib, ... }:
    let
      any = lib.mkOption { type = lib.types.anything; default = { }; };
    in
    {
      options = {
        environment = any;
        nix = any;
        services.openssh = any;
        systemd = any;
        users = any;
      };
    };
  theirs =
    ((import (nixpkgs + "/lib")).evalModules {
      modules = modules ++ [ host settings ];
      specialArgs = { inherit pkgs; };
    }).config;

  config = if nixpkgs == null then ours else theirs;
in
{
  options = config.programs.darling-dirserv;
  packages = config.environment.systemPackages or [ ];
  units = config.systemd.services or { };
  machines = config.nix.buildMachines or [ ];
  distributed = config.nix.distributedBuilds or false;
  keys = builtins.mapAttrs (_: user: user.openssh.authorizedKeys.keys) (config.users.users or { });
}
