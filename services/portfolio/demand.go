package portfolio

import (
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
	"throughline.dev/services/feedback"
)

// Who asked for what, carried up the line: an insight or a vote counts its
// customer at what it is linked to and at everything above it, each customer
// once (domain.md §4).

// asker names who asks: the customer, or the person where no customer is known.
func asker(customer feedback.CustomerID, person es.PersonID) string {
	if customer != "" {
		return customer.String()
	}
	return person.String()
}

// Wish is what one insight or vote asks for, to take it back later.
type Wish struct {
	Who     string   `json:"who"`
	Targets []string `json:"targets,omitempty"` // where it counts now
}

var wishes = view.NewTable[Wish]("wish", nil)

// wish makes an insight or vote count at exactly these targets.
func wish(tx *view.Tx, id, who string, targets []string) {
	old, _ := wishes.Get(tx, id)
	if old.Who != "" {
		for _, t := range old.Targets {
			ask(tx, t, old.Who, -1)
		}
	}
	if who != "" {
		for _, t := range targets {
			ask(tx, t, who, +1)
		}
	}
	wishes.Put(tx, id, Wish{who, targets})
}

// linked keeps the insight's state so that a link knows whether it counts.
var linked = view.NewTable[feedback.Insight]("insight-state", nil)

func onInsight(tx *view.Tx, e es.Event[feedback.Insight]) {
	s, _ := linked.Get(tx, tx.ID())
	s = e.Evolve(s)
	linked.Put(tx, tx.ID(), s)
	var targets []string
	for _, t := range s.Links {
		targets = append(targets, t.ID.String())
	}
	counting := targets
	if s.State == feedback.Archived {
		counting = nil
	}
	wish(tx, tx.ID(), asker(s.Customer, s.Contact), counting)
	change(tx, tx.ID(), func(n Node) Node {
		n.Type, n.Key, n.Title, n.State = "insight", s.Key, firstLine(s.Excerpt.Text), string(s.State)
		n.Category = map[feedback.State]string{feedback.ActedOn: "done", feedback.Archived: "cancelled"}[s.State]
		if n.Category == "" {
			n.Category = "active"
		}
		n.Parents = targets
		n.Since = since(n, tx)
		return n
	})
	if f := s.Excerpt.Feedback.String(); f != "" {
		change(tx, f, func(n Node) Node {
			if !contains(n.Parents, tx.ID()) {
				n.Parents = es.Added(n.Parents, tx.ID())
			}
			return n
		})
	}
}

var saying = view.NewTable[feedback.Feedback]("feedback-state", nil)

func onFeedbackNode(tx *view.Tx, e es.Event[feedback.Feedback]) {
	s, _ := saying.Get(tx, tx.ID())
	s = e.Evolve(s)
	saying.Put(tx, tx.ID(), s)
	change(tx, tx.ID(), func(n Node) Node {
		n.Type, n.Key, n.Title, n.State = "feedback", s.Key, firstLine(s.Text), string(s.State)
		switch {
		case s.State == feedback.Merged || s.Dismissed != "":
			n.Category = "cancelled"
		case s.State == feedback.Closed || s.State == feedback.Processed:
			n.Category = "done"
		default:
			n.Category = "todo"
		}
		n.Reason, n.Since = s.Dismissed, since(n, tx)
		return n
	})
}

var proposedIdeas = view.NewTable[feedback.Idea]("idea-state", nil)

func onIdea(tx *view.Tx, e es.Event[feedback.Idea]) {
	s, _ := proposedIdeas.Get(tx, tx.ID())
	s = e.Evolve(s)
	proposedIdeas.Put(tx, tx.ID(), s)
	change(tx, tx.ID(), func(n Node) Node {
		n.Type, n.Key, n.Title, n.State = "idea", s.Key, s.Title, string(s.State)
		switch s.State {
		case feedback.Shipped:
			n.Category = "done"
		case feedback.Declined, feedback.Merged:
			n.Category = "cancelled"
		case feedback.InProgress:
			n.Category = "active"
		default:
			n.Category = "todo"
		}
		n.Parents, n.Branch.Up, n.Since = nil, "", since(n, tx)
		switch {
		case s.MergedInto != "":
			n.Branch.Up = s.MergedInto.String()
		case s.Promotion != nil && s.Promotion.Item != "":
			n.Branch.Up = s.Promotion.Item.String()
		}
		if n.Branch.Up != "" {
			n.Parents = []string{n.Branch.Up}
		}
		return n
	})
}

var casting = view.NewTable[feedback.Vote]("vote-state", nil)

func onVote(tx *view.Tx, e es.Event[feedback.Vote]) {
	s, _ := casting.Get(tx, tx.ID())
	s = e.Evolve(s)
	casting.Put(tx, tx.ID(), s)
	var targets []string
	if s.State == feedback.Cast {
		targets = []string{s.Idea.String()}
	}
	wish(tx, tx.ID(), asker(s.Customer, s.Person), targets)
}

func since(n Node, tx *view.Tx) string {
	if n.Since != "" {
		return n.Since
	}
	return tx.When().UTC().Format(time.RFC3339)
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

// firstLine is what a long text is called in a list.
func firstLine(s string) string {
	for i, r := range s {
		if r == '\n' || i > 140 {
			return s[:i]
		}
	}
	return s
}
