# services.darling-builder: an example of what a host does to build for x86_64-darwin in one of
# its prefixes. Nix reaches the prefix by ssh, with a key that is good for nothing else.
#
# The prefix must hold a Nix; docs/darling.md says how it gets there.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.services.darling-builder;
  prefix = config.programs.darling-dirserv.prefixes.${cfg.prefix};
  serve = [ pkgs.runtimeShell "${./serve.sh}" cfg.darling prefix.path ];
in
{
  imports = [ ./module.nix ];

  options.services.darling-builder = {
    enable = lib.mkEnableOption "a prefix as a build machine of this host's Nix";
    prefix = mkOption {
      type = types.str;
      description = "Its name in programs.darling-dirserv.prefixes.";
    };
    user = mkOption {
      type = types.str;
      description = "The host's user who owns the prefix; builds run as this user.";
    };
    darling = mkOption {
      type = types.str;
      default = "/run/wrappers/bin/darling";
      description = "Darling's command; it must be setuid root.";
    };
    hostName = mkOption {
      type = types.str;
      default = "localhost";
      description = "The host as ssh knows it.";
    };
    publicKey = mkOption {
      type = types.str;
      example = "ssh-ed25519 AAAA… nix";
      description = "The public half of the key with which this host's Nix comes in.";
    };
    sshKey = mkOption {
      type = types.str;
      example = "/etc/nix/darling-builder";
      description = "The file with the other half, readable by root alone.";
    };
    publicHostKey = mkOption {
      type = types.nullOr types.str;
      default = null;
      description = "The host's public key in base64; null takes root's known_hosts.";
    };
    systems = mkOption {
      type = types.listOf types.str;
      default = [ "x86_64-darwin" ];
      description = "What it builds for.";
    };
    maxJobs = mkOption {
      type = types.ints.positive;
      default = 1;
      description = "How many builds at once.";
    };
    supportedFeatures = mkOption {
      type = types.listOf types.str;
      default = [ ];
      description = "Features that derivations may ask for.";
    };
  };

  config = lib.mkIf cfg.enable {
    programs.darling-dirserv.enable = true;
    services.openssh.enable = true;
    users.users.${cfg.user}.openssh.authorizedKeys.keys = [
      ''restrict,command="${lib.escapeShellArgs serve}" ${cfg.publicKey}''
    ];
    nix.distributedBuilds = true;
    nix.buildMachines = [
      {
        inherit (cfg) hostName sshKey publicHostKey systems maxJobs supportedFeatures;
        protocol = "ssh-ng";
        sshUser = cfg.user;
      }
    ];
  };
}
