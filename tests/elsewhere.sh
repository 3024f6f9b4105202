#!/bin/sh
# Runs the suite with another Python, in a clean clone of the last commit that is removed afterwards.
#
#     sh tests/elsewhere.sh locked PYTHON [OPTION…]    ./run test, with the locked versions
#     sh tests/elsewhere.sh newest PYTHON [OPTION…]    the tests, against the installed wheel and the
#                                                      newest version of every package
#
# OPTIONs go to pytest.
set -eu

say() { printf 'elsewhere: %s\n' "$*" >&2; }

[ $# -ge 2 ] || {
    say "usage: $0 locked|newest PYTHON [OPTION…]"
    exit 2
}
here=$(cd "$(dirname "$0")/.." && pwd)
what=$1 python=$(command -v "$2")
shift 2

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
git clone --quiet --no-local "$here" "$folder/checkout"
[ ! -d "$here/../shared" ] || ln -s "$(realpath "$here/../shared")" "$folder/shared"
cd "$folder/checkout"

test_newest() {
    "$python" -m venv "$folder/venv" || return 1
    pip="$folder/venv/bin/python -m pip --disable-pip-version-check install --quiet --upgrade"
    # Word splitting is meant: a command with its options.
    $pip pip build hatchling babel || return 1
    "$folder/venv/bin/python" -m build --wheel --no-isolation --outdir "$folder/dist" . >/dev/null ||
        return 1
    for wheel in "$folder"/dist/*.whl; do
        $pip "$wheel[all]" --group dev || return 1
    done
    # The wheel, not the checkout's src, is what answers.
    "$folder/venv/bin/python" -c \
        'import sys, welcomemap; sys.exit("site-packages" not in welcomemap.__file__)' || return 1
    PATH="$folder/venv/bin:$PATH" \
        "$folder/venv/bin/python" -m pytest -n 2 --dist loadfile \
        -p no:benchmark "$@"
}

status=0
case $what in
locked) PYTHON=$python ./run test "$@" || status=$? ;;
newest) test_newest "$@" || status=$? ;;
*) say "neither locked nor newest: $what" && status=2 ;;
esac
if [ "$status" -eq 0 ]; then say "$what, $("$python" --version): passed"; else say "$what, $("$python" --version): FAILED"; fi
exit "$status"
