package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
)

// notifyFlags say who gets messages, and how long before a restart.
type notifyFlags struct {
	urls urlList
	days int
}

func (f *notifyFlags) add(flags *pflag.FlagSet) {
	flags.Var(&f.urls, "notify", "`URL` to tell of changed plans, out-of-band releases and restarts to come; may be given again, and is\n"+
		"safer in CYCLECAL_NOTIFY, parted by spaces. https://… gets JSON, all others are URLs of shoutrrr: slack://, smtp://, …")
	flags.IntVar(&f.days, "notify-days", 7, "`DAYS` before a restart on which to tell of it; 0 never does")
}

const mostNotifyDays = 90

func (f notifyFlags) check() error {
	if f.days < 0 || f.days > mostNotifyDays {
		return usageError{fmt.Errorf("--notify-days %d: want 0 to %d", f.days, mostNotifyDays)}
	}
	return nil
}

// urlList is a flag that may be repeated, and that takes several URLs separated by white space, as the
// environment has them. It accepts anything, as pflag would print a value that is refused, secret and all.
type urlList []string

func (l *urlList) Set(s string) error { *l = append(*l, strings.Fields(s)...); return nil }

func (l *urlList) String() string { return strings.Join(*l, " ") }

func (l *urlList) Type() string { return "string" }
