package inbox

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/services/gateway/web/part"
	"throughline.dev/services/gateway/web/rendertest"
)

func sample() Model {
	return Model{
		Live:  part.Live{View: "inbox"},
		Queue: []Row{{ID: "1", URL: "/feedback/1", Customer: "Café", Text: "Hm", On: true}, {ID: "2", URL: "/feedback/2", Customer: "Shop", Text: "Oh", NeedsAnswer: true}},
		Selected: &Feedback{ID: "1", Text: "Hm <i>well</i>\r\n", Version: 5, Customer: "Café", Actions: []Action{
			{Key: "4", Icon: "x", Command: part.Command{ID: "dismiss", Title: "Dismiss…", Path: "/api/v1/feedback/1/dismiss", Version: 5, Fields: []part.Field{{Name: "reason", Label: "Why", Kind: "area", Required: true}}}}}},
		Demand: []Demand{{Ref: part.Ref{Key: "A-1", Title: "One"}, Requesters: 3, Importance: 7, Recent: 1.25}, {Ref: part.Ref{Key: "A-2", Title: "Two"}, Requesters: 2, Importance: 3, Recent: 0.5}},
	}
}

func TestTheChosenFeedbackCanBeDecidedByKey(t *testing.T) {
	d := rendertest.Render(t, Component(sample()))
	if got := d.One("[aria-current=true]").Attr("href"); got != "/feedback/1" {
		t.Errorf("chosen is %s", got)
	}
	if got := d.One(".voice-text").Text(); got != "Hm <i>well</i>" {
		t.Errorf("it reads %q", got)
	}
	if got := d.One(".voice").Attr("data-text"); got != `"Hm \u003ci\u003ewell\u003c/i\u003e\r\n"` {
		t.Errorf("scripts read %s, not what was said", got)
	}
	if got := d.One("[data-decide=4]").Attr("data-dialog"); got != "dismiss" {
		t.Errorf("4 opens %q", got)
	}
	if diff := cmp.Diff([]string{"3", "7", "2", "3"}, d.Texts("td.num")); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsDecidedInThePast(t *testing.T) {
	m := sample()
	m.Live.Past = true
	d := rendertest.Render(t, Component(m))
	if n := len(d.All("[data-decide]")) + len(d.All("form")); n != 0 {
		t.Errorf("the past offers %d decisions", n)
	}
}
