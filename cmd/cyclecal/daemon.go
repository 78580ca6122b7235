package main

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	daemon "github.com/kardianos/service"
	"github.com/spf13/cobra"
)

// The unit that "service install" writes where systemd is.
//
//go:embed deploy/cyclecal.service
var systemdUnit string

// manager makes a service that can be installed, started, stopped and run, as [daemon.New] does.
type manager func(daemon.Interface, *daemon.Config) (daemon.Service, error)

func (p *program) daemon(manage manager) *cobra.Command {
	cmd := group("service", "Install, start and stop the server as a service of this machine",
		`Install, start and stop the server as a service of this machine: of Windows,
of systemd, or of launchd. All but status need the rights of an administrator.

On Windows it runs as LocalService, keeps its data in %ProgramData%\Cyclecal, which
it and administrators alone can read, and logs to the event log as "cyclecal", without
a line for each request. Under systemd it runs as a user of its own, keeps its data in
/var/lib/cyclecal, and reads /etc/cyclecal/environment. Stopping it finishes
the requests under way.`)
	cmd.AddCommand(p.installDaemon(manage), p.runDaemon(manage))
	for _, c := range []struct {
		name, short string
		do          func(daemon.Service) error
	}{
		{"uninstall", "Remove the service; its data and settings stay", daemon.Service.Uninstall},
		{"start", "Start the service", daemon.Service.Start},
		{"stop", "Stop the service, after the requests under way", daemon.Service.Stop},
		{"status", "Print whether the service runs: exit code 0 if it does, else 1", p.daemonStatus},
	} {
		cmd.AddCommand(&cobra.Command{
			Use: c.name, Short: c.short, Args: noArgs,
			RunE: func(*cobra.Command, []string) error {
				s, err := supported(manage(nil, daemonConfig(nil)))
				if err == nil {
					err = c.do(s)
				}
				return failed(withRights(err))
			},
		})
	}
	return cmd
}

// daemonConfig describes the service to the machine.
func daemonConfig(arguments []string) *daemon.Config {
	c := &daemon.Config{
		Name: "cyclecal", DisplayName: "Cyclecal", Description: "Which Windows update restarts our machines, and when",
		Arguments: arguments, Option: daemon.KeyValue{},
	}
	if runtime.GOOS == "windows" {
		c.UserName = `NT AUTHORITY\LocalService`
		c.Option["OnFailure"] = "restart"
		c.Option["OnFailureDelayDuration"] = "30s"
	}
	return c
}

func (p *program) installDaemon(manage manager) *cobra.Command {
	var config, data string
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Install the service, which starts with the machine from then on",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			arguments, folder, err := p.daemonArguments(config, data)
			if err != nil {
				return failed(err)
			}
			c := daemonConfig(arguments)
			path, err := os.Executable()
			if err != nil {
				return failed(err)
			}
			c.Option["SystemdScript"] = strings.ReplaceAll(unitFor(path, arguments), "{{", `{{"{{"}}`) // it is taken for a template
			s, err := supported(manage(nil, c))
			if err == nil && folder != "" {
				err = makePrivate(folder)
			}
			if err == nil {
				err = s.Install()
			}
			if err == nil {
				_, err = fmt.Fprintln(p.stdout, "installed: cyclecal service start starts it")
			}
			return failed(withRights(err))
		},
	}
	cmd.Flags().StringVar(&config, "config", "", "`FILE` of settings; cyclecal help config tells of it")
	cmd.Flags().StringVar(&data, "data-dir", "", "`FOLDER` for what is stored; default %ProgramData%\\Cyclecal, /Library/Application Support/Cyclecal or, of systemd, /var/lib/cyclecal")
	return cmd
}

// daemonArguments are the arguments with which the service is started, and the folder of its data, "" where
// systemd has one. The settings are checked now, as nobody sees what a service prints.
func (p *program) daemonArguments(config, data string) (arguments []string, folder string, err error) {
	arguments = []string{"serve"}
	if runtime.GOOS == "windows" {
		arguments = []string{"service", "run"}
	}
	if config != "" {
		path, err := filepath.Abs(config)
		if err != nil {
			return nil, "", err
		}
		check := p.serve()
		if err := errors.Join(check.Flags().Set("config", path), check.PreRunE(check, nil)); err != nil {
			return nil, "", err
		}
		if runtime.GOOS == "linux" && strings.ContainsAny(path, "\\\n\r") {
			return nil, "", usageError{fmt.Errorf("--config %q: systemd takes no such name: want one without \\ and newlines", path)}
		}
		arguments = append(arguments, "--config", path)
	}
	if runtime.GOOS == "linux" {
		if data != "" {
			return nil, "", usageError{errors.New("--data-dir: systemd has it in /var/lib/cyclecal: want none")}
		}
		return arguments, "", nil
	}
	folder, err = filepath.Abs(cmp.Or(data, p.daemonData()))
	if err == nil && folder == filepath.Dir(folder) {
		err = usageError{fmt.Errorf("--data-dir %s: nobody else could read the whole volume: want a folder", folder)}
	}
	return append(arguments, "--data-dir", folder), folder, err
}

func (p *program) daemonData() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(cmp.Or(p.getenv("ProgramData"), `C:\ProgramData`), "Cyclecal")
	}
	return "/Library/Application Support/Cyclecal"
}

// unitFor is the unit of systemd with that command. systemd reads the file of settings as root and passes it on as a
// credential, since the user as whom the server runs may not be able to read it, and sees no home folders.
func unitFor(path string, arguments []string) string {
	const command = "ExecStart=/usr/local/bin/cyclecal serve"
	words, credential := []string{systemdQuote(path)}, ""
	for i, a := range arguments {
		if i > 0 && arguments[i-1] == "--config" {
			credential = "LoadCredential=config.yaml:" + strings.ReplaceAll(a, "%", "%%") + "\n"
			words = append(words, "%d/config.yaml")
			continue
		}
		words = append(words, systemdQuote(a))
	}
	return strings.Replace(systemdUnit, command, credential+"ExecStart="+strings.Join(words, " "), 1)
}

// systemdQuote makes one word of anything: systemd.service(5), command lines, and systemd.unit(5), specifiers.
func systemdQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "$", "$$", "\n", `\n`).Replace(s) + `"`
}

// supported returns an error on Linux without systemd, for which there is no unit.
func supported(s daemon.Service, err error) (daemon.Service, error) {
	if runtime.GOOS == "linux" && (errors.Is(err, daemon.ErrNoServiceSystemDetected) || err == nil && s.Platform() != "linux-systemd") {
		return nil, errors.New("there is no systemd on this machine: have its own init start cyclecal serve")
	}
	return s, err
}

// withRights adds to an error of permissions what was probably missing.
func withRights(err error) error {
	switch {
	case errors.Is(err, fs.ErrPermission) && runtime.GOOS == "windows":
		return fmt.Errorf("%w: want a console that runs as administrator", err)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: want root: sudo cyclecal service …", err)
	}
	return err
}

func (p *program) daemonStatus(s daemon.Service) error {
	status, err := s.Status()
	switch {
	case errors.Is(err, daemon.ErrNotInstalled):
		return errors.New("the service is not installed: cyclecal service install installs it")
	case err != nil:
		return err
	case status != daemon.StatusRunning:
		return errors.New("the service does not run: cyclecal service start starts it")
	}
	_, err = fmt.Fprintln(p.stdout, "running")
	return err
}
