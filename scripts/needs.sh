#!/bin/sh
# Installs the Debian packages among the arguments whose command of the same
# name is missing, and says so. Only the tests need them, never the product.
set -eu
missing=
for p in "$@"; do
	command -v "$p" >/dev/null 2>&1 || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "make test needs$missing and installs it from Debian's packages"
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
for p in "$@"; do
	command -v "$p" >/dev/null 2>&1 || { echo "could not install $p; install it by hand and run make test again" >&2; exit 1; }
done
