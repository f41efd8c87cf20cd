/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * securityfs - one instance per user namespace
 *
 * Copyright (C) 2026 Overlay Team
 */
#ifndef _SECURITY_SECURITYFS_NS_H
#define _SECURITY_SECURITYFS_NS_H

#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/namei.h>

int securityfs_ns_get_tree(struct fs_context *fc,
			   int (*fill)(struct super_block *sb,
				       struct fs_context *fc));

#ifdef CONFIG_IMA_NS

#include <linux/user_namespace.h>

#define SECURITYFS_NS_FLAGS FS_USERNS_MOUNT

int securityfs_ns_init_fc(struct fs_context *fc);
void securityfs_ns_free_fc(struct fs_context *fc);
int securityfs_ns_fill_super(struct super_block *sb);
void securityfs_ns_kill_sb(struct super_block *sb);
struct dentry *securityfs_ns_lookup(const char *name, struct dentry *parent);
void securityfs_ns_init_inode(struct inode *inode);

/**
 * securityfs_ns_child - is this entry part of a child instance?
 * @dentry: an entry of any instance, or NULL for the initial instance's root
 *
 * Return: true unless the instance is the one of the initial user namespace.
 * Context: any.
 */
static inline bool securityfs_ns_child(const struct dentry *dentry)
{
	return dentry && dentry->d_sb->s_user_ns != &init_user_ns;
}

#else /* CONFIG_IMA_NS */

#define SECURITYFS_NS_FLAGS	0
#define securityfs_ns_free_fc	NULL
#define securityfs_ns_kill_sb	kill_litter_super

static inline int securityfs_ns_init_fc(struct fs_context *fc)
{
	return 0;
}

static inline int securityfs_ns_fill_super(struct super_block *sb)
{
	return 0;
}

static inline struct dentry *securityfs_ns_lookup(const char *name,
						  struct dentry *parent)
{
	return lookup_one_len(name, parent, strlen(name));
}

static inline void securityfs_ns_init_inode(struct inode *inode)
{
}

static inline bool securityfs_ns_child(const struct dentry *dentry)
{
	return false;
}

#endif /* CONFIG_IMA_NS */

#endif /* _SECURITY_SECURITYFS_NS_H */
