# SPDX-License-Identifier: GPL-2.0-or-later
# Processes with audit container identifiers, and the log of the real auditd. After ktap.sh.
#
# An actor is a shell (contid-actor) that does what it is told, line by line. The script is the
# ancestor of all.
#
#	spawn NAME [PARENT] [PROGRAM...]     a new actor, child of actor PARENT (- or none: of the
#	                                     script), run by PROGRAM, which execs its arguments
#	                                     (setsid, unshare -n)
#	act NAME 'COMMANDS'                  lets it run one line of shell; output and status are ours
#	tell NAME 'COMMANDS'                 the same without waiting (exit, an endless loop)
#	pid NAME                             its process id
#	end NAME PARENT                      lets it exit and its parent wait for it
#	label PARENT NAME TEXT               PARENT (- for the script) writes TEXT to audit_containerid
#	contid NAME                          reads it
#	actors_end                           ends all (done at the end of the script)
#
#	auditd_start                         starts auditd; $LOG is its log
#	written                              waits until all that happened so far is in the log
#	new_log                              copies what came since the last call to $NEW
#	events FILE                          events of a log, a line each: serial, then the records in
#	                                     order, each "TYPE:N=LIST" with the fields record and
#	                                     contid of it; EOE is no record
#	shape PATTERN [FILE]                 the same without serial, of the events of $NEW (FILE) in
#	                                     which a record matches
# shellcheck shell=sh disable=SC2154 # of ktap.sh

LOG=/var/log/audit/audit.log
NEW=$ktap_tmp/new.log
actors=$ktap_tmp/actors
mkdir -p "$actors"
echo 0 >"$ktap_tmp/log_lines"

spawn() {
	spawn_name=$1 spawn_parent=${2:--}
	if [ $# -ge 2 ]; then shift 2; else shift; fi
	mkfifo "$actors/$spawn_name.in" "$actors/$spawn_name.done" || return 1
	if [ "$spawn_parent" = - ]; then
		"$@" "$LIB/contid-actor" "$actors" "$spawn_name" </dev/null >/dev/null 2>&1 &
		echo $! >"$actors/$spawn_name.pid"
	else
		act "$spawn_parent" "$* '$LIB/contid-actor' '$actors' $spawn_name </dev/null >/dev/null 2>&1 & echo \$! >$actors/$spawn_name.pid"
	fi
	# it has opened its pipe, so it is no longer the program that started it
	act "$spawn_name" :
}
pid() { cat "$actors/$1.pid"; }
tell() { printf '%s\n' "$2" >"$actors/$1.in"; }
act() {
	tell "$1" "$2"
	# a writer that has not closed its end since the last time lets this open, and then see an end
	act_status=
	while [ -z "$act_status" ]; do read -r act_status <"$actors/$1.done" || :; done
	cat "$actors/$1.out"
	return "$act_status"
}
end() {
	tell "$1" exit
	if [ "${2:--}" = - ]; then wait "$(pid "$1")"; else act "$2" "wait $(pid "$1")"; fi
	rm -f "$actors/$1".*
}
actors_end() {
	for actors_file in "$actors"/*.pid; do
		[ ! -f "$actors_file" ] || kill -KILL "$(cat "$actors_file")" 2>/dev/null
	done
	rm -f "$actors"/*
}
on_exit actors_end
label() {
	if [ "$1" = - ]; then
		echo "$3" >"/proc/$(pid "$2")/audit_containerid"
	else
		act "$1" "echo '$3' >/proc/$(pid "$2")/audit_containerid"
	fi 2>/dev/null
}
contid() { cat "/proc/$(pid "$1")/audit_containerid"; }

auditd_start() {
	mkdir -p "${LOG%/*}"
	# nothing is rotated away and nothing is lost while it starts
	sed -i 's/^max_log_file_action.*/max_log_file_action = IGNORE/' /etc/audit/auditd.conf
	auditctl -D >/dev/null && auditctl -b 65536 >/dev/null || return 1
	pidof auditd >/dev/null || auditd -s enable || return 1
	written && new_log
}
written() {
	written_mark=$(cat /proc/sys/kernel/random/uuid)
	auditctl -m "mark $written_mark" >/dev/null
	written_left=$(($(slow 20) * 20))
	until grep -qF "mark $written_mark" "$LOG"; do
		written_left=$((written_left - 1))
		[ $written_left -gt 0 ] || { diag "auditd does not write"; return 1; }
		sleep 0.05
	done
}
# what auditd adds for humans stands behind the byte 035
new_log() {
	# in a file, since this may run in a subshell
	log_lines=$(cat "$ktap_tmp/log_lines")
	tail -n +$((log_lines + 1)) "$LOG" | sed 's/\o035.*//' >"$NEW"
	echo $(($(wc -l <"$NEW") + log_lines)) >"$ktap_tmp/log_lines"
}
# shellcheck disable=SC2016 # fields of awk
events() {
	awk '
	!/^type=EOE / && match($0, /^type=[^ ]+ msg=audit\([0-9.]+:[0-9]+\)/) {
		split(substr($0, RSTART, RLENGTH), head, /[ =:()]/)
		rest = substr($0, RLENGTH + 1)
		word = head[2]
		serial = head[6]
		if (match(rest, / record=[0-9]+/))
			word = word ":" substr(rest, RSTART + 8, RLENGTH - 8)
		if (rest !~ / opid=/ && match(rest, / contid=[0-9,^]+/))
			word = word "=" substr(rest, RSTART + 8, RLENGTH - 8)
		if (!(serial in e))
			order[++n] = serial
		e[serial] = e[serial] " " word
	}
	END {
		for (i = 1; i <= n; i++)
			print order[i] e[order[i]]
	}' "$1"
}
shape() {
	shape_file=${2:-$NEW}
	grep -E -e "$1" "$shape_file" | sed -n 's/^[^(]*([^:]*:\([0-9]*\)).*/\1/p' | sort -un >"$ktap_tmp/serials"
	events "$shape_file" | awk 'NR == FNR {want[$1]; next} $1 in want {sub(/^[0-9]+ /, ""); print}' "$ktap_tmp/serials" -
}
