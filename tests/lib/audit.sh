# SPDX-License-Identifier: GPL-2.0-or-later
# The audit log of a scenario: $AUDIT_LOG, one record a line, written by auditlog(.c) in place of
# auditd, or beside it if auditd runs. Lines start with type=NAME (NAME as in auditd for the usual
# records, the number else), then msg=audit(TIME:SERIAL): fields.
#
#	audit_start              start the collector, log empty; switches auditing on
#	audit_clear              forget what was logged
#	audit_sync               wait until everything that happened before is in the log
#	audit_grep PATTERN       print matching lines (extended regular expression), after audit_sync
#	audit_count PATTERN      number of matching lines, after audit_sync
#	audit_wait PATTERN [COUNT] [SECONDS]   wait for COUNT (1) lines, 10 s (times four on debug)
#	audit_event PATTERN      all records of the events that have a matching line
#	audit_stop               end the collector (done at the end of the script by itself)
# shellcheck shell=sh

AUDIT_LOG=${AUDIT_LOG:-/tmp/audit.log}
# each sync would fork for $(slow 10)
if [ "${FLAVOUR:-}" = debug ]; then audit_patience=40; else audit_patience=10; fi

audit_start() {
	[ -z "${audit_pid:-}" ] || audit_stop
	rm -f "$AUDIT_LOG" "$AUDIT_LOG.pid"
	if pidof auditd >/dev/null; then auditlog -m "$AUDIT_LOG"; else auditlog "$AUDIT_LOG"; fi || return 1
	audit_pid=$(cat "$AUDIT_LOG.pid")
	on_exit audit_stop
}
audit_stop() {
	[ -z "${audit_pid:-}" ] || kill "$audit_pid" 2>/dev/null
	audit_pid=
}
audit_clear() { audit_sync; : >"$AUDIT_LOG"; }
# The queue is first in, first out: a record of our own is the last of what was before.
audit_sync() {
	auditlog -y "$AUDIT_LOG" "$audit_patience" && return
	diag "audit_sync: the mark did not arrive"
	return 1
}
audit_grep() { audit_sync; grep -E -e "$1" "$AUDIT_LOG"; }
audit_count() { audit_sync; grep -cE -e "$1" "$AUDIT_LOG"; }
audit_wait() {
	audit_left=$(($(slow "${3:-10}") * 10))
	until [ "$(grep -cE -e "$1" "$AUDIT_LOG")" -ge "${2:-1}" ]; do
		audit_left=$((audit_left - 1))
		[ $audit_left -gt 0 ] || return 1
		sleep 0.1
	done
}
audit_event() {
	audit_sync
	grep -E -e "$1" "$AUDIT_LOG" | sed -n 's/^[^(]*(\([^)]*\)).*/audit(\1)/p' | sort -u |
		while read -r audit_id; do grep -F -e "$audit_id" "$AUDIT_LOG"; done
}
