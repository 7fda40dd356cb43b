// Package inbox is the page of the feedback inbox: what customers said, one
// after the other, and what they ask for most.
package inbox

import (
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"throughline.dev/services/gateway/web/part"
)

// Model is the inbox with one piece of feedback chosen.
type Model struct {
	Live      part.Live
	Path      string
	Query     url.Values
	States    []State
	Queue     []Row
	Total     int
	NextURL   string // of the rest of the queue; "" is all
	Selected  *Feedback
	Demand    []Demand
	DemandURL string
}

// State is a part of the queue, such as those that nobody has looked at.
type State struct {
	Name, URL string
	Count     int
	On        bool
}

func (s State) current() string { return strconv.FormatBool(s.On) }

// Row is one piece of feedback in the queue.
type Row struct {
	ID, URL         string
	Customer, Tier  string
	Channel, Text   string
	Age             int // days
	State, Phase    string
	NeedsAnswer, On bool
}

// Feedback is the piece that is looked at.
type Feedback struct {
	ID, Key, Text  string
	Version        uint64
	Customer, Tier string
	CustomerURL    string
	Channel        string
	Received       time.Time
	State, Phase   string
	Assignee       part.Person
	Similar        []part.Ref // may be the same
	Linked         []Link
	Dismissed      string // why nothing will come of it
	Answers        []Answer
	Actions        []Action
	NextURL        string
}

// Answer is a reply that was given.
type Answer struct {
	Text string
	By   part.Person
	At   time.Time
}

// Link is what the feedback hangs on.
type Link struct {
	Ref        part.Ref
	Importance string
	Excerpt    string
}

// Action is a decision on a piece of feedback, with the key that opens it.
type Action struct {
	Key     string // "1" … "4"
	Icon    string
	Command part.Command
}

// said is the text as a string of JSON: an attribute as it is would lose line
// ends, and an excerpt is counted in the characters of the original.
func (f Feedback) said() string {
	b, err := json.Marshal(f.Text)
	if err != nil { // a string always marshals
		return "\"\""
	}
	return string(b)
}

// Demand is how much a feature, an epic or an idea is asked for.
type Demand struct {
	ID                     string
	Ref                    part.Ref
	Requesters, Importance int
	Recent                 float64 // wishes, each counting less the older it is
	Revenue                string  // a year, of those who ask
}
