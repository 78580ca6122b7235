package store

import (
	"fmt"
	"slices"
	"syscall"
)

// refuseNetwork refuses a path on a network file system, by the magic numbers of linux/magic.h and
// statfs(2). A FUSE file system is accepted, as nobody can tell where it keeps its files.
func refuseNetwork(path string) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(path, &fs); err != nil {
		return fmt.Errorf("statfs: %w", err)
	}
	network := []uint32{
		0x6969,                         // NFS
		0x517b, 0xfe534d42, 0xff534d42, // SMB 1, SMB 2 and later, CIFS
		0x01021997,                         // 9P: the drives of Windows within WSL
		0x00c36400, 0x0bd00bd0, 0x47504653, // Ceph, Lustre, GPFS
		0x5346414f, 0x6b414653, 0x73757245, // AFS twice, Coda
		0x7461636f, 0x01161970, // OCFS2, GFS2
	}
	if slices.Contains(network, uint32(fs.Type)) {
		return fmt.Errorf("network file system %#x: want a local disk, or PostgreSQL", uint32(fs.Type))
	}
	return nil
}
