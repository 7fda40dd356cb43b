package item

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/rendertest"
)

func TestADescriptionIsTextWithItsParagraphs(t *testing.T) {
	m := Model{Key: "A-1", Title: "t", Description: "one\r\ntwo\r\n\r\n\r\n<script>alert(1)</script>\n\n  \n"}
	d := rendertest.Render(t, Component(m))
	if diff := cmp.Diff([]string{"one\ntwo", "<script>alert(1)</script>"}, m.paragraphs()); diff != "" {
		t.Error(diff)
	}
	if n := len(d.All("script")); n != 0 {
		t.Errorf("the description brought %d scripts along", n)
	}
	if text := d.One(".prose").Text(); text != "one two <script>alert(1)</script>" {
		t.Errorf("it reads %q", text)
	}
}

func TestHistorySaysWhoDidWhatAndWhenItBecameKnown(t *testing.T) {
	at := time.Date(2026, 3, 4, 17, 5, 0, 0, time.UTC)
	m := Model{Key: "A-1", History: []Event{{Position: 9, At: at, Recorded: at.AddDate(0, 1, 0), Who: part.Person{Name: "Ann Bo"}, As: "product owner", What: "moved it to Ready", Reason: "refined",
		Diffs: []part.Diff{{Field: "State", Old: "Draft", New: "Ready"}}, URL: "/items/A-1?asOf=9"}}}
	d := rendertest.Render(t, Component(m))
	if got, want := d.One("#event-9-0").Text(), "AB Ann Bo moved it to Ready as product owner “refined” State Draft → Ready 4 Mar 2026, 17:05 UTC recorded 4 Apr 2026"; got != want {
		t.Errorf("it reads\n%s, want\n%s", got, want)
	}
}

func TestALinkToTheSourceCannotRunAScript(t *testing.T) {
	d := rendertest.Render(t, Component(Model{Key: "A-1", SourceName: "Jira", SourceKey: "A-1", SourceURL: "javascript:alert(1)"}))
	for _, a := range d.All("a") {
		if len(a.Attr("href")) > 10 && a.Attr("href")[:11] == "javascript:" {
			t.Errorf("%s points to %s", a.Text(), a.Attr("href"))
		}
	}
}

func TestCommandsAreNotOfferedInThePast(t *testing.T) {
	m := Model{Key: "A-1", Commands: []part.Command{{ID: "block", Title: "Block", Path: "/api/v1/items/1/block", Version: 5, Fields: []part.Field{{Name: "reason", Label: "Why", Kind: "area", Required: true}}}}}
	if form := rendertest.Render(t, Component(m)).One("form[data-command]"); form.Attr("data-version") != "5" || form.Attr("data-command") != "/api/v1/items/1/block" {
		t.Errorf("the form sends to %s on version %s", form.Attr("data-command"), form.Attr("data-version"))
	}
	m.Live.Past = true
	if n := len(rendertest.Render(t, Component(m)).All("form")); n != 0 {
		t.Errorf("the past offers %d commands", n)
	}
}
