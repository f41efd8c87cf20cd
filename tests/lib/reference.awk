# SPDX-License-Identifier: GPL-2.0-or-later
# Reads Documentation/admin-guide/audit-records.rst, whose last section says what is read of it, and
# compares records with it. Used by reference.sh.
#
#	awk -v goal=lint -f reference.awk PAGE          status 2 if the page has an error
#	awk -v goal=events -f reference.awk PAGE        names of the events, one a line; with
#		-v section=TITLE those below that title of the first level
#	awk -v goal=records -f reference.awk PAGE       names of the records and payloads with a table
#	awk -v goal=fields -f reference.awk PAGE        record, field, value of each row of a table
#	awk -v goal=check -v event=NAME -f reference.awk PAGE RECORDS
#		status 1, and what is wrong, if the lines of RECORDS are not this event; each is
#		type=T msg=audit(STAMP): TEXT with the name or number of a type. REFERENCE_VARS in the
#		environment has lines name=value for the $name of the page.
#	awk -v goal=payload -v event=NAME -f reference.awk PAGE BYTES
#		BYTES are decimal numbers; prints field=value for each field, on one line

function bad(what) {
	printf "%s:%d: %s\n", page, line, what >"/dev/stderr"
	status = 2
	exit 2
}
function literal(s) {
	gsub(/[][\\.*^$()+?{}|]/, "\\\\&", s)
	return s
}
# $name -> value
function filled(s, out, name) {
	while (match(s, /\$[a-z]+/)) {
		name = substr(s, RSTART + 1, RLENGTH - 1)
		if (!(name in var)) {
			if (goal != "lint") bad("nobody said what $" name " is")
			var[name] = 1
		}
		out = out substr(s, 1, RSTART - 1) var[name]
		s = substr(s, RSTART + RLENGTH)
	}
	return out s
}
function value_re(name, e, inner, tries) {
	if (!(name in expression)) bad("no value " name)
	e = expression[name]
	while (match(e, /<[a-z]+>/)) {
		inner = substr(e, RSTART + 1, RLENGTH - 2)
		if (!(inner in expression) || ++tries > 99) bad("no value " inner)
		e = substr(e, 1, RSTART - 1) expression[inner] substr(e, RSTART + RLENGTH)
	}
	return e
}
# one field of any value
function field_re(table, i, e) {
	e = value_re(value[table, i])
	return " " field[table, i] (e ~ /^\[=/ ? "" : "=") "(" e ")"
}
# rows FIRST to LAST, which come in any order: those that the event names, in its order, or else all
function any_re(table, first, last, i, j, re) {
	for (i = 1; i <= wanted; i++) for (j = first; j <= last; j++) if (field[table, j] == wanted_field[i]) {
		re = re " " wanted_field[i] "=" literal(want[wanted_field[i]])
		delete want[wanted_field[i]]
	}
	if (re != "") return re
	for (j = first; j <= last; j++) re = re (j > first ? "|" : "") field_re(table, j)
	return "(" re ")*"
}
# the fields of a table, want[] being those that have a certain value
function fields_re(table, alone, i, j, f, t, re, piece) {
	for (i = 1; i <= fields[table]; i++) {
		f = field[table, i]
		t = there[table, i]
		if (t == "alone" && !alone || t ~ /^(ids|child)$/ && !(f in want)) continue
		if (value[table, i] == "fields") {
			if (!(f in fields)) bad("no group " f)
			re = re fields_re(f, alone)
			continue
		}
		if (t == "any") {
			for (j = i; j < fields[table] && there[table, j + 1] == "any";) j++
			re = re any_re(table, i, j)
			i = j
			continue
		}
		piece = f in want ? " " f "=" literal(want[f]) : field_re(table, i)
		if (t == "maybe" && !(f in want)) piece = "(" piece ")?"
		re = re piece
		delete want[f]
	}
	return re
}
# sets item_type, item_many and item_re from a line of an event
function item(s, alone, word, n, i, eq, table) {
	n = split(s, word, " ")
	table = word[1]
	item_many = ""
	if (table ~ /[+*]$/) {
		item_many = substr(table, length(table))
		table = substr(table, 1, length(table) - 1)
	}
	item_type = table
	item_re = ""
	for (i in want) delete want[i]
	wanted = n - 1
	for (i = 2; i <= n; i++) {
		eq = index(word[i], "=")
		if (!eq) bad("no field: " word[i])
		wanted_field[i - 1] = substr(word[i], 1, eq - 1)
		want[wanted_field[i - 1]] = filled(substr(word[i], eq + 1))
	}
	if (!(table in number)) {
		if (n > 1) bad("no table of " table)
		return
	}
	item_re = "^" fields_re(table, alone) "$"
	for (i in want) bad(table " has no field " i)
}
function is_type(t) {
	return t == item_type || item_type in number && (t == number[item_type] || t == "UNKNOWN[" number[item_type] "]")
}
function fits(i) {
	return is_type(type[i]) && (item_re == "" || (" " text[i]) ~ item_re)
}
function differs(expected, seen) {
	print "expected: " expected
	print "seen:     " seen
	status = 1
}
function check_event(i, at, alone) {
	if (!(event in items)) bad("no event " event)
	alone = kind[event] == "alone"
	if (!records) {
		differs("records", "none")
		return
	}
	for (i = 2; i <= records; i++)
		if (stamp[i] != stamp[1]) differs("stamp " stamp[1], stamp[i])
	at = 1
	for (i = 1; i <= items[event]; i++) {
		line = where[event, i]
		item(of_event[event, i], alone)
		if (item_many != "*") {
			if (at > records || !fits(at)) {
				differs(item_type " " item_re, at > records ? "no more records" : type[at] " " text[at])
				return
			}
			at++
		}
		while (item_many != "" && at <= records && fits(at)) at++
	}
	if (at <= records) differs("no more records", type[at] " " text[at])
}
function lint(e, i, n, name) {
	for (name in expression) value_re(name)
	for (name in fields) for (i = 1; i <= fields[name]; i++) {
		line = at_line[name, i]
		if (there[name, i] !~ /^(always|maybe|alone|ids|child|any)$/) bad("not always, maybe, alone, ids, child or any: " there[name, i])
		if (value[name, i] == "fields") {
			if (!(field[name, i] in fields)) bad("no group " field[name, i])
		} else value_re(value[name, i])
	}
	for (e in items) {
		if (!items[e]) bad("event " e " has no records")
		for (i = 1; i <= items[e]; i++) {
			line = where[e, i]
			item(of_event[e, i], kind[e] == "alone")
			used[item_type]
		}
		n++
	}
	if (!n) bad("no events")
	for (name in number) if (!(name in used)) bad("no event has a " name)
}
function payload(i, j, at, f, b, n, out, s) {
	if (!(event in payloads)) bad("no payload " event)
	at = 1
	for (i = 1; i <= payloads[event]; i++) {
		f = payload_field[event, i]
		b = payload_bytes[event, i]
		if (b == "u32" || b == "s32") {
			if (at + 3 > bytes) { print "too short for " f; status = 1; return }
			n = byte[at] + 256 * (byte[at + 1] + 256 * (byte[at + 2] + 256 * byte[at + 3]))
			if (b == "s32" && byte[at + 3] > 127) n -= 4294967296
			at += 4
			s = sprintf("%.0f", n)
			number_of[f] = s
		} else {
			if (b != "rest" && !(b in number_of)) bad("not u32, s32, rest or a field: " b)
			n = b == "rest" ? bytes - at + 1 : number_of[b] + 0
			s = ""
			for (j = 0; j < n && at <= bytes; j++) s = s sprintf("%c", byte[at++])
			if (j < n) { print "too short for " f; status = 1; return }
		}
		out = out (i > 1 ? " " : "") f "=" s
	}
	if (at <= bytes) { print bytes - at + 1 " bytes too many"; status = 1; return }
	print out
}

BEGIN {
	n = split(ENVIRON["REFERENCE_VARS"], entry, "\n")
	for (i = 1; i <= n; i++) {
		eq = index(entry[i], "=")
		if (eq) var[substr(entry[i], 1, eq - 1)] = substr(entry[i], eq + 1)
	}
}

# the page
FILENAME == ARGV[1] {
	page = FILENAME
	line = FNR
	if ($0 ~ /^=+( +=+)+$/) {
		border++
		if (border == 1) heading = ""
		if (border == 2) {
			n = split(heading, word, " ")
			table = ""
			if (word[2] == "Expression") table = "values"
			else if (word[1] == "Field" && word[2] == "Value" && word[3] == "There") table = "fields"
			else if (word[1] == "Field" && word[2] == "Bytes") table = "bytes"
			if (table == "fields" || table == "bytes") {
				if (split(title, word, /[ ()]+/) < 2) bad("a table without title")
				name = word[1]
				if (name in fields || name in payloads) bad("a second table of " name)
				if (table == "bytes") payloads[name] = 0
				else {
					fields[name] = 0
					if (word[2] ~ /^[0-9]+$/) number[name] = word[2]
					else if (word[2] != "fields") bad("neither NAME (number) nor NAME fields: " title)
				}
				order[++orders] = name
			}
		}
		if (border == 3) border = 0
		in_event = ""
		next
	}
	if (border == 1) { heading = heading " " $0; next }
	if (border == 2) {
		if ($0 !~ /^[^ ]/) next
		if (table == "values") {
			n = split($0, part, /``/)
			if (n < 3) bad("no expression of " $1)
			if ($1 in expression) bad("a second value " $1)
			expression[$1] = part[2]
		} else if (table == "fields") {
			if (NF < 3) bad("fewer than three columns")
			n = ++fields[name]
			field[name, n] = $1
			value[name, n] = $2
			there[name, n] = $3
			at_line[name, n] = FNR
		} else if (table == "bytes") {
			n = ++payloads[name]
			payload_field[name, n] = $1
			payload_bytes[name, n] = $2
		}
		next
	}
	if ($0 ~ /^(===+|---+)$/) title = last
	if ($0 ~ /^===+$/) chapter = last
	last = $0
	if ($1 == "event" && $0 ~ /^ +event [a-z-]+ (active|alone)$/) {
		in_event = $2
		if (in_event in items) bad("a second event " in_event)
		items[in_event] = 0
		kind[in_event] = $3
		names[++events] = in_event
		below[events] = chapter
		next
	}
	if (in_event != "" && $0 !~ /^ /) in_event = ""
	if (in_event != "") {
		n = ++items[in_event]
		of_event[in_event, n] = $0
		where[in_event, n] = FNR
	}
	next
}

# bytes, or records
goal == "payload" {
	for (i = 1; i <= NF; i++) byte[++bytes] = $i
	next
}
{
	records++
	if (!match($0, /^type=[^ ]+ msg=audit\([0-9.:]+\): ?/)) {
		print "no record: " $0
		status = 1
		exit 1
	}
	split(substr($0, 6), word, " ")
	type[records] = word[1]
	split($0, word, /[()]/)
	stamp[records] = word[2]
	text[records] = substr($0, RLENGTH + 1)
}

END {
	if (status) exit status
	if (goal == "lint") lint()
	else if (goal == "events") for (i = 1; i <= events; i++) { if (section == "" || below[i] == section) print names[i] }
	else if (goal == "records") for (i = 1; i <= orders; i++) { if (order[i] in number || order[i] in payloads) print order[i] }
	else if (goal == "fields") for (i = 1; i <= orders; i++) { for (j = 1; j <= fields[order[i]]; j++) print order[i], field[order[i], j], value[order[i], j] }
	else if (goal == "check") check_event()
	else if (goal == "payload") payload()
	else bad("what goal?")
	exit status
}
