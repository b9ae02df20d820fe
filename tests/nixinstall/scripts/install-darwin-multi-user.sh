# What is macOS's own in the installer: ids, and the daemon's job.
first_uid=${NIX_FIRST_BUILD_UID:-351}
group_id=${NIX_BUILD_GROUP_ID:-350}
job=/Library/LaunchDaemons/org.nixos.nix-daemon.plist

start_daemon() {
    task "Setting up the nix-daemon LaunchDaemon"
    privileged "the job" /usr/bin/install -m "u=rw,go=r" "/nix/var/nix/profiles/default$job" "$job"
    privileged "load" launchctl load "$job"
    privileged "start" launchctl kickstart -k system/org.nixos.nix-daemon
}
