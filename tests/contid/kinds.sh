# SPDX-License-Identifier: GPL-2.0-or-later
# Every kind of event that carries a container id, made for real, and what each must look like.
# After ktap.sh and contid.sh, with auditd running.
#
#	make_kinds HOW        makes them; HOW says what auditing is like then:
#	                      rules: rules for files, signals, ptrace and io_uring are loaded
#	                      no-rules: none is
#	                      never: tasks have no audit context, so each record stands alone
#	                      excluded: as with rules, type 1371 excluded
#	kinds HOW             names of the kinds there are then
#	kind_pattern KIND     a record of the event matches it (after make_kinds)
#	kind_shape HOW KIND   its records, an extended regular expression
#
#	script --- w              (no id)
#	           \-- a          A
#	           |   \-- b      B in A
#	           |   \-- c      C in A, runs in user mode until it is killed
#	           \-- u          joined A
#	           \-- n          (no id), in a process group of its own with
#	           |   \-- m      M
#	           |       \-- m2 N in M
#	           \-- p          P, in a network namespace of its own with
#	               \-- q      Q in P
# shellcheck shell=sh disable=SC2154 # of ktap.sh

# 19 digits, so that laurel keeps them as text
A=1000000000000000001 B=1000000000000000002 C=1000000000000000003 M=1000000000000000004
N=1000000000000000005 P=1000000000000000006 Q=1000000000000000007
UNSET=18446744073709551615

kinds() {
	echo "set nested-set unset join grant user-message packet drop-exit drop-killed"
	case $1 in rules | excluded) echo "file kill trace uring uring-worker" ;; esac
}

make_kinds() {
	[ "$1" != never ] || auditctl -a never,task >/dev/null
	mkdir -p /tmp/watched
	rm -f /tmp/watched/file
	# without an id of its own, whatever the audit rule of this moment is
	spawn w
	spawn a w
	spawn u w
	spawn n w setsid
	spawn m n
	spawn p w unshare -n
	pid_a=$(pid a) pid_u=$(pid u) pid_n=$(pid n)
	case $1 in
	rules | excluded)
		auditctl -a always,exit -F arch=b64 -F dir=/tmp/watched -F perm=wa -F key=watch >/dev/null
		auditctl -a always,exit -F arch=b64 -S kill -F pid="$pid_u" -F key=sig >/dev/null
		auditctl -a always,exit -F arch=b64 -S ptrace -F key=trace >/dev/null
		auditctl -a always,exit -F arch=b64 -S io_uring_enter -F key=ring >/dev/null
		# 18: openat, 28: openat2
		contidrule add uring always syscall=18 key=ring
		contidrule add uring always syscall=28 key=worker
		;;
	esac
	[ "$1" != excluded ] || auditctl -a always,exclude -F msgtype=1371 >/dev/null

	label w a $A || diag "set"
	spawn b a
	spawn c a
	pid_b=$(pid b) pid_c=$(pid c)
	label a b $B || diag "nested set"
	label a c $C || diag "second nested set"
	! label w a $UNSET || diag "unset was accepted"
	label w u join:$A || diag "join"
	act a "echo 1 >/proc/$pid_b/audit_capcontainerid" || diag "grant"
	label w m $M || diag "set in the group"
	spawn m2 m
	label m m2 $N || diag "nested set in the group"
	pid_m=$(pid m)

	act b "auditctl -m 'b says hello'" >/dev/null || diag "user message"
	label w p $P || diag "set in the network namespace"
	spawn q p
	label p q $Q || diag "nested set in the network namespace"
	act p 'ip link set lo up && iptables -A INPUT -i lo -p icmp --icmp-type echo-request -j AUDIT --type accept' ||
		diag "rule for packets"
	nsenter -t "$(pid p)" -n ping -q -c 1 127.0.0.1 >/dev/null || diag "packet"
	case $1 in
	rules | excluded)
		act b 'echo 1 >/tmp/watched/file' || diag "file"
		act u "kill -s CONT -- -$pid_n" || diag "kill"
		act u "contidact trace $pid_m" || diag "trace"
		act u 'contidact uring /etc/passwd' || diag "uring"
		act u 'contidact uring-worker /etc/group </dev/null' >/dev/null || diag "uring by a worker"
		;;
	esac

	end b a
	tell c 'while :; do :; done'
	# in user mode for sure once it has used a tenth of a second there
	until [ "$(cut -d' ' -f14 "/proc/$pid_c/stat")" -ge 10 ]; do sleep 0.1; done
	kill -KILL "$pid_c"
	act a "wait $pid_c"
	written
	new_log
	auditctl -D >/dev/null
	actors_end
	written
	mv "$NEW" "$ktap_tmp/kinds.log"
	new_log
	mv "$ktap_tmp/kinds.log" "$NEW"
}

kind_pattern() {
	case $1 in
	set) echo "op=set opid=$pid_a contid=$A old-contid=-1( .*)? res=1\$" ;;
	nested-set) echo "op=set opid=$pid_b contid=$B old-contid=$A( .*)? res=1\$" ;;
	unset) echo "op=set opid=$pid_a contid=$UNSET old-contid=$A( .*)? res=0\$" ;;
	join) echo "op=join opid=$pid_u contid=$A old-contid=-1( .*)? res=1\$" ;;
	grant) echo ": opid=$pid_b capcontid=1 old-capcontid=0( .*)? res=1\$" ;;
	user-message) echo "^type=USER .*b says hello" ;;
	packet) echo "^type=NETFILTER_PKT .* saddr=127.0.0.1 " ;;
	drop-exit) echo "op=drop opid=$pid_b contid=-1 old-contid=$B,\\^$A( .*)? res=1\$" ;;
	drop-killed) echo "op=drop opid=$pid_c contid=-1 old-contid=$C,\\^$A .* res=1\$" ;;
	file) echo "^type=SYSCALL .* pid=$pid_b .* key=\"watch\"" ;;
	kill) echo "^type=SYSCALL .* pid=$pid_u .* key=\"sig\"" ;;
	trace) echo "^type=SYSCALL .* key=\"trace\"" ;;
	uring) echo "^type=URINGOP .* key=\"ring\"" ;;
	uring-worker) echo "^type=URINGOP .* key=\"worker\"" ;;
	esac
}

kind_shape() {
	case $2 in
	set | unset | join) shape="UNKNOWN\\[1370\\] SYSCALL PROCTITLE" alone="UNKNOWN\\[1370\\]" ;;
	nested-set)
		shape="UNKNOWN\\[1370\\] SYSCALL:1 UNKNOWN\\[1371\\]:1=$A PROCTITLE"
		alone="UNKNOWN\\[1371\\]:1=$A UNKNOWN\\[1370\\]"
		;;
	grant)
		shape="UNKNOWN\\[1376\\] SYSCALL:1 UNKNOWN\\[1371\\]:1=$A PROCTITLE"
		alone="UNKNOWN\\[1371\\]:1=$A UNKNOWN\\[1376\\]"
		;;
	user-message) shape="UNKNOWN\\[1371\\]:1=$B,\\^$A USER" alone=$shape ;;
	packet) shape="UNKNOWN\\[1371\\]:1=$Q,\\^$P,$P NETFILTER_PKT:1" alone=$shape ;;
	drop-exit)
		shape="UNKNOWN\\[1370\\] SYSCALL:1 UNKNOWN\\[1371\\]:1=$B,\\^$A PROCTITLE"
		alone="UNKNOWN\\[1371\\]:1=$B,\\^$A UNKNOWN\\[1370\\]"
		;;
	drop-killed) shape="UNKNOWN\\[1371\\]:1=$C,\\^$A UNKNOWN\\[1370\\]" alone=$shape ;;
	file) shape="SYSCALL:1 UNKNOWN\\[1371\\]:1=$B,\\^$A CWD PATH PATH PROCTITLE" ;;
	kill)
		# the process that is found first is written last
		shape="SYSCALL:1 UNKNOWN\\[1371\\]:1=$A OBJ_PID:2 UNKNOWN\\[1371\\]:2=$M OBJ_PID"
		shape="$shape OBJ_PID:3 UNKNOWN\\[1371\\]:3=$N,\\^$M PROCTITLE"
		;;
	trace) shape="SYSCALL:1 UNKNOWN\\[1371\\]:1=$A OBJ_PID:2 UNKNOWN\\[1371\\]:2=$M PROCTITLE" ;;
	uring) shape="URINGOP:1 UNKNOWN\\[1371\\]:1=$A SYSCALL:1 CWD PATH PROCTITLE" ;;
	uring-worker) shape="URINGOP:1 UNKNOWN\\[1371\\]:1=$A" ;;
	esac
	case $1 in
	never) shape=$alone ;;
	excluded) shape=$(echo "$shape" | sed -E -e 's/ ?UNKNOWN..1371..:[0-9]=[0-9,\\^]+//g' -e 's/:[0-9]//g' -e 's/^ //') ;;
	esac
	echo "^$shape\$"
}
