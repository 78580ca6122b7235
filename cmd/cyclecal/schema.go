package main

import (
	"github.com/spf13/cobra"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

func (p *program) schema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of fleet files, for editors",
		Long: `Print the JSON Schema of fleet files.

Editors complete and check a fleet file by it. Those with the YAML language server,
such as VS Code with the YAML extension, take its place from the first line of the file:

  # yaml-language-server: $schema=fleet.schema.json`,
		Example: "  cyclecal schema > fleet.schema.json",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := p.stdout.Write(resource.Schema())
			return failed(err)
		},
	}
}
