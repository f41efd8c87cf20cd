# SPDX-License-Identifier: GPL-2.0-or-later
# A made-up kernel tree and overlay, and KTAP for the tests beside this file.
# shellcheck shell=sh
set -eu
TOP=$(cd "$(dirname "$0")/../.." && pwd)
D=$(mktemp -d)
trap 'rm -rf "$D"' EXIT
count=0

plan() { echo "KTAP version 1"; echo "1..$1"; }
# ok WHAT COMMAND...: one test; its output is shown if it fails
ok() {
	what=$1
	shift
	count=$((count + 1))
	if "$@" >"$D/out" 2>&1; then
		echo "ok $count $what"
	else
		sed 's/^/# /' "$D/out"
		echo "not ok $count $what"
	fi
}
# says TEXT COMMAND...: fails, and its verdict contains the text
says() {
	text=$1
	shift
	if "$@" >"$D/says" 2>&1; then echo "succeeded"; cat "$D/says"; return 1; fi
	grep -qF -- "$text" "$D/says" || { cat "$D/says"; return 1; }
}

g() { git -C "$D/linux" -c user.name=t -c user.email=t@localhost "$@"; }
# commit TOPIC: all that changed
commit() {
	g add -f -A
	printf 'x: change\n\nTopic: %s\n' "$1" | g commit -q -F -
}
fresh() {
	rm -rf "$D/linux" "$D/overlay"
	mkdir -p "$D/linux/kernel" "$D/overlay/tools/overlay"
	cp "$TOP"/tools/overlay/* "$D/overlay/tools/overlay/"
	printf 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\n' >"$D/linux/Makefile"
	seq 1 60 >"$D/linux/kernel/a.c"
	echo '/*' >"$D/linux/.gitignore"
	git init -q -b overlay "$D/linux"
	g add -f -A
	g commit -q -m base
	g tag base
}
overlay() { # SCRIPT ARGS: a script of the made-up overlay
	s=$1
	shift
	env -u GOAL TOP="$D/overlay" BUILD="$D/build" KTREE="$D/linux" BRANCH=overlay "$D/overlay/tools/overlay/$s" "$@"
}
