# SPDX-License-Identifier: GPL-2.0-or-later
# Containers of a scenario, made by nsrun(.c): user, mount and pid namespace of their own, /proc
# mounted, ids 0 to 65535 mapped to themselves (root in it has kernel id 0 and may audit).
#
#	ns_run [OPTIONS] CMD...      run CMD in a container of its own
#	ns_new NAME [OPTIONS]        a container that stays; $NAME is the process id of its init
#	ns_in PID CMD...             run CMD in it, as its root
#	ns_end PID...                end it and wait
#	ns_ima PID                   mount securityfs on /mnt in it
#	ns_activate PID              the same, then activate its IMA namespace
#	ns_policy PID RULES          write rules, one a line, in one batch
#	ns_ima_id PID                its id, as 0x4b
# OPTIONS are those of nsrun: -u UID owner, -m MAP, -r ROOT chroot, -s DIR mount securityfs there
# ns_policy does one write a rule, so that a rule that is refused shows in the status.
# shellcheck shell=sh

ns_run() { nsrun "$@"; }
ns_new() {
	ns_name=$1
	shift
	ns_file=$(mktemp)
	rm -f "$ns_file"
	nsrun -f "$ns_file" "$@" sleep 100000 </dev/null >/dev/null 2>&1 &
	ns_left=$(($(slow 10) * 20))
	until [ -s "$ns_file" ]; do
		ns_left=$((ns_left - 1))
		[ $ns_left -gt 0 ] || { diag "ns_new: no container"; return 1; }
		sleep 0.05
	done
	ns_pid=$(cat "$ns_file")
	rm -f "$ns_file"
	on_exit "ns_end $ns_pid"
	eval "$ns_name=$ns_pid"
}
ns_in() {
	ns_target=$1
	shift
	nsrun -t "$ns_target" "$@"
}
ns_end() {
	for ns_pid; do
		kill -KILL "$ns_pid" 2>/dev/null || continue
		while [ -d "/proc/$ns_pid" ]; do sleep 0.05; done
	done
}
ns_ima() { ns_in "$1" mount -t securityfs securityfs /mnt; }
ns_activate() {
	ns_ima "$1" && ns_in "$1" sh -c 'echo 1 > /mnt/ima/active'
}
ns_policy() {
	printf '%s\n' "$2" | ns_in "$1" sh -c 'while IFS= read -r l; do printf "%s\n" "$l" || exit 1; done > /mnt/ima/policy'
}
ns_ima_id() { ns_in "$1" cat /mnt/ima/id; }
