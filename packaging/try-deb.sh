#!/usr/bin/env bash
# Installs, uses, upgrades and removes the package in a clean Debian root, against the sandbox; says what is wrong, if anything is.
#
#     packaging/try-deb.sh OLDER.deb NEWER.deb SANDBOX [ROOT]
#
# SANDBOX is the program that `cargo build --package tests --bin sandbox` makes. ROOT is a root that debootstrap has made; without
# one it is made here. Needs root and debootstrap.
set -euo pipefail

fail() { printf 'try-deb: %s\n' "$*" >&2; exit 1; }
older=$(realpath "$1")
newer=$(realpath "$2")
sandbox=$(realpath "$3")
# Mounts of this script go with it.
if [[ -z ${RAXX_OWN_MOUNTS:-} ]]; then
    RAXX_OWN_MOUNTS=1 exec unshare --mount "$0" "$@"
fi
root=$(mktemp -d)
trap 'umount "$root/proc" 2> /dev/null || true; rm -rf --one-file-system "$root"' EXIT
if [[ $# == 4 ]]; then
    cp -a "$4/." "$root"
else
    debootstrap --variant=minbase stable "$root" > "$root.log" 2>&1 || fail "debootstrap: $(tail -3 "$root.log")"
    rm -f "$root.log"
fi
# It is everybody's root directory in there.
chmod 755 "$root"
mount -t proc proc "$root/proc"
install -D "$sandbox" "$root/opt/sandbox/sandbox"
cp "$older" "$root/opt/older.deb"
cp "$newer" "$root/opt/newer.deb"

inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"; }
against_the_sandbox() { inside /opt/sandbox/sandbox "$@"; }
as_the_service() {
    against_the_sandbox env RAXX_MINT_CACHE=/run/raxx setpriv --reuid=raxx --regid=raxx --clear-groups "$@"
}
# All files but those of the package manager itself.
files() { (cd "$root" && find . -xdev -not -path './proc/*' -not -path './var/lib/dpkg/*' -not -path './var/cache/*' -not -path './var/log/*' -not -path './etc/*-' | sort); }
has_the_user() { inside getent passwd raxx > /dev/null; }

files > "$root/opt/before"
# What it depends on is in every root, so that no package has to be fetched.
inside dpkg --install /opt/older.deb > /dev/null || fail 'it does not install'

token=$(against_the_sandbox raxx-mint --bot raxx-dev-bot) || fail 'raxx-mint does not mint'
[[ $token == ghs_* ]] || fail "raxx-mint printed $token"
told=$(against_the_sandbox raxx-doctor 2>&1) || fail "the doctor is not content: $told"
against_the_sandbox with-bot-token --git-identity raxx-dev-bot true || fail 'with-bot-token runs nothing'
for program in infisical-login infisical-fetch gh-app-jwt gh-install-token raxx-mint with-bot-token git-credential-raxx raxx-doctor raxx-keychain raxx-provision; do
    inside "$program" --version > /dev/null || fail "$program does not start"
    gzip --test "$root/usr/share/man/man1/$program.1.gz" || fail "$program has no man page"
    inside bash -c ". /usr/share/bash-completion/completions/$program && complete -p $program" > /dev/null || fail "bash does not complete $program"
    [[ -s $root/usr/share/zsh/vendor-completions/_$program && -s $root/usr/share/fish/vendor_completions.d/$program.fish ]] ||
        fail "zsh or fish does not complete $program"
done

has_the_user || fail 'there is no user for services'
[[ $(inside stat --format=%a:%U /run/raxx) == 700:raxx ]] ||
    fail '/run/raxx is not of the service alone'
kept=$(as_the_service sh -c 'raxx-mint --bot raxx-dev-bot > /dev/null && raxx-mint --list') || fail 'a service cannot mint'
[[ $kept == raxx-dev-bot* ]] || fail 'the token of a service is not kept in /run/raxx'

inside dpkg --install /opt/newer.deb > /dev/null || fail 'it cannot be upgraded'
[[ -n $(ls "$root/run/raxx") ]] || fail 'an upgrade takes the tokens of services away'
# A user of that name that somebody else made is left alone, and a group of that name is no obstacle.
inside usermod --comment 'somebody else' raxx
inside dpkg --purge raxx-mint > /dev/null 2>&1 || fail 'it cannot be removed'
has_the_user || fail 'it removes a user that it has not made'
inside userdel raxx
inside groupadd --system raxx
inside dpkg --install /opt/newer.deb > /dev/null || fail 'it does not install where there is such a group'
inside dpkg --purge raxx-mint > /dev/null 2>&1 || fail 'it cannot be removed'
inside groupdel raxx 2> /dev/null || true
has_the_user && fail 'the user for services is still there'
left=$(comm -13 "$root/opt/before" <(files))
[[ -z $left ]] || fail "left behind: $left"
printf 'installed, used, upgraded and removed\n'
