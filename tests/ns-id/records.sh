# SPDX-License-Identifier: GPL-2.0-or-later
# Records of namespaces: what switches them on and what they must be. After ktap.sh, audit.sh and
# contid.sh.
#
#	switch info|lifecycle 0|1   a sysctl; both are 0 again at the end of the script
#	rule FIELD...               an exit rule that records, as contidrule takes it; it goes at the end
#	flag TYPE                   its namespace_type
#	initial TYPE                the id of the host's instance
#	id_of TYPE IDS              the id of a type in a line of nsact
#	init TYPE ID OLD            text of an NS_INIT or NS_SET; OLD is the host's if there is none
#	del TYPE ID                 text of an NS_DEL
#	texts RECORD PATTERN        texts of the records of a type in which PATTERN is found, in order
#	info PATTERN                texts of the NS_INFO in the events in which a record matches
#	kinds PATTERN               types of the records of these events, an event a line
# shellcheck shell=sh disable=SC2154 # of ktap.sh

INFO=1372 INIT=1373 DEL=1374 SET=1375
# in the order in which one call makes them
TYPES="user mnt uts ipc pid cgroup net time"
HOST="netns=0x7 utsns=0x2 ipcns=0x1 pidns=0x4 userns=0x3 mntns=0x8 cgroupns=0x5 timens=0x6"
SYSCTL=/proc/sys/kernel/audit_ns_

switches_off() {
	echo 0 >${SYSCTL}info
	echo 0 >${SYSCTL}lifecycle
} 2>/dev/null
on_exit switches_off
switch() { echo "$2" >"$SYSCTL$1"; }
rule() {
	contidrule add exit always "$@" || return 1
	on_exit "contidrule del exit always $*"
}
flag() {
	case $1 in
	user) echo 0x10000000 ;;
	mnt) echo 0x20000 ;;
	uts) echo 0x4000000 ;;
	ipc) echo 0x8000000 ;;
	pid) echo 0x20000000 ;;
	cgroup) echo 0x2000000 ;;
	net) echo 0x40000000 ;;
	time) echo 0x80 ;;
	esac
}
id_of() { echo " $2" | sed -n "s/.* $1ns=\(0x[0-9a-f]*\).*/\1/p"; }
initial() { id_of "$1" "$HOST"; }
init() { echo "namespace_type=$(flag "$1") namespace_id=$2 old-namespace_id=${3:-$(initial "$1")} res=1"; }
del() { echo "namespace_type=$(flag "$1") namespace_id=$2 res=1"; }
texts() { audit_grep "^type=$1 .*$2" | sed -E 's/^type=[0-9]+ msg=audit\([0-9]+\.[0-9]{3}:[0-9]+\): //'; }
info() { audit_event "$1" | sed -nE "s/^type=$INFO msg=audit\([0-9]+\.[0-9]{3}:[0-9]+\): //p"; }
kinds() { audit_sync && shape "$1" "$AUDIT_LOG"; }

# How many objects each cache of namespaces holds. Two of the types come from caches of a size,
# which others use; kmemleak of the debug flavour looks after them.
objects() {
	for objects_cache in net_namespace pid_namespace user_namespace uts_namespace nsproxy; do
		echo 1 >/sys/kernel/slab/$objects_cache/shrink
		echo "$objects_cache $(cut -d' ' -f1 /sys/kernel/slab/$objects_cache/objects)"
	done
}
# objects_settle [BEFORE]: waits until there are no more than in BEFORE; without it, sets $before. The kernel
# keeps the last batch of dead network namespaces until another one dies, so each turn makes one;
# $settled counts them.
objects_settle() {
	objects_left=$(slow 60)
	while :; do
		nsact new unshare net >/dev/null
		settled=$((${settled:-0} + 1))
		sleep 1
		[ -n "$1" ] || break
		[ "$({ echo "$1"; objects; } | awk '$1 in n {more += $2 > n[$1]} {n[$1] = $2} END {print more + 0}')" != 0 ] || return 0
		objects_left=$((objects_left - 1))
		[ $objects_left -gt 0 ] || { diag "left: $(objects | tr '\n' ' ')"; return 1; }
	done
	# shellcheck disable=SC2034 # for the caller
	before=$(objects)
}
