package main

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cyclecal/cyclecal/api"
)

//go:embed help/*.md
var helpFiles embed.FS

// topics returns the texts of help, which /docs shows too. Those that most readers want come first, and those
// that are not in the order come last.
func topics() ([]api.Topic, error) {
	files, err := fs.Glob(helpFiles, "help/*.md")
	if err != nil {
		return nil, err
	}
	var list []api.Topic
	for _, file := range files {
		text, err := fs.ReadFile(helpFiles, file)
		if err != nil {
			return nil, err
		}
		first, _, _ := strings.Cut(string(text), "\n")
		list = append(list, api.Topic{
			Name: strings.TrimSuffix(path.Base(file), ".md"), Title: strings.TrimPrefix(first, "# "), Text: string(text),
		})
	}
	order := strings.Fields("subscribe query devices eligibility rings windows sources dashboards metrics export deploy config operations speed")
	place := func(t api.Topic) int {
		if i := slices.Index(order, t.Name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(list, func(a, b api.Topic) int { return place(a) - place(b) })
	return list, nil
}

// topicList is a line for each topic, for the help of the program.
func topicList() string {
	list, err := topics()
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, t := range list {
		fmt.Fprintf(&b, "  %s%s\n", pad(t.Name, 14), t.Title)
	}
	return strings.TrimRight(b.String(), "\n")
}

// help shows the help of a command, or a topic: or both, one below the other, where they have one name.
func (p *program) help() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND|TOPIC]",
		Short: "Help about a command or a topic",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return helpNames(cmd.Root(), args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			all, err := topics()
			if err != nil {
				return failed(err)
			}
			i := slices.IndexFunc(all, func(t api.Topic) bool { return len(args) == 1 && t.Name == args[0] })
			about, rest, err := cmd.Root().Find(args)
			command := err == nil && len(rest) == 0
			if command {
				about.InitDefaultHelpFlag() // help shows every flag there is
				about.InitDefaultVersionFlag()
				if err := about.Help(); err != nil || i < 0 {
					return failed(err)
				}
				fmt.Fprintln(p.stdout)
			}
			if i < 0 {
				return unknownHelp(cmd.Root(), strings.Join(args, " "))
			}
			return failed(p.showTopic(all[i]))
		},
	}
}

// helpNames are what help can be asked for.
func helpNames(root *cobra.Command, args []string) []string {
	about, rest, err := root.Find(args)
	if err != nil || len(rest) > 0 {
		return nil
	}
	var names []string
	for _, c := range about.Commands() {
		names = append(names, c.Name())
	}
	if list, err := topics(); err == nil && len(args) == 0 {
		for _, t := range list {
			names = append(names, t.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func unknownHelp(root *cobra.Command, name string) error {
	return usageError{fmt.Errorf("%q is no command and no topic: %s", name, meant(name, helpNames(root, nil)))}
}

// showTopic prints a topic, its headings bold on a terminal.
func (p *program) showTopic(t api.Topic) error {
	mark := func(s string) string { return s }
	if p.showsMarks() {
		mark = func(s string) string { return "\x1b[1m" + s + "\x1b[0m" }
	}
	_, err := fmt.Fprint(p.stdout, textOf(t.Text, mark))
	return err
}
