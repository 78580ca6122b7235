package main

import (
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
)

// FuzzNotify reads URLs of receivers, which hold secrets, with one at any place. Whatever is taken or refused, neither
// the error nor what the log and the metrics learn of a receiver has it.
func FuzzNotify(f *testing.F) {
	for _, s := range []string{
		"https://user:|@host/path?sig=1#x", "https://hooks.example.com/|", "https://|.example.com:8443/", "https://hooks.slack.com/services/|", "https://discord.com/api/webhooks/1/|",
		"teams+https://host/workflows/|", "teams+https://tenant.webhook.office.com/webhookb2/|@b/IncomingWebhook/c/d", "teams+|://host/", "generic://host/|?disabletls=yes&@auth=1", "generic+https://host/|",
		"slack://hook:|-B-C@webhook", "smtp://user:|@host:587/?from=a@example.com&to=b@example.com", "ntfy://me:|@ntfy.sh/topic", "gotify://host/A|2345678901234",
		"rocketchat://bot@host/|/b", "mattermost://bot@host/|", "matrix://user:|@host/", "bark://|@host/", "discord://|@1", "telegram://|@telegram?chats=1", "pushover://shoutrrr:|@user", "logger://|",
		"|://host", "|", "https://%zz|", "https://host:|/", "https://[|]/", "https://host/\x00|", "https://host/ https://host/|", "ntfy://ntfy.sh/|\nsmtp://|", "://|", "",
	} {
		before, after, _ := strings.Cut(s, "|")
		f.Add(before, after)
	}
	const secret = "hush5ecret"
	name := regexp.MustCompile(`^[a-z]{3,12} \([0-9a-f]{4}\)( [0-9]+)?$`)
	f.Fuzz(func(t *testing.T, before, after string) {
		var urls urlList
		if err := urls.Set(before + secret + after); err != nil {
			t.Fatal(err)
		}
		list, err := parseReceivers(urls, testClock)
		if err != nil && (len(list) > 0 || strings.Contains(err.Error(), secret) || !strings.HasPrefix(err.Error(), "--notify, URL ")) {
			t.Errorf("%q is refused by %q, and gives %d receivers", urls, err, len(list))
		}
		notifiers := newNotifiers(list, nil, serveFlags{}, slog.New(slog.DiscardHandler))
		for _, n := range notifiers {
			if !name.MatchString(n.name) || strings.Contains(n.book, secret) {
				t.Errorf("%q is called %q and kept as %q", urls, n.name, n.book)
			}
		}
		if told := fmt.Sprint(counted(notifiers)); strings.Contains(told, secret) {
			t.Errorf("the metrics tell %s of %q", told, urls)
		}
	})
}
