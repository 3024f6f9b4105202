#!/bin/sh
# Runs `./run test` in a bare Debian, from nothing but git, in a clean clone of the last commit.
#
#     sh tests/bare.sh SUITE [USER [OPTION…]]
#
# SUITE is bookworm (Python 3.11) or trixie (3.13). USER is root, or a name: then the person has no
# rights, and root types the one line that ./run asks for. OPTIONs go to pytest.
# Needs root, debootstrap and util-linux. The system is kept in $BARE_HOME and used again; what was
# installed for one user is not undone for the next, so remove the folder to begin with nothing.
set -eu

say() { printf 'bare: %s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

[ $# -ge 1 ] || fail "usage: $0 SUITE [USER [OPTION…]]"
[ "$(id -u)" -eq 0 ] || fail "only root may set up a bare system"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"

# Mounts and processes live in name spaces of their own: all of them end with this script.
if [ -z "${BARE_INSIDE:-}" ]; then
    here=$(cd "$(dirname "$0")/.." && pwd)
    export BARE_INSIDE="$here"
    exec unshare --mount --propagation private --pid --fork --kill-child sh "$0" "$@"
fi

here=$BARE_INSIDE
suite=$1
user=${2:-root}
shift
[ $# -eq 0 ] || shift
home=${BARE_HOME:-/var/tmp/welcomemap-bare}
system=$home/$suite-$user

mirror() {
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        sed -n 's|^Debian \(.*/debian/\{0,1\}\)$|\1|p' | head -n 1
}

inside() { chroot "$system" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"; }

if [ ! -e "$system/.complete" ]; then
    say "setting up $suite in $system"
    rm -rf "$system"
    mkdir -p "$system"
    # Word splitting is meant: no word where apt knows no mirror.
    # shellcheck disable=SC2046
    debootstrap --variant=minbase --include=ca-certificates,git "$suite" "$system" $(mirror) \
        >"$home/$suite-$user.log" || fail "debootstrap failed: see $home/$suite-$user.log"
    [ "$user" = root ] || inside useradd --create-home "$user"
    : >"$system/.complete"
fi

mount -t proc proc "$system/proc"
mount --rbind /dev "$system/dev"
mount -t tmpfs tmpfs "$system/tmp"
for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt; do
    [ ! -e "$file" ] || [ ! -e "$system$file" ] || mount --bind "$(realpath "$file")" "$system$file"
done

place=/srv/$user
rm -rf "${system:?}$place"
mkdir -p "$system$place"
git clone --quiet --no-local "$here" "$system$place/checkout"
if [ -d "$here/../shared" ]; then
    mkdir "$system$place/shared"
    mount --bind "$(realpath "$here/../shared")" "$system$place/shared"
    mount -o remount,bind,ro "$system$place/shared"
fi
inside chown -R "$user": "$place/checkout"

# What pip needs to know of the network comes from outside.
as_user() {
    [ -z "${PIP_INDEX_URL:-}" ] || set -- "PIP_INDEX_URL=$PIP_INDEX_URL" "$@"
    [ -z "${https_proxy:-}" ] || set -- "https_proxy=$https_proxy" "$@"
    chroot --userspec="$user:" "$system" /usr/bin/env -i PATH=/usr/bin:/bin LANG=C.UTF-8 \
        HOME="$(inside getent passwd "$user" | cut -d: -f6)" \
        PIP_CERT=/etc/ssl/certs/ca-certificates.crt "$@"
}

run_test() { as_user sh -c 'cd "$0" && exec ./run test "$@"' "$place/checkout" "$@"; }

told=$system/tmp/told
if [ "$user" != root ] && ! as_user sh -c 'cd "$0" && exec ./run check' "$place/checkout" 2>"$told"; then
    line=$(sed -n "s/^    su -c '\(.*\)'$/\1/p" "$told")
    if [ -n "$line" ]; then
        say "typing the one line: $line"
        inside DEBIAN_FRONTEND=noninteractive sh -c "$line" >"$system/tmp/typed" 2>&1 ||
            fail "the line does not work: $(tail -n 5 "$system/tmp/typed")"
    else
        cat "$told" >&2
        fail "./run check failed and asked for no package"
    fi
fi
status=0
run_test "$@" || status=$?
if [ "$status" -eq 0 ]; then say "$suite as $user: passed"; else say "$suite as $user: FAILED"; fi
exit "$status"
