// SPDX-License-Identifier: GPL-2.0-only
/*
 * securityfs - one instance per user namespace
 *
 * Copyright (C) 2026 Overlay Team
 *
 * The instance of the initial user namespace is pinned as long as it has
 * entries and looks as it always did. The instance of any other user namespace
 * is a child instance: it exists while it is mounted, holds what the registered
 * features put there when it is set up, and vanishes as a whole.
 */

#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/init.h>
#include <linux/security.h>

#include "securityfs_ns.h"

/* One entry per feature, complete before init runs. */
static int (*securityfs_ns_populate[4])(struct dentry *root) __ro_after_init;

/**
 * securityfs_ns_register - let a feature add entries to child instances
 * @populate: called once for each child instance while it is set up, with its
 *	root directory. The owning user namespace is root->d_sb->s_user_ns. It
 *	creates entries below the root and never removes any: if it fails, the
 *	mount fails with its error and the whole instance goes away.
 *
 * Callbacks run in the order of registration.
 *
 * Return: 0, or -ENOSPC if the table is full.
 * Context: initcalls only. @populate runs with s_umount of the instance held
 *	and may sleep.
 */
int __init securityfs_ns_register(int (*populate)(struct dentry *root))
{
	int i;

	for (i = 0; i < ARRAY_SIZE(securityfs_ns_populate); i++) {
		if (!securityfs_ns_populate[i]) {
			securityfs_ns_populate[i] = populate;
			return 0;
		}
	}
	return -ENOSPC;
}

/**
 * securityfs_ns_init_fc - choose the instance of a new filesystem context
 * @fc: the context, set to the caller's user namespace
 *
 * The kernel's own mount, which pins entries, may be made while a container's
 * task runs; it is the initial instance nevertheless.
 *
 * Return: 0.
 * Context: process context.
 */
int securityfs_ns_init_fc(struct fs_context *fc)
{
	if (fc->sb_flags & SB_KERNMOUNT) {
		put_user_ns(fc->user_ns);
		fc->user_ns = get_user_ns(&init_user_ns);
	}
	return 0;
}

/**
 * securityfs_ns_free_fc - drop the key that no instance took over
 * @fc: the context
 *
 * Context: process context.
 */
void securityfs_ns_free_fc(struct fs_context *fc)
{
	if (fc->s_fs_info)
		put_user_ns(fc->s_fs_info);
}

/**
 * securityfs_ns_get_tree - find or set up the instance of a user namespace
 * @fc: the context
 * @fill: sets up a new instance
 *
 * Return: 0, -EINVAL if the context was passed on to another user namespace,
 *	-ENOMEM, or the error of @fill.
 * Context: process context. Returns with s_umount of the instance held.
 */
int securityfs_ns_get_tree(struct fs_context *fc,
			   int (*fill)(struct super_block *sb,
				       struct fs_context *fc))
{
	/* The initial instance has no such test: see securityfs_ns_init_fc(). */
	if (fc->user_ns != &init_user_ns && fc->user_ns != current_user_ns())
		return -EINVAL;
	return get_tree_keyed(fc, fill, get_user_ns(fc->user_ns));
}

/**
 * securityfs_ns_kill_sb - take down an instance
 * @sb: the instance
 *
 * Context: process context.
 */
void securityfs_ns_kill_sb(struct super_block *sb)
{
	struct user_namespace *user_ns = sb->s_fs_info;

	kill_litter_super(sb);
	put_user_ns(user_ns);
}

/*
 * A file acts on the namespace of its instance, so an entry of a child is of no
 * use to a task that is neither in that namespace nor above it, whatever the
 * mode bits let through: kernel ids may be shared by unrelated namespaces.
 */
static int securityfs_ns_permission(struct mnt_idmap *idmap,
				    struct inode *inode, int mask)
{
	int error;

	error = generic_permission(idmap, inode, mask);
	if (error)
		return error;
	if (!in_userns(current_user_ns(), inode->i_sb->s_user_ns))
		return -EACCES;
	return 0;
}

/* An owner of the same kernel id may hold a descriptor. */
static int securityfs_ns_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
				 struct iattr *attr)
{
	if (!in_userns(current_user_ns(), dentry->d_sb->s_user_ns))
		return -EACCES;
	return simple_setattr(idmap, dentry, attr);
}

static const struct inode_operations securityfs_ns_dir_iops = {
	.lookup		= simple_lookup,
	.permission	= securityfs_ns_permission,
	.setattr	= securityfs_ns_setattr,
};

static const struct inode_operations securityfs_ns_file_iops = {
	.permission	= securityfs_ns_permission,
	.setattr	= securityfs_ns_setattr,
};

static const struct inode_operations securityfs_ns_symlink_iops = {
	.get_link	= simple_get_link,
	.permission	= securityfs_ns_permission,
	.setattr	= securityfs_ns_setattr,
};

/**
 * securityfs_ns_fill_super - finish the set-up of an instance
 * @sb: the instance, with an empty root directory
 *
 * Return: 0, or the error of the feature that failed to add its entries.
 * Context: process context, s_umount held.
 */
int securityfs_ns_fill_super(struct super_block *sb)
{
	int error, i;

	if (sb->s_user_ns == &init_user_ns)
		return 0;

	/* Nothing is executed here, and nothing is stacked on it. */
	sb->s_iflags |= SB_I_NOEXEC | SB_I_NODEV;
	sb->s_stack_depth = FILESYSTEM_MAX_STACK_DEPTH;
	d_inode(sb->s_root)->i_op = &securityfs_ns_dir_iops;

	for (i = 0; i < ARRAY_SIZE(securityfs_ns_populate); i++) {
		if (!securityfs_ns_populate[i])
			break;
		error = securityfs_ns_populate[i](sb->s_root);
		if (error)
			return error;
	}
	return 0;
}

/**
 * securityfs_ns_lookup - look up the place of a new entry
 * @name: name of the entry
 * @parent: its directory, in any instance
 *
 * In a child instance the caller's rights to the directory do not matter: a
 * file of the instance may add entries on behalf of a task that was only passed
 * its descriptor.
 *
 * Return: the entry, negative if there is none yet, or an ERR_PTR: -ENOMEM, or
 *	in the initial instance any error of lookup_one_len().
 * Context: process context, inode lock of the directory held.
 */
struct dentry *securityfs_ns_lookup(const char *name, struct dentry *parent)
{
	struct qstr qname = QSTR_INIT(name, strlen(name));
	struct dentry *dentry;

	if (!securityfs_ns_child(parent))
		return lookup_one_len(name, parent, qname.len);

	dentry = d_hash_and_lookup(parent, &qname);
	if (dentry)
		return dentry;

	dentry = d_alloc(parent, &qname);
	if (!dentry)
		return ERR_PTR(-ENOMEM);
	simple_lookup(d_inode(parent), dentry, 0);
	return dentry;
}

/**
 * securityfs_ns_init_inode - make a new inode one of a child instance
 * @inode: the inode, mode and operations set; left alone in the initial
 *	instance
 *
 * The owner is the one the root directory got when the instance was set up.
 * Entries added later keep to it: a user id map written in between does not
 * split the tree into files of two owners.
 *
 * Context: any.
 */
void securityfs_ns_init_inode(struct inode *inode)
{
	const struct inode *root = d_inode(inode->i_sb->s_root);

	if (inode->i_sb->s_user_ns == &init_user_ns)
		return;

	inode->i_uid = root->i_uid;
	inode->i_gid = root->i_gid;
	if (S_ISDIR(inode->i_mode))
		inode->i_op = &securityfs_ns_dir_iops;
	else if (S_ISLNK(inode->i_mode))
		inode->i_op = &securityfs_ns_symlink_iops;
	else
		inode->i_op = &securityfs_ns_file_iops;
}
