// SPDX-License-Identifier: GPL-2.0-only
/*
 * IMA namespaces - the files of a child in its instance of securityfs
 *
 * Copyright (C) 2026 Overlay Team <overlay@localhost>
 *
 * Every file acts on the namespace of the super block it is in, whoever has it
 * open: a descriptor that is passed on keeps its meaning, and the rights that
 * count are those of the opener.
 */

#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/ns_id.h>
#include <linux/security.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>

#include "ima.h"

static struct ima_namespace *ima_ns_of_file(const struct file *file)
{
	return ima_ns_of(file_inode(file)->i_sb->s_user_ns);
}

static ssize_t ima_ns_read_active(struct file *file, char __user *buf,
				  size_t count, loff_t *ppos)
{
	const char *text = ima_ns_active(ima_ns_of_file(file)) ? "1\n" : "0\n";

	return simple_read_from_buffer(buf, count, ppos, text, 2);
}

static ssize_t ima_ns_write_active(struct file *file, const char __user *buf,
				   size_t count, loff_t *ppos)
{
	struct ima_namespace *ns = ima_ns_of_file(file);
	unsigned int active;
	char text[3] = {};
	int rc;

	if (!file_ns_capable(file, file_inode(file)->i_sb->s_user_ns,
			     CAP_MAC_ADMIN))
		return -EPERM;
	if (ima_ns_active(ns))
		return -EBUSY;
	if (*ppos != 0 || count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	if (kstrtouint(text, 10, &active) || active != 1)
		return -EINVAL;

	rc = ima_ns_activate(ns);
	return rc ? rc : count;
}

static const struct file_operations ima_ns_active_ops = {
	.read = ima_ns_read_active,
	.write = ima_ns_write_active,
	.llseek = generic_file_llseek,
};

static ssize_t ima_ns_read_id(struct file *file, char __user *buf,
			      size_t count, loff_t *ppos)
{
	char text[24];
	int len;

	len = scnprintf(text, sizeof(text), NS_ID_FMT "\n",
			ima_ns_id(ima_ns_of_file(file)));
	return simple_read_from_buffer(buf, count, ppos, text, len);
}

static const struct file_operations ima_ns_id_ops = {
	.read = ima_ns_read_id,
	.llseek = generic_file_llseek,
};

/* A child does not measure, so its lists are empty and its counts are 0. */

static int ima_ns_open_list(struct inode *inode, struct file *file)
{
	return ima_ns_active(ima_ns_of_file(file)) ? 0 : -EACCES;
}

static ssize_t ima_ns_read_list(struct file *file, char __user *buf,
				size_t count, loff_t *ppos)
{
	return 0;
}

static const struct file_operations ima_ns_list_ops = {
	.open = ima_ns_open_list,
	.read = ima_ns_read_list,
	.llseek = generic_file_llseek,
};

static ssize_t ima_ns_read_count(struct file *file, char __user *buf,
				 size_t count, loff_t *ppos)
{
	if (!ima_ns_active(ima_ns_of_file(file)))
		return -EACCES;
	return simple_read_from_buffer(buf, count, ppos, "0\n", 2);
}

static const struct file_operations ima_ns_count_ops = {
	.read = ima_ns_read_count,
	.llseek = generic_file_llseek,
};

/* Entries of the directory, target NULL in files, fops NULL in symlinks. */
static const struct {
	const char *name;
	umode_t mode;
	const struct file_operations *fops;
	const char *target;
} ima_ns_entries[] = {
	{ "active", 0640, &ima_ns_active_ops },
	{ "id", 0444, &ima_ns_id_ops },
	{ "policy", 0600, &ima_measure_policy_ops },
	{ "runtime_measurements_count", 0440, &ima_ns_count_ops },
	{ "violations", 0440, &ima_ns_count_ops },
	{ "ascii_runtime_measurements_sha1", 0440, &ima_ns_list_ops },
	{ "binary_runtime_measurements_sha1", 0440, &ima_ns_list_ops },
	{ .name = "ascii_runtime_measurements",
	  .target = "ascii_runtime_measurements_sha1" },
	{ .name = "binary_runtime_measurements",
	  .target = "binary_runtime_measurements_sha1" },
};

static int ima_ns_create_entries(struct ima_namespace *ns, struct dentry *root)
{
	struct dentry *integrity, *ima, *dentry;
	umode_t mode;
	int i;

	integrity = securityfs_create_dir("integrity", root);
	if (IS_ERR(integrity))
		return PTR_ERR(integrity);
	ima = securityfs_create_dir("ima", integrity);
	if (IS_ERR(ima))
		return PTR_ERR(ima);
	dentry = securityfs_create_symlink("ima", root, "integrity/ima", NULL);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);

	for (i = 0; i < ARRAY_SIZE(ima_ns_entries); i++) {
		if (ima_ns_entries[i].target) {
			dentry = securityfs_create_symlink(ima_ns_entries[i].name,
							   ima,
							   ima_ns_entries[i].target,
							   NULL);
			if (IS_ERR(dentry))
				return PTR_ERR(dentry);
			continue;
		}

		mode = ima_ns_entries[i].mode;
		if (ima_ns_entries[i].fops == &ima_measure_policy_ops &&
		    test_bit(IMA_NS_POLICY_CLOSED, &ns->flags))
			mode &= ~0200;
		dentry = securityfs_create_file(ima_ns_entries[i].name, mode,
						ima, NULL,
						ima_ns_entries[i].fops);
		if (IS_ERR(dentry))
			return PTR_ERR(dentry);
	}
	return 0;
}

/*
 * Fill a new instance. The first one of a user namespace makes the IMA
 * namespace, which is published when nothing can fail any more; later ones
 * find it.
 */
static int ima_ns_populate(struct dentry *root)
{
	struct user_namespace *user_ns = root->d_sb->s_user_ns;
	struct ima_namespace *ns = ima_ns_of(user_ns);
	bool created = !ns;
	int rc;

	if (created) {
		ns = ima_ns_create(user_ns);
		if (IS_ERR(ns))
			return PTR_ERR(ns);
	}

	rc = ima_ns_create_entries(ns, root);
	if (!created)
		return rc;

	if (rc)
		ima_ns_destroy(ns);
	else
		ima_ns_install(user_ns, ns);
	return rc;
}

/**
 * ima_ns_fs_init - have instances of securityfs filled from now on
 *
 * Context: boot.
 * Return: 0 or -ENOSPC.
 */
int __init ima_ns_fs_init(void)
{
	return securityfs_ns_register(ima_ns_populate);
}
