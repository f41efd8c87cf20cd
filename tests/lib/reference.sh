# SPDX-License-Identifier: GPL-2.0-or-later
# Expectations from the record reference, Documentation/admin-guide/audit-records.rst, whose path is
# in $REFERENCE (else the copy in the guest).
#
#	reference_lint                         the page has what is read of it
#	reference_events                       names of its events, one a line
#	reference_records                      names of its records with a table, and payloads
#	reference_check EVENT NAME=VALUE...    the records on standard input, lines of an audit log, are
#	                                       this event; NAME=VALUE is what $NAME of the page stands for
#	reference_payload NAME                 bytes on standard input, decimal, as field=value
# What is wrong is printed, and the status is not 0.
# shellcheck shell=sh

REFERENCE=${REFERENCE:-/tests/contid/audit-records.rst}
reference_vars=

reference_awk() {
	reference_goal=$1 reference_event=$2
	shift 2
	REFERENCE_VARS=$reference_vars awk -v goal="$reference_goal" -v event="$reference_event" -f "$LIB/reference.awk" "$REFERENCE" "$@"
}
reference_lint() { reference_awk lint ''; }
reference_events() { reference_awk events ''; }
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
