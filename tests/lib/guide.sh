# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the commands of a page of Documentation/admin-guide. After ktap.sh, in the Debian root.
#
#	guide_start PAGE         starts auditd; the page is /tests/pages/PAGE
#	commands TITLE           commands of a section, for a shell: lines that begin with "# " or
#	                         "> ", indented by two
#	example TITLE...         runs those of one or several sections as root's shell does; the output
#	                         is in /tmp/out
#	has NAME PATTERN         one result: a line of the output matches
# shellcheck shell=sh

guide_start() {
	guide_page=/tests/pages/$1
	# A slow machine may read the log before auditd has written it. The guest has no ping.
	mkdir -p /tmp/bin
	cat >/tmp/bin/ausearch <<-'END'
	#!/bin/sh
	auditctl -m "before ausearch $$." >/dev/null
	until grep -qF "before ausearch $$." /var/log/audit/audit.log; do sleep 0.1; done
	exec /usr/sbin/ausearch "$@"
	END
	printf '#!/bin/sh\nexec busybox ping "$@"\n' >/tmp/bin/ping
	chmod +x /tmp/bin/*
	PATH=/tmp/bin:$PATH
	# the log does not rotate
	sed -i 's/^max_log_file_action.*/max_log_file_action = IGNORE/' /etc/audit/auditd.conf
	pidof auditd >/dev/null || run auditd -s enable
	run auditctl -D
}
commands() {
	awk -v title="$1" '/^(===+|---+)$/ {in_it = last == title} {last = $0}
		in_it && /^  [#>] / {print substr($0, 5)}' "$guide_page"
}
example() {
	for guide_title; do commands "$guide_title"; done >/tmp/example
	sed 's/^/# + /' /tmp/example
	# a pipe would last until the last background job ends
	bash /tmp/example >/tmp/printed 2>/tmp/err </dev/null
	# the byte that parts a record from what auditd adds for humans
	tr -d '\035' </tmp/printed >/tmp/out
	cut -c1-400 /tmp/out | tail -n 12 | sed 's/^/# /'
	sed 's/^/# stderr: /' /tmp/err
}
has() { expect "$1" grep -qE -e "$2" /tmp/out; }
