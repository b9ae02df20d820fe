# A host with two prefixes, one of which builds for its Nix.
{
  programs.darling-dirserv = {
    enable = true;
    prefixes.builder = {
      path = "/home/builder/.darling";
      libexec = "/opt/darling/libexec/darling";
      without = [ "sudo" "xmllint" ];
      systemVersion = "14.5";
      sandbox.mode = "enforce";
      nixbld.enable = true;
      nixbld.count = 8;
    };
    prefixes.trial = {
      path = "/srv/trial tree";
      owner = "tester";
    };
  };

  services.darling-builder = {
    enable = true;
    prefix = "builder";
    user = "builder";
    publicKey = "ssh-ed25519 AAAAC3Nz nix";
    sshKey = "/etc/nix/darling-builder";
    maxJobs = 2;
  };
}
