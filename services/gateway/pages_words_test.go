package gateway

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"throughline.dev/services/strategy"
)

func TestWordsAreForPeople(t *testing.T) {
	for name, want := range map[string]string{"in-progress": "In progress", "userBusinessValue": "User business value", "mvp": "MVP", "todo": "To do",
		"": "", "ärger": "Ärger"} {
		if got := words(name); got != want {
			t.Errorf("words(%q) is %q, want %q", name, got, want)
		}
	}
}

func TestEventsMakeSentences(t *testing.T) {
	for typ, want := range map[string]string{
		"strategy.epic.submitted.v2":           "submitted it",
		"strategy.epic.review-started.v1":      "started review",
		"strategy.epic.go-decided.v1":          "decided Go",
		"backlog.item.wsjf-scored.v1":          "scored WSJF",
		"strategy.vision.draft-revised.v1":     "revised draft",
		"backlog.item.criterion-ticked.v1":     "ticked criterion",
		"feedback.feedback.insight-linked.v1":  "linked insight",
		"backlog.item.iterations-imported.v12": "imported its sprints",
	} {
		if got := sentence(typ); got != want {
			t.Errorf("%s is told as %q, want %q", typ, got, want)
		}
	}
}

// Where the board lets a card go is where the epic's rules would let it go, but
// for gates and limits.
func TestTheBoardOffersWhatTheRulesAllow(t *testing.T) {
	for state, want := range map[strategy.EpicState][]string{
		strategy.Funnel: {"reviewing", "done"}, strategy.Reviewing: {"analyzing", "funnel", "done"}, strategy.Ready: {"mvp", "funnel", "done"},
		strategy.MVP: {"persevere", "done"}, strategy.Persevere: {"done"}, strategy.Done: {"none"},
	} {
		if diff := cmp.Diff(want, nextStates(state)); diff != "" {
			t.Errorf("from %s: %s", state, diff)
		}
	}
}

func TestLocalPathStaysHere(t *testing.T) {
	for next, want := range map[string]string{"/kanban?a=b": "/kanban?a=b", "": "/", "//evil.example": "/", "https://evil.example": "/", "/\\evil": "/", "/a\r\nb": "/"} {
		if got := localPath(next); got != want {
			t.Errorf("localPath(%q) is %q, want %q", next, got, want)
		}
	}
}
