# programs.darling-dirserv: the commands on this host, and in the prefixes that are named here.
#
# Each prefix has a oneshot service rather than a part of the activation script: it can wait for
# the prefix's file system, its errors stop nothing and are said (the activation names the units
# that failed, their log says why), it runs again only when what it would do has changed, and
# `systemctl restart` repeats it. tmpfiles can make a directory but run nothing.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.programs.darling-dirserv;
  command = "${cfg.package}/bin/darling-dirserv";

  prefix = {
    options = {
      path = mkOption {
        type = types.str;
        example = "/home/builder/.darling";
        description = "The prefix. Darling makes it, with the first `darling shell`.";
      };
      owner = mkOption {
        type = types.nullOr types.str;
        default = null;
        description = ''
          The user who installs. By default root does, who enters the prefix when its container
          runs, and acts as the owner of the prefix in it. A name takes root out of it: then the
          container must have been shut down.
        '';
      };
      python = mkOption {
        type = types.str;
        default = pkgs.python3.interpreter;
        description = "The host's Python that runs the commands in the prefix, 3.11 or newer.";
      };
      libexec = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "/usr/libexec/darling";
        description = "Darling's own directory on the host, if it is not in a usual place.";
      };
      without = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "sudo" ];
        description = "Commands and gap-fillers that are not to be laid.";
      };
      systemVersion = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "14.5";
        description = "The macOS version that sw_vers says; null leaves it as it is.";
      };
      sandbox.mode = mkOption {
        type = types.nullOr (
          types.enum [
            "passthrough"
            "check"
            "enforce"
            "enforce-strict"
          ]
        );
        default = null;
        description = "What sandbox-exec does with a profile; null leaves its settings alone.";
      };
      sandbox.strict = mkOption {
        type = types.bool;
        default = false;
        description = "Whether mode check refuses a profile that does not compile.";
      };
      nixbld.enable = mkOption {
        type = types.bool;
        default = false;
        description = "Whether to make the Nix build users, as the official installer does.";
      };
      nixbld.count = mkOption {
        type = types.ints.positive;
        default = 32;
        description = "How many there are.";
      };
      nixbld.firstUid = mkOption {
        type = types.ints.positive;
        default = 351;
        description = "The uid of the first one.";
      };
      nixbld.gid = mkOption {
        type = types.ints.positive;
        default = 350;
        description = "The gid of their group.";
      };
    };
  };

  given = name: value: lib.optionals (value != null) [ name value ];

  install =
    one:
    [ command "install" "--prefix" one.path "--python" one.python ]
    ++ given "--libexec" one.libexec
    ++ given "--system-version" one.systemVersion
    ++ lib.concatMap (given "--without") one.without;

  sandbox =
    { path, sandbox, ... }:
    [ command "sandbox" "mode" "--root" path sandbox.mode ]
    ++ [ (if sandbox.strict then "--strict" else "--no-strict") ];

  nixbld =
    { path, nixbld, ... }:
    [ command "nixbld" "create" "--root" path "--count" (toString nixbld.count) ]
    ++ [ "--first-uid" (toString nixbld.firstUid) "--gid" (toString nixbld.gid) ];

  steps =
    one:
    [ (install one) ]
    ++ lib.optional (one.sandbox.mode != null) (sandbox one)
    ++ lib.optional one.nixbld.enable (nixbld one);

  service = name: one: {
    name = "darling-dirserv-${name}";
    value = {
      description = "macOS account, service and sandbox commands in ${one.path}";
      wantedBy = [ "multi-user.target" ];
      unitConfig.RequiresMountsFor = builtins.toJSON one.path; # in quotes, for its blanks
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        NoNewPrivileges = true;
      }
      // lib.optionalAttrs (one.owner != null) { User = one.owner; };
      script = lib.concatMapStringsSep "\n" lib.escapeShellArgs (steps one);
    };
  };
in
{
  options.programs.darling-dirserv = {
    enable = lib.mkEnableOption "the macOS account, service and sandbox commands for Darling";
    package = mkOption {
      type = types.package;
      default = pkgs.callPackage ./package.nix { };
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      description = "The package that installs.";
    };
    prefixes = mkOption {
      type = types.attrsOf (types.submodule prefix);
      default = { };
      description = ''
        The prefixes to install into. One that is taken off the list keeps what it has:
        `darling-dirserv uninstall --prefix DIR` takes that back.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ];
    systemd.services = lib.mapAttrs' service cfg.prefixes;
  };
}
