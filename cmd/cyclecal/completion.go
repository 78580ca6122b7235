package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func (p *program) completion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script of a shell: " + strings.Join(shells, ", "),
		Example: `  cyclecal completion bash > /etc/bash_completion.d/cyclecal
  cyclecal completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && slices.Contains(shells, args[0]) {
				return nil
			}
			return usageError{fmt.Errorf("%s %q: want %s", cmd.CommandPath(), strings.Join(args, " "), strings.Join(shells, ", "))}
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return failed(root.GenBashCompletionV2(p.stdout, true))
			case "zsh":
				return failed(root.GenZshCompletion(p.stdout))
			case "fish":
				return failed(root.GenFishCompletion(p.stdout, true))
			}
			return failed(root.GenPowerShellCompletionWithDesc(p.stdout))
		},
	}
}
