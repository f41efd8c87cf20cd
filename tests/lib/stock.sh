# SPDX-License-Identifier: GPL-2.0-or-later
# What unpatched audit tools make of a log: stock_tools FILE reports STOCK_TOOLS results. FILE is
# a log of auditd with at least one event of each type that it asks for. After ktap.sh, contid.sh.
# shellcheck shell=sh disable=SC2154 # of ktap.sh

# shellcheck disable=SC2034 # for plan
STOCK_TOOLS=23

# whole events with a record of type $1, as the log has them
events_with() { events "$2" | grep -E "^[0-9]+( .*)? $1([ :=]|\$)" | sort -n; }
# the log without what contid adds to it
without_contid() { sed -E -e '/^type=UNKNOWN\[137[016]\] /d' -e 's/ record=[0-9]+(\o035|$)/\1/' "$1"; }
report() { # FILE OPTIONS...: rows without their number
	report_file=$1
	shift
	aureport -if "$report_file" -i "$@" 2>/dev/null | sed -n 's/^[0-9]*\. //p'
}

stock_tools() {
	stock=$1
	t=$ktap_tmp/stock
	events "$stock" | sort -n >"$t.want"
	diag "$(wc -l <"$t.want") events, $(grep -c '^type=UNKNOWN\[1371\]' "$stock") records of CONTAINER_ID"
	is "the log has no event in two pieces" "" "$(cut -d' ' -f1 "$t.want" | uniq -d)"
	auparsed file "$stock" | sort -n >"$t.got"
	expect "libauparse reads each event of the file as it was written" diff "$t.want" "$t.got"
	for size in 1000000 333; do
		auparsed feed $size "$stock" | sort -n >"$t.got"
		expect "libauparse groups each event that it is fed, $size bytes at a time" diff "$t.want" "$t.got"
	done
	for type in 1370 1371 1376; do
		events_with "UNKNOWN.$type." "$stock" >"$t.events"
		isnt "there are events with type $type" 0 "$(wc -l <"$t.events")"
		ausearch -if "$stock" -m $type --raw 2>/dev/null >"$t.raw"
		events "$t.raw" | sort -n >"$t.got"
		expect "ausearch -m $type finds them, whole" diff "$t.events" "$t.got"
		ausearch -if "$stock" -m $type -i 2>/dev/null >"$t.text"
		is "ausearch -m $type -i: a heading each" "$(wc -l <"$t.events")" "$(grep -c '^----' "$t.text")"
		is "ausearch -m $type -i: no record is missing or twice" \
			"$(grep -c "^type=UNKNOWN.$type. " "$stock")" "$(grep -c "^type=UNKNOWN.$type. msg=audit(" "$t.text")"
	done
	# an event number a line, in the last column of this report but two
	aureport -if "$stock" -e 2>/dev/null >"$t.report"
	awk '/^[0-9]+\. /{print $4, $5}' "$t.report" | sort -n >"$t.got"
	# it has no name for an unknown type
	sed -E -e 's/^([0-9]+ [^ :=]+).*/\1/' -e 's/ UNKNOWN\[.*/ (null)/' "$t.want" >"$t.first"
	expect "aureport -e: each event once, by the type of its first record" diff "$t.first" "$t.got"
	# of those that start with SYSCALL the whole row is as it is without contid
	without_contid "$stock" >"$t.plain"
	grep -E '^[0-9]+ SYSCALL' "$t.want" | cut -d' ' -f1 >"$t.serials"
	for f in "$stock" "$t.plain"; do
		aureport -if "$f" -e -i 2>/dev/null | awk 'NR == FNR {want[$1]; next} /^[0-9]+\. / && ($4 in want) {sub(/^[0-9]+\. /, ""); print}' "$t.serials" - >"$t.rows"
		cp "$t.rows" "$t.rows.$([ "$f" = "$stock" ] && echo with || echo without)"
	done
	isnt "there are events that start with SYSCALL" 0 "$(wc -l <"$t.rows.with")"
	expect "aureport -e: their rows are as they are without contid" diff "$t.rows.without" "$t.rows.with"
	for option in --file --key --syscall --executable; do
		report "$stock" $option >"$t.with"
		report "$t.plain" $option >"$t.without"
		diag "aureport $option: $(wc -l <"$t.without") rows"
		expect "aureport $option: rows are as they are without contid" diff "$t.without" "$t.with"
	done
}
