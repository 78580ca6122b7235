package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// makePrivate makes a folder that the system, administrators and services that run as LocalService can read,
// and nobody else. What is made in %ProgramData% can be read by every user otherwise.
func makePrivate(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	// Protected from the folder above, handed down to what is in it; 0x1301bf is "modify".
	d, err := windows.SecurityDescriptorFromString("D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1301bf;;;LS)")
	if err != nil {
		return err
	}
	acl, _, err := d.DACL()
	if err != nil {
		return err
	}
	err = windows.SetNamedSecurityInfo(folder, windows.SE_FILE_OBJECT,
		windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, acl, nil)
	if err != nil {
		return fmt.Errorf("rights of %s: %w", folder, err)
	}
	return nil
}
