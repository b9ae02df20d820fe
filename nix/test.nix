# A NixOS machine installs into a tree at boot, and the account phase of the Nix installer then
# succeeds in it; installing again, with other settings, changes nothing that is right.
{ testers, module }:
testers.runNixOSTest {
  name = "darling-dirserv";

  nodes.machine = {
    imports = [ module ];
    systemd.tmpfiles.rules = [ "d /srv/prefix 0755 alice users" ];
    users.users.alice.isNormalUser = true;
    programs.darling-dirserv = {
      enable = true;
      prefixes.test = {
        path = "/srv/prefix";
        sandbox.mode = "check";
        nixbld.enable = true;
        nixbld.count = 2;
      };
      # No such directory: the machine must come up all the same.
      prefixes.absent.path = "/srv/absent";
    };
  };

  testScript = ''
    machine.wait_for_unit("multi-user.target")
    machine.wait_for_unit("darling-dirserv-test.service")

    with subtest("a prefix that is not there is said, and stops nothing"):
        said = machine.succeed("journalctl -u darling-dirserv-absent.service")
        assert "is not a directory; create the prefix first" in said, said

    with subtest("the commands work and belong to the prefix's owner"):
        uid = machine.succeed("/srv/prefix/usr/bin/dscl . -read /Users/_nixbld2 UniqueID")
        assert uid == "UniqueID: 352\n", uid
        owner = machine.succeed("stat -c %U /srv/prefix/usr/bin/dscl").strip()
        assert owner == "alice", owner
        machine.succeed("grep -qx 'mode = check' /srv/prefix/private/etc/sandbox-exec.conf")

    with subtest("the installer's account phase, for one user more"):
        dscl, edit = "/srv/prefix/usr/bin/dscl .", "/srv/prefix/usr/sbin/dseditgroup -o"
        user = "/Users/_nixbld3"
        machine.fail(f"su alice -c '{dscl} -read {user}'")
        for attribute in ("UniqueID 353", "IsHidden 1", "NFSHomeDirectory /var/empty",
                          "UserShell /sbin/nologin", "PrimaryGroupID 350"):
            machine.succeed(f"su alice -c '{dscl} -create {user} {attribute}'")
        machine.succeed(f"su alice -c '{edit} edit -t user -a _nixbld3 nixbld'")
        machine.succeed(f"{edit} checkmember -m _nixbld3 nixbld")
        group = machine.succeed("grep ^nixbld: /srv/prefix/private/etc/group")
        assert group == "nixbld:*:350:_nixbld1,_nixbld2,_nixbld3\n", group
        machine.succeed("darling-dirserv doctor --root /srv/prefix >&2")

    with subtest("once more, and back"):
        machine.succeed("systemctl restart darling-dirserv-test.service")
        machine.succeed("rm /srv/prefix/private/etc/sandbox-exec.conf")
        machine.succeed("darling-dirserv uninstall --prefix /srv/prefix --purge")
        machine.succeed("test ! -e /srv/prefix/usr/bin/dscl")
  '';
}
