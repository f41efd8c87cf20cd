// SPDX-License-Identifier: GPL-2.0
/*
 * Audit container identifiers - the files in /proc/PID and /proc/PID/task/TID
 *
 * Copyright (C) 2026 Overlay Team
 */

#include <linux/audit_contid.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/proc_fs.h>
#include <linux/sched/task.h>

#include "internal.h"

/* 20 digits and a NUL */
#define PROC_CONTID_LEN 21

static ssize_t proc_audit_containerid_read(struct file *file, char __user *buf,
					   size_t count, loff_t *ppos)
{
	struct task_struct *task = get_proc_task(file_inode(file));
	char text[PROC_CONTID_LEN];
	int len;

	if (!task)
		return -ESRCH;
	len = audit_contid_read(file, task, text, sizeof(text));
	put_task_struct(task);
	if (len < 0)
		return len;
	return simple_read_from_buffer(buf, count, ppos, text, len);
}

static ssize_t proc_audit_containerid_write(struct file *file,
					    const char __user *buf,
					    size_t count, loff_t *ppos)
{
	struct task_struct *task = get_proc_task(file_inode(file));
	ssize_t ret;

	if (!task)
		return -ESRCH;
	ret = audit_contid_write(file, task, buf, count, *ppos);
	put_task_struct(task);
	return ret;
}

static ssize_t proc_audit_capcontainerid_read(struct file *file,
					      char __user *buf, size_t count,
					      loff_t *ppos)
{
	struct task_struct *task = get_proc_task(file_inode(file));
	int held;

	if (!task)
		return -ESRCH;
	held = audit_contid_read_cap(file, task);
	put_task_struct(task);
	if (held < 0)
		return held;
	return simple_read_from_buffer(buf, count, ppos, held ? "1" : "0", 1);
}

static ssize_t proc_audit_capcontainerid_write(struct file *file,
					       const char __user *buf,
					       size_t count, loff_t *ppos)
{
	struct task_struct *task = get_proc_task(file_inode(file));
	ssize_t ret;

	if (!task)
		return -ESRCH;
	ret = audit_contid_write_cap(file, task, buf, count, *ppos);
	put_task_struct(task);
	return ret;
}

const struct file_operations proc_audit_containerid_operations = {
	.read	= proc_audit_containerid_read,
	.write	= proc_audit_containerid_write,
	.llseek	= generic_file_llseek,
};

const struct file_operations proc_audit_capcontainerid_operations = {
	.read	= proc_audit_capcontainerid_read,
	.write	= proc_audit_capcontainerid_write,
	.llseek	= generic_file_llseek,
};
