# SPDX-License-Identifier: GPL-2.0-or-later
# Helpers of the overlay scripts: paths, progress, steps with a log, failures.
# shellcheck shell=sh disable=SC2034

set -eu
export LC_ALL=C
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
CACHE=${CACHE:-$HOME/.cache/contid-overlay}
KTREE=${KTREE:-$BUILD/tree}
V=${V:-}
JOBS=${JOBS:-$(nproc)}
GOAL=${GOAL:-$(basename "$0")}
STARTED=$(date +%s)
export TOP BUILD CACHE KTREE
# depend: what is not there yet is not preprocessed a second time
export CCACHE_DIR="${CCACHE_DIR:-$CACHE/ccache}" CCACHE_DEPEND=1
export KBUILD_BUILD_TIMESTAMP=2026-01-01 KBUILD_BUILD_USER=overlay KBUILD_BUILD_HOST=localhost
# Commits made from the overlay depend on the overlay alone.
export GIT_AUTHOR_NAME='Overlay Team' GIT_AUTHOR_EMAIL=overlay@localhost
export GIT_COMMITTER_NAME='Overlay Team' GIT_COMMITTER_EMAIL=overlay@localhost
export GIT_AUTHOR_DATE='2026-01-01 00:00:00 +0000' GIT_COMMITTER_DATE='2026-01-01 00:00:00 +0000'
export GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
export GIT_CONFIG_KEY_1=core.quotePath GIT_CONFIG_VALUE_1=false

say() { echo "$GOAL: $*" >&2; }

seconds() { echo "$(($(date +%s) - STARTED)) s"; }

verdict() { echo "$GOAL: $*"; }

# fail OBJECT CAUSE REMEDY: the last word of a goal that did not succeed
fail() {
	echo "$GOAL: $1: $2" >&2
	[ -z "${3:-}" ] || echo "$GOAL: remedy: $3" >&2
	verdict "FAIL $1: $2"
	exit 1
}

# step NAME COMMAND...: run with its output in build/log/NAME.log
step() {
	step_log=$BUILD/log/$1.log
	step_name=$1
	mkdir -p "$BUILD/log"
	shift
	say "$step_name"
	if [ -n "$V" ]; then
		echo "+ $*" >&2
		{ { "$@" 2>&1; echo $? >"$step_log.rc"; } | tee "$step_log" >&2; } || true
		step_rc=$(cat "$step_log.rc")
	else
		step_rc=0
		"$@" >"$step_log" 2>&1 </dev/null || step_rc=$?
	fi
	rm -f "$step_log.rc"
	[ "$step_rc" = 0 ] || [ -n "$V" ] || tail -n 40 "$step_log" >&2
	return "$step_rc"
}

scratch() {
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/overlay.XXXXXX")
	# shellcheck disable=SC2064 # the directory of now is meant
	trap "rm -rf '$WORK'" EXIT
	trap 'exit 1' HUP INT TERM
}

# the fields of a series file: topic, message file, paths
series_lines() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1"; }
field() { echo "$1" | cut -d'|' -f"$2" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//'; }

# target PATH TOPIC: the kernel file that an overlay path stands for
target() {
	case $1 in
	*."$2".patch) echo "${1%."$2".patch}" ;;
	*.patch) echo "${1%.patch}" ;;
	*) echo "$1" ;;
	esac
}

# ours PATH: true if the path never enters the kernel tree
ours() {
	case $1 in
	tools/testing/selftests/*) return 1 ;;
	tests/* | series.d/* | .ci/* | Documentation/audit/* | tools/*) return 0 ;;
	*/*) return 1 ;;
	*.patch) return 1 ;;
	esac
	return 0
}

kernel_version() {
	awk -F' *= *' '/^VERSION =/ {v = $2} /^PATCHLEVEL =/ {p = $2} /^SUBLEVEL =/ {print v "." p "." $2; exit}'
}

base_mk() { sed -n "s|^$1 *:= *||p" "${2:-$TOP}/base.mk" 2>/dev/null; }

# objects OUT TREE FLAVOUR FLAGS OBJECT...: build single objects of TREE in OUT, with the configuration of FLAVOUR
objects() {
	o_out=$1 o_tree=$2 o_flavour=$3 o_flags=$4
	shift 4
	mkdir -p "$o_out"
	FLAVOUR=$o_flavour make -C "$TOP/tests/qemu" config || return 1
	if ! cmp -s "$BUILD/$o_flavour/config" "$o_out/config"; then
		cp "$BUILD/$o_flavour/config" "$o_out/config"
		cp "$BUILD/$o_flavour/config" "$o_out/.config"
	fi
	make -C "$o_tree" O="$o_out" CC="ccache gcc" HOSTCC="ccache gcc" -s -j"$JOBS" olddefconfig prepare || return 1
	# shellcheck disable=SC2086 # flags are words
	make -C "$o_tree" O="$o_out" CC="ccache gcc" HOSTCC="ccache gcc" -k -j"$JOBS" $o_flags "$@"
}
