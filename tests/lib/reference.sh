# SPDX-License-Identifier: GPL-2.0-or-later
# Expectations from the record reference, Documentation/admin-guide/audit-records.rst, whose path is
# in $REFERENCE (else the copy in the guest).
#
#	reference_lint                         the page has what is read of it
#	reference_events [TITLE]               names of its events (below this title), one a line
#	reference_records                      names of its records with a table, and payloads
#	reference_fields                       record or group, field and value, one row of a table a line
#	reference_check EVENT NAME=VALUE...    the records on standard input, lines of an audit log, are
#	                                       this event; NAME=VALUE is what $NAME of the page stands for
#	reference_payload NAME                 bytes on standard input, decimal, as field=value
# What is wrong is printed, and the status is not 0. In a scenario, after ktap.sh and audit.sh:
#
#	reference_logged EVENT PATTERN NAME=VALUE...   one result: the first line of the log that
#	                                       matches is in such an event; its records are in /tmp/event
#	reference_event EVENT PATTERN NAME=VALUE...    the same, then the log is cleared
#	reference_made TITLE                   one result: every event of the page below this title was
#	                                       looked for
# shellcheck shell=sh

REFERENCE=${REFERENCE:-/tests/pages/audit-records.rst}
reference_vars='' reference_section='' reference_done=''

reference_awk() {
	reference_goal=$1 reference_event=$2
	shift 2
	REFERENCE_VARS=$reference_vars awk -v goal="$reference_goal" -v event="$reference_event" \
		-v section="$reference_section" -f "$LIB/reference.awk" "$REFERENCE" "$@"
}
reference_lint() { reference_awk lint ''; }
reference_events() {
	reference_section=${1:-}
	reference_awk events ''
	reference_section=
}
reference_fields() { reference_awk fields ''; }
reference_records() { reference_awk records ''; }
reference_check() {
	reference_event=$1
	shift
	reference_vars=$(printf '%s\n' "$@")
	reference_awk check "$reference_event" -
	reference_status=$?
	reference_vars=
	return $reference_status
}
reference_payload() { reference_awk payload "$1" -; }

reference_logged() {
	reference_done="$reference_done$1
"
	reference_name=$1 reference_pattern=$2
	shift 2
	audit_wait "$reference_pattern" 1 20
	audit_sync
	reference_stamp=$(grep -E -e "$reference_pattern" "$AUDIT_LOG" | sed -n '1s/^[^(]*(\([^)]*\)).*/\1/p')
	grep -F "msg=audit(${reference_stamp:-none}):" "$AUDIT_LOG" >/tmp/event
	if reference_check "$reference_name" "$@" </tmp/event >/tmp/differs; then
		ok "$reference_name"
	else
		not_ok "$reference_name"
		diag "$(cat /tmp/differs)"
		diag "the event of $reference_pattern:"
		diag "$(cut -c1-600 /tmp/event)"
	fi
}
reference_event() {
	reference_logged "$@"
	audit_clear
}
reference_made() {
	is "every event of the page below '$1' was made" \
		"$(reference_events "$1" | sort)" "$(printf %s "$reference_done" | sort -u)"
}
