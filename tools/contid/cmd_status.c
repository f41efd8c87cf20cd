// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * contid status - what the kernel, auditd and the TPM can do, and what cannot work as it is
 * switched
 *
 * Copyright (C) 2026 Overlay Team
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libaudit.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cleanup.h"
#include "cli/out.h"
#include "commands.h"

#define ANSWER_MS 10000

static const struct cli_column columns[] = { { "what", "WHAT", CLI_TEXT },
					     { "state", "STATE", CLI_TEXT },
					     { "detail", "DETAIL", CLI_TEXT } };

struct report {
	struct cli_out out;
	unsigned int warnings;
};

__attribute__((format(printf, 4, 5))) static void row(struct report *report, const char *what,
						      const char *state, const char *format, ...)
{
	char detail[1024];
	const char *values[] = { what, state, detail };
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	if (!*detail)
		values[2] = NULL;
	cli_out_row(&report->out, values);
}

static void warn(struct report *report, const char *text)
{
	report->warnings++;
	cli_warn("warning: %s", text);
}

/* First line of a small file, or false. */
static bool file_line(const char *path, char *line, size_t size)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, size - 1);

	if (n < 0)
		return false;
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return true;
}

/* "on", "off", or NULL without such a sysctl. */
static const char *sysctl_state(const char *path)
{
	char line[32];

	if (!file_line(path, line, sizeof(line)))
		return NULL;
	return strcmp(line, "0") ? "on" : "off";
}

/* Whether auditing was asked for at boot; the last word counts. */
static bool audit_from_boot(void)
{
	char line[8192], *save = NULL;
	bool on = false;

	if (!file_line("/proc/cmdline", line, sizeof(line)))
		return false;
	for (char *w = strtok_r(line, " ", &save); w; w = strtok_r(NULL, " ", &save))
		if (!strncmp(w, "audit=", 6))
			on = !strcmp(w + 6, "1") || !strcmp(w + 6, "on");
	return on;
}

/* ---- audit --------------------------------------------------------------------------------- */

static int audit_status(struct audit_status *status)
{
	CLEANUP_FD int fd = -1;
	int rc;

	set_aumessage_mode(MSG_QUIET, DBG_NO);
	fd = audit_open();
	if (fd < 0)
		return -errno;
	rc = audit_request_status(fd);
	if (rc <= 0)
		return rc ? rc : -EPROTO;
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		struct audit_reply reply;

		rc = poll(&p, 1, ANSWER_MS);
		if (rc <= 0)
			return rc ? -errno : -ETIMEDOUT;
		rc = audit_get_reply(fd, &reply, GET_REPLY_NONBLOCKING, 0);
		if (rc == -EAGAIN || rc == -EINTR || !rc)
			continue;
		if (rc < 0)
			return rc;
		if (reply.type == NLMSG_ERROR && reply.error->error)
			return reply.error->error;
		if (reply.type != AUDIT_GET)
			continue;
		/* older kernels have a shorter one */
		memset(status, 0, sizeof(*status));
		memcpy(status, reply.status,
		       (size_t)reply.len < sizeof(*status) ? (size_t)reply.len : sizeof(*status));
		return 0;
	}
}

static int count_rule(const struct contid_rule *rule, const char *text, void *data)
{
	unsigned int *counts = data;

	counts[0]++;
	/* what makes the kernel look at system calls at all */
	if (strstr(text, ",exit ") && !strncmp(text, "-a always", 9))
		counts[1]++;
	if (contid_rule_has(rule, NULL))
		counts[2]++;
	return 0;
}

/* Whether the report may say something about what is switched on. */
struct audit {
	bool known;
	bool enabled;
	bool from_boot;
	bool syscalls;
};

static void report_audit(struct report *report, struct audit *audit)
{
	static const char *const enabled[] = { "off", "on", "locked" };
	struct audit_status status;
	unsigned int counts[3] = { 0 };
	int err = audit_status(&status);

	audit->from_boot = audit_from_boot();
	if (err) {
		bool lacks = err == -EPROTONOSUPPORT || err == -EAFNOSUPPORT ||
			     err == -ECONNREFUSED;

		row(report, "auditing", lacks ? "missing" : "unknown", "%s",
		    err == -EPERM ? "no right to ask; run as root on the host" : strerror(-err));
		return;
	}
	audit->known = true;
	audit->enabled = status.enabled;
	row(report, "auditing", status.enabled < 3 ? enabled[status.enabled] : "unknown",
	    audit->from_boot ? "since boot" : "not since boot (audit=1)");
	if (status.pid) {
		char path[32], comm[32];

		snprintf(path, sizeof(path), "/proc/%u/comm", status.pid);
		/* the kernel notices with the next record */
		if (file_line(path, comm, sizeof(comm)))
			row(report, "audit daemon", "on", "%s, pid %u", comm, status.pid);
		else
			row(report, "audit daemon", "gone", "pid %u has ended", status.pid);
	} else {
		row(report, "audit daemon", "off", "records go to the kernel's log");
	}
	row(report, "audit backlog", status.lost ? "lost" : "ok", "lost %u, backlog %u of %u",
	    status.lost, status.backlog, status.backlog_limit);
	err = contid_rule_list(count_rule, counts);
	audit->known = !err;
	audit->syscalls = counts[1];
	if (err)
		row(report, "audit rules", "unknown", "%s", strerror(-err));
	else
		row(report, "audit rules", counts[0] ? "on" : "none",
		    "%u rules, %u for system calls, %u with contid", counts[0], counts[1],
		    counts[2]);
}

/* ---- kernel -------------------------------------------------------------------------------- */

static bool report_contid(struct report *report)
{
	uint64_t id;
	int err = contid_get(0, &id), probe = contid_rule_probe();

	row(report, "container ids", err == -ENOSYS ? "missing" : "yes", "%s",
	    err == -ENOSYS ? "boot a kernel with AUDIT_CONTID" : "/proc/PID/audit_containerid");
	row(report, "rules with contid",
	    !probe	    ? "yes" :
	    probe == -EPERM ? "unknown" :
			      "missing",
	    "%s",
	    !probe	    ? "feature bit 0x80" :
	    probe == -EPERM ? "no right to ask; run as root on the host" :
			      "boot a kernel with AUDIT_CONTID");
	return err != -ENOSYS;
}

static void report_namespaces(struct report *report, const struct audit *audit)
{
	uint64_t ids[CONTID_NS_TYPES];
	int err = contid_ns_ids(0, ids);
	const char *info = sysctl_state("/proc/sys/kernel/audit_ns_info");
	const char *lifecycle = sysctl_state("/proc/sys/kernel/audit_ns_lifecycle");
	const char *restricted = sysctl_state("/proc/sys/kernel/ns_id_restrict");

	row(report, "namespace ids",
	    err == -ENOSYS ? "missing" :
	    err		   ? "hidden" :
			     "yes",
	    "%s",
	    err == -ENOSYS ? "boot a kernel with NS_ID" :
	    access("/proc/self/ns/net_snum", F_OK) == 0 ?
			     "ioctl NS_GET_ID, links /proc/PID/ns/*_snum" :
			     "ioctl NS_GET_ID");
	row(report, "ns_id_restrict", restricted ? restricted : "missing", "%s", "");
	row(report, "ns-info records", info ? info : "missing", "%s",
	    info ? "" : "boot a kernel with AUDIT_NS");
	row(report, "ns-lifecycle records", lifecycle ? lifecycle : "missing", "%s",
	    lifecycle ? "" : "boot a kernel with AUDIT_NS");
	if (!audit->known)
		return;
	for (int i = 0; i < 2; i++) {
		const char *state = i ? lifecycle : info;

		if (!state || strcmp(state, "on"))
			continue;
		if (!audit->enabled)
			warn(report,
			     i ? "ns-lifecycle is on and auditing is off: nothing is recorded; "
				 "'auditctl -e 1'" :
				 "ns-info is on and auditing is off: nothing is recorded; "
				 "'auditctl -e 1'");
		else if (!audit->syscalls)
			warn(report,
			     i ? "ns-lifecycle is on and no rule is for system calls: what is "
				 "made is not recorded; 'contid rule add -a exit,always ...'" :
				 "ns-info is on and no rule is for system calls: nothing is "
				 "recorded; 'contid rule add -a exit,always ...'");
	}
	if (lifecycle && !strcmp(lifecycle, "on") && !audit->from_boot)
		warn(report,
		     "ns-lifecycle is on and auditing was not enabled at boot: processes older "
		     "than it are not recorded; boot with 'audit=1'");
}

static void report_ima(struct report *report)
{
	char line[32];

	if (access("/sys/kernel/security/ima", F_OK))
		row(report, "IMA", access("/sys/kernel/security/evm", F_OK) ? "missing" : "unknown",
		    "/sys/kernel/security/ima is not there; is securityfs mounted?");
	else if (file_line("/sys/kernel/security/ima/runtime_measurements_count", line,
			   sizeof(line)))
		row(report, "IMA", "yes", "%s measurements", line);
	else
		row(report, "IMA", "yes", "%s", "");
	if (file_line("/proc/sys/user/max_ima_namespaces", line, sizeof(line)))
		row(report, "IMA namespaces", "yes", "at most %s", line);
	else
		row(report, "IMA namespaces", "missing", "boot a kernel with IMA_NS");
}

/* ---- TPM ----------------------------------------------------------------------------------- */

static int only_names(const struct dirent *entry)
{
	return *entry->d_name != '.';
}

static int only_banks(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "pcr-", 4);
}

static void report_tpm(struct report *report)
{
	struct dirent **tpms, **banks;
	int n = scandir("/sys/class/tpm", &tpms, only_names, alphasort);

	if (n <= 0) {
		row(report, "TPM", "none", "measurements cannot be proven to others");
		if (!n)
			free(tpms);
		return;
	}
	for (int i = 0; i < n; i++) {
		char path[512], version[16] = "?", list[256] = "";
		int n_banks;

		snprintf(path, sizeof(path), "/sys/class/tpm/%s/tpm_version_major",
			 tpms[i]->d_name);
		file_line(path, version, sizeof(version));
		snprintf(path, sizeof(path), "/sys/class/tpm/%s", tpms[i]->d_name);
		n_banks = scandir(path, &banks, only_banks, alphasort);
		for (int j = 0; j < n_banks; j++) {
			size_t at = strlen(list);

			snprintf(list + at, sizeof(list) - at, "%s%s", at ? ", " : "",
				 banks[j]->d_name + 4);
			free(banks[j]);
		}
		if (n_banks >= 0)
			free(banks);
		row(report, "TPM", tpms[i]->d_name, "version %s, PCR banks: %s", version,
		    *list ? list : "none that the kernel shows");
		free(tpms[i]);
	}
	free(tpms);
}

int cmd_status(struct cli_parse *parse)
{
	struct report report = { .warnings = 0 };
	struct audit audit = { 0 };
	struct utsname name;
	bool contid;
	int key, err;

	cli_out_init(&report.out);
	while ((key = cli_next(parse)) != -1)
		cli_out_option(&report.out, parse, key);
	if (parse->n_rest)
		return cli_usage(parse, "%s: no operands", parse->rest[0]);
	cli_out_begin(&report.out, columns, sizeof(columns) / sizeof(*columns));
	uname(&name);
	row(&report, "kernel", name.release, "%s", name.machine);
	contid = report_contid(&report);
	report_audit(&report, &audit);
	report_namespaces(&report, &audit);
	report_ima(&report);
	report_tpm(&report);
	err = cli_out_end(&report.out);
	if (err)
		return cli_fail(CLI_SYSTEM, "standard output: %s", strerror(-err));
	if (!contid)
		return CLI_LACKS;
	return report.warnings ? CLI_NOTHING : CLI_DONE;
}
