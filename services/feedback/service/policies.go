// Package service holds what the feedback context does by itself: the policies
// that carry an idea into the backlog and bring back what became of it.
package service

import (
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/react"
)

// Policies are the context's policies (domain.md §5.6, F6 and F7). Their names
// are stored; never change one.
var Policies = []react.Policy{
	react.When("idea-promoted-becomes-feature", "feedback.idea.promoted.v1", featureOfIdea),
	react.When("insight-processes-feedback", "feedback.insight.created.v1", processFeedback),
	react.When("released-item-ships-idea", "backlog.item.released.v1", shipIdea),
}

// promoted is what the policy reads of an idea's promotion.
type promoted struct {
	Key         string `json:"key"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Product     string `json:"product"`
	ART         string `json:"art"`
	Epic        string `json:"epic"`
}

// feature is the command backlog.item.create as this context knows it.
type feature struct {
	Kind        string `json:"kind"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Product     string `json:"product,omitempty"`
	ART         string `json:"art,omitempty"`
	Idea        string `json:"originIdea"`
	Parent      parent `json:"parent"`
}

type parent struct {
	Epic string `json:"epic,omitempty"`
	None string `json:"none,omitempty"`
}

type succeeded struct {
	Item string `json:"item"`
}

type failed struct {
	Reason string `json:"reason"`
}

type shipped struct {
	Item string `json:"item"`
}

// featureOfIdea asks the backlog for a feature and tells the idea what the
// backlog answered.
func featureOfIdea(e promoted, h react.Happening) []react.Wish {
	above := parent{Epic: e.Epic}
	if e.Epic == "" {
		above.None = "promoted from idea " + e.Key
	}
	return []react.Wish{{
		Command: "backlog.item.create",
		Body: feature{Kind: "feature", Title: e.Title, Description: e.Description, Product: e.Product, ART: e.ART,
			Idea: h.ID(), Parent: above},
		Done: func(a command.Answer) *react.Wish {
			return &react.Wish{Command: "feedback.idea.record-promotion-succeeded", ID: h.ID(), Body: succeeded{a.ID}}
		},
		Refused: func(err *fail.Error) *react.Wish {
			return &react.Wish{Command: "feedback.idea.record-promotion-failed", ID: h.ID(), Body: failed{err.Error()}}
		},
	}}
}

// released is what the policy reads of an item that reached its users.
type released struct {
	Idea string `json:"originIdea"`
}

// shipIdea marks the idea that a released item came from as shipped.
func shipIdea(e released, h react.Happening) []react.Wish {
	if e.Idea == "" {
		return nil
	}
	return []react.Wish{{Command: "feedback.idea.mark-shipped", ID: e.Idea, Body: shipped{h.ID()}}}
}

// excerpted is what the policy reads of a new insight.
type excerpted struct {
	Excerpt struct {
		Feedback string `json:"feedback"`
	} `json:"excerpt"`
}

type taken struct {
	Insight string `json:"insight"`
}

// processFeedback tells the feedback that an insight was taken from it.
func processFeedback(e excerpted, h react.Happening) []react.Wish {
	if e.Excerpt.Feedback == "" {
		return nil
	}
	return []react.Wish{{Command: "feedback.feedback.link-insight", ID: e.Excerpt.Feedback, Body: taken{h.ID()}}}
}
