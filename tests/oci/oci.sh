# SPDX-License-Identifier: GPL-2.0-or-later
# Bundles, runtimes and contid-oci in the Debian root. After ktap.sh and audit.sh.
#
#	oci_start                the bundle's root file system, auditing on
#	config [KEY=VALUE...]    writes $bundle/config.json; the keys are
#	    args='"/bin/true"'   of the process, JSON
#	    user=yes             a user namespace, ids from 100000 on; user=/proc/…/ns/user joins one
#	    annotations='"k":"v"'  hooks='"createRuntime":[…]'  mounts=',{…}'  terminal=true
#	    pid=no               the host's pid namespace
#	conf LINE...             contid-oci.conf
#	policy NAME RULE...      a file of /etc/contid/policies
#	init_of RUNTIME NAME     pid of the first process, from the runtime
#	id_of PID                its id, or nothing
#	state_of NAME KEY        member of the state file, without quotes
#	state_wait RUNTIME NAME STATE   waits until the runtime says so
#	file_wait FILE           waits until it is not empty
#	messages [WORDS]         number of VIRT_CONTROL records of contid-oci with these words
#	gone NAME                one result: no process, no state file, and the runtimes know no NAME
#	free_again ID            one result: ID can be taken
#	label_process ID         a process of the script with this id, its pid is $labelled
# shellcheck shell=sh disable=SC2154 # of ktap.sh

bundle=/tmp/bundle

oci_start() {
	# files of mapped ids, which an earlier scenario left
	rm -rf $bundle
	mkdir -p /etc/contid
	mkdir -p $bundle/rootfs/bin $bundle/rootfs/proc $bundle/rootfs/dev $bundle/rootfs/sys $bundle/rootfs/tmp $bundle/rootfs/data /etc/contid/policies
	chmod 1777 $bundle/rootfs/tmp
	cp /bin/busybox $bundle/rootfs/bin/busybox
	for oci_applet in sh sleep true cat echo stty tty kill id; do ln -sf busybox $bundle/rootfs/bin/$oci_applet; done
	# programs that are files of their own
	mkdir -p $bundle/rootfs/own
	for oci_applet in sh sleep true; do
		cp /bin/busybox $bundle/rootfs/own/$oci_applet
		echo "$oci_applet" >>$bundle/rootfs/own/$oci_applet
	done
	rm -f /etc/contid/contid-oci.conf /etc/contid/policies/*
	audit_start
	auditctl -b 65536 >/dev/null
	auditctl -D >/dev/null
}
config() {
	oci_args='"/bin/sleep", "1000"' oci_user='' oci_annotations='' oci_hooks='' oci_mounts='' oci_terminal=false oci_pid=yes
	for oci_arg; do eval "oci_${oci_arg%%=*}=\${oci_arg#*=}"; done
	oci_map='' oci_ns=''
	[ "$oci_pid" = no ] || oci_ns=', { "type": "pid" }'
	case $oci_user in
	?*)
		oci_map='"uidMappings": [{ "containerID": 0, "hostID": 100000, "size": 65536 }], "gidMappings": [{ "containerID": 0, "hostID": 100000, "size": 65536 }],'
		;;
	esac
	case $oci_user in
	yes) oci_ns=$oci_ns', { "type": "user" }' ;;
	/*) oci_ns=$oci_ns", { \"type\": \"user\", \"path\": \"$oci_user\" }" ;;
	esac
	cat >$bundle/config.json <<-EOT
	{
		"ociVersion": "1.0.2",
		"process": { "terminal": $oci_terminal, "user": { "uid": 0, "gid": 0 }, "args": [$oci_args],
			"env": ["PATH=/bin", "TERM=xterm"], "cwd": "/",
			"capabilities": { "bounding": ["CAP_KILL"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL"] } },
		"root": { "path": "rootfs", "readonly": false },
		"hostname": "c",
		"mounts": [
			{ "destination": "/proc", "type": "proc", "source": "proc" },
			{ "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=65536k"] },
			{ "destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"] }
			$oci_mounts ],
		"annotations": { $oci_annotations },
		"hooks": { $oci_hooks },
		"linux": { $oci_map "namespaces": [{ "type": "mount" }, { "type": "ipc" }, { "type": "uts" }, { "type": "network" }$oci_ns] }
	}
	EOT
}
conf() { printf '%s\n' "$@" >/etc/contid/contid-oci.conf; }
policy() {
	oci_name=$1
	shift
	printf '%s\n' "$@" >"/etc/contid/policies/$oci_name"
}
init_of() { "$1" state "$2" 2>/dev/null | sed -n 's/.*"pid" *: *\([0-9]*\).*/\1/p'; }
id_of() { cat "/proc/${1:-none}/audit_containerid" 2>/dev/null; }
state_of() { tr -d '"{}' <"/run/contid/oci/$1.json" 2>/dev/null | tr , '\n' | sed -n "s/^$2://p" | head -n 1; }
state_wait() {
	oci_left=$(($(slow 20) * 10))
	until "$1" state "$2" 2>/dev/null | grep -q "\"status\" *: *\"$3\"" || [ $oci_left = 0 ]; do
		oci_left=$((oci_left - 1)) && sleep 0.1
	done
}
file_wait() {
	oci_left=$(($(slow 20) * 10))
	until [ -s "$1" ] || [ $oci_left = 0 ]; do oci_left=$((oci_left - 1)) && sleep 0.1; done
}
messages() { audit_count "^type=(VIRT_CONTROL|2500) .*virt=contid .*$1"; }
gone() {
	oci_left=''
	! [ -e "/run/contid/oci/$1.json" ] || oci_left="$oci_left state file,"
	for oci_runtime in crun runc; do
		! $oci_runtime state "$1" >/dev/null 2>&1 || oci_left="$oci_left known to $oci_runtime,"
	done
	oci_seen=$(pgrep -af '^(/bin|/own)/sleep 1000|^[^ ]*(contid-oci|crun|runc)[^ ]* ')
	[ -z "$oci_seen" ] || oci_left="$oci_left process $oci_seen,"
	for oci_seen in /run/contid/tty.*; do
		! [ -e "$oci_seen" ] || oci_left="$oci_left $oci_seen,"
	done
	is "$1: nothing is left" "" "$oci_left"
}
# the script itself writes it, since a label is for descendants
free_again() {
	sleep 1000.5 &
	oci_pid=$!
	oci_errno=ok
	echo "$1" 2>/dev/null >/proc/$oci_pid/audit_containerid || oci_errno="refused"
	is "id $1 can be taken again" ok "$oci_errno"
	# a shell that has not executed it yet may miss another signal
	kill -KILL $oci_pid
	wait $oci_pid 2>/dev/null
}
# another's label on a process of ours, which it then is in the background: $labelled is its pid
label_process() {
	sleep 1000.5 &
	labelled=$!
	echo "$1" >/proc/$labelled/audit_containerid
}
