# SPDX-License-Identifier: GPL-2.0-or-later
# KTAP for scenarios. Source it first; it prints the head and ends the script's exit trap.
#
#	#!/bin/sh
#	# timeout: 60
#	# root: mini
#	. "$LIB/ktap.sh"
#	plan 3
#	expect "the file is there" test -f /x
#	expect_fail "nobody may write it" sh -c 'echo 1 > /x'
#	is "its content" "1" "$(cat /x)"
#
# Every check is one line of the result and never ends the script. Without a plan line (plan first
# is better) the plan is printed at the end. The script ends with status 1 if a check failed, the
# plan was not kept or the shell died of an error.
#
#	plan N                   how many results follow
#	ok NAME / not_ok NAME    a result
#	expect NAME CMD...       CMD must succeed;   expect_fail NAME CMD...   must fail
#	expect_errno NAME TEXT CMD...  CMD must fail and say TEXT ("Permission denied") on stderr
#	is NAME WANT GOT         equal strings;      isnt NAME UNWANTED GOT
#	like NAME PATTERN GOT    extended regular expression found in GOT;  unlike the reverse
#	skip NAME REASON         one result;         skip_all REASON           all of it, ends the script
#	diag TEXT                comment line;       run CMD...                echo the command, run it
#	on_exit CMD              run at the end, last one first
#	slow N                   N, times four on the debug flavour (seconds to wait)
# shellcheck shell=sh

ktap_count=0 ktap_failed=0 ktap_plan='' ktap_at_exit=:
ktap_tmp=$(mktemp -d) || exit 1
echo "KTAP version 1"

plan() { ktap_plan=$1; echo "1..$1"; }
diag() { printf '%s\n' "$*" | sed 's/^/# /'; }
run() { diag "+ $*"; "$@"; }
on_exit() { ktap_at_exit="$1; $ktap_at_exit"; }
slow() { if [ "${FLAVOUR:-}" = debug ]; then echo $(($1 * 4)); else echo "$1"; fi; }

ok() { ktap_count=$((ktap_count + 1)); echo "ok $ktap_count $1"; }
not_ok() {
	ktap_count=$((ktap_count + 1)) ktap_failed=$((ktap_failed + 1))
	echo "not ok $ktap_count $1"
}
skip() { ktap_count=$((ktap_count + 1)); echo "ok $ktap_count $1 # SKIP $2"; }
skip_all() {
	ktap_plan=0
	echo "1..0 # SKIP $1"
	exit 0
}

expect() {
	ktap_name=$1
	shift
	if "$@" >"$ktap_tmp/out" 2>&1; then
		ok "$ktap_name"
	else
		ktap_rc=$?
		not_ok "$ktap_name"
		diag "expected success, seen status $ktap_rc of: $*"
		diag "$(tail -n 20 "$ktap_tmp/out")"
	fi
}
expect_fail() {
	ktap_name=$1
	shift
	if "$@" >"$ktap_tmp/out" 2>&1; then
		not_ok "$ktap_name"
		diag "expected failure, seen success of: $*"
		diag "$(tail -n 20 "$ktap_tmp/out")"
	else
		ok "$ktap_name"
	fi
}
expect_errno() {
	ktap_name=$1 ktap_text=$2
	shift 2
	if "$@" >"$ktap_tmp/out" 2>&1; then
		not_ok "$ktap_name"
		diag "expected '$ktap_text', seen success of: $*"
	elif grep -qF "$ktap_text" "$ktap_tmp/out"; then
		ok "$ktap_name"
	else
		not_ok "$ktap_name"
		diag "expected '$ktap_text', seen: $(cat "$ktap_tmp/out")"
	fi
}
is() {
	if [ "$2" = "$3" ]; then ok "$1"; else
		not_ok "$1"
		diag "expected: $2"
		diag "seen:     $3"
	fi
}
isnt() {
	if [ "$2" != "$3" ]; then ok "$1"; else
		not_ok "$1"
		diag "expected something else than: $2"
	fi
}
like() {
	if printf '%s\n' "$3" | grep -qE -e "$2"; then ok "$1"; else
		not_ok "$1"
		diag "expected a match of: $2"
		diag "seen: $3"
	fi
}
unlike() {
	if printf '%s\n' "$3" | grep -qE -e "$2"; then
		not_ok "$1"
		diag "expected no match of: $2"
		diag "seen: $3"
	else ok "$1"; fi
}

ktap_end() {
	ktap_rc=$?
	trap - EXIT
	eval "$ktap_at_exit"
	rm -rf "$ktap_tmp"
	if [ -z "$ktap_plan" ]; then
		ktap_plan=$ktap_count
		echo "1..$ktap_plan"
	fi
	[ "$ktap_count" = "$ktap_plan" ] || diag "planned $ktap_plan, reported $ktap_count"
	[ "$ktap_rc" = 0 ] || diag "the script ended with status $ktap_rc"
	# in a trap of dash, exit alone would take the status from before the trap
	[ "$ktap_rc" != 0 ] || [ "$ktap_failed" != 0 ] || [ "$ktap_count" != "$ktap_plan" ] || exit 0
	exit 1
}
trap ktap_end EXIT
trap 'exit 1' HUP INT TERM
