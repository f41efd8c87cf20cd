# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Shared by the scripts here: progress on stderr, a log per step, one verdict line at the end.
set -eu
LOG=$BUILD/log
mkdir -p "$LOG" "$BUILD/results"

progress() {
	printf '%s\n' "$*" >&2
}

# die STEP OBJECT CAUSE REMEDY: the last lines of the step's log, then what to do
die() {
	if [ -s "$LOG/$1.log" ]; then
		tail -n 40 "$LOG/$1.log"
	fi
	printf '%s: %s\n%s\n' "$2" "$3" "remedy: $4"
	printf '%s: FAIL %s: %s\n' "${GOAL:-$1}" "$2" "$3"
	exit 1
}

# alone STEP: until this script ends, another one that makes the same waits
alone() {
	exec 9>"$LOG/$1.lock"
	flock 9
}

# The kernel source of the flavour
source_tree() {
	if [ "$FLAVOUR" = vanilla ]; then
		"$TOP/tools/overlay/base"
	else
		echo "$KTREE"
	fi
}

kernel_version() {
	make -s --no-print-directory -C "$(source_tree)" kernelversion
}
