package model

import (
	"strings"
	"testing"
	"time"
)

func TestIdentifiersSortByTime(t *testing.T) {
	first := NewID()
	time.Sleep(2 * time.Millisecond)
	if second := NewID(); second <= first {
		t.Fatal(first, second)
	}
}

func TestUnacceptableAccountsAreRefused(t *testing.T) {
	good := NewUser{Username: "alice", Email: "alice@social.test", Password: "12345678"}
	if problem := good.Check(); problem != nil {
		t.Fatal(problem)
	}
	for want, change := range map[string]func(*NewUser){
		"account.username blank":    func(n *NewUser) { n.Username = "" },
		"account.username invalid":  func(n *NewUser) { n.Username = "al ice" },
		"account.username too_long": func(n *NewUser) { n.Username = strings.Repeat("a", 31) },
		"email blank":               func(n *NewUser) { n.Email = "" },
		"email invalid":             func(n *NewUser) { n.Email = "Alice <alice@social.test>" },
		"password too_short":        func(n *NewUser) { n.Password = "1234567" },
		"password too_long":         func(n *NewUser) { n.Password = strings.Repeat("a", 73) },
	} {
		changed := good
		change(&changed)
		if got := changed.Check(); got == nil || got.Attribute+" "+got.Reason != want {
			t.Errorf("%s: %v", want, got)
		}
	}
}

func TestLinksGoToTheWebDomain(t *testing.T) {
	site := Site{LocalDomain: "social.test", WebDomain: "web.social.test"}
	shown := site.Status(Status{
		ID: 7, Text: "<a> & \nb", Account: Account{Username: "alice"},
		Media: []Media{{Path: "x/y.png", ContentType: "image/png"}},
	})
	if shown["url"] != "https://web.social.test/@alice/7" || shown["content"] != "<p>&lt;a&gt; &amp; <br />b</p>" {
		t.Error(shown["url"], shown["content"])
	}
	media, ok := shown["media_attachments"].([]JSON)
	if !ok || media[0]["url"] != "https://web.social.test/system/x/y.png" || media[0]["type"] != "image" {
		t.Error(shown["media_attachments"])
	}
}

func TestARemovedFileHasNoLink(t *testing.T) {
	if shown := (Site{}).Media(Media{ContentType: "image/png"}); shown["url"] != nil {
		t.Fatal(shown["url"])
	}
}
