package jira

import (
	"encoding/json"
	"regexp"
	"strings"
)

// sprintKeys splits "id=1,state=CLOSED,name=Sprint 1, with comma,goal=…" where
// a known name follows a comma; values may hold commas and equal signs.
var sprintKeys = regexp.MustCompile(`(?:^|,)(id|rapidViewId|state|name|startDate|endDate|completeDate|activatedDate|sequence|goal|autoStartStop|synced|incompleteIssuesDestinationId)=`)

// greenhopper reads a sprint in the form that Jira Server prints:
// com.atlassian.greenhopper.service.sprint.Sprint@1f[id=1,…].
func greenhopper(s string) (Sprint, bool) {
	open := strings.IndexByte(s, '[')
	if !strings.HasPrefix(s, "com.atlassian.greenhopper.") || open < 0 || !strings.HasSuffix(s, "]") {
		return Sprint{}, false
	}
	body := s[open+1 : len(s)-1]
	var out Sprint
	var d dates
	marks := sprintKeys.FindAllStringSubmatchIndex(body, -1)
	for i, m := range marks {
		end := len(body)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		value := body[m[1]:end]
		if value == "<null>" || value == "" {
			continue
		}
		switch body[m[2]:m[3]] {
		case "id":
			out.ID = value
		case "rapidViewId":
			out.Board = value
		case "state":
			out.State = strings.ToLower(value)
		case "name":
			out.Name = value
		case "goal":
			out.Goal = value
		case "startDate":
			out.Start, _ = d.parse(value)
		case "endDate":
			out.End, _ = d.parse(value)
		case "completeDate":
			out.Complete, _ = d.parse(value)
		}
	}
	return out, out.ID != "" || out.Name != ""
}

type restSprint struct {
	ID                               json.Number
	State, Name, Goal                string
	StartDate, EndDate, CompleteDate string
	BoardID, OriginBoardID           json.Number
}

func (r restSprint) sprint() Sprint {
	var d dates
	s := Sprint{ID: r.ID.String(), Name: r.Name, State: strings.ToLower(r.State), Goal: r.Goal, Board: r.BoardID.String()}
	if s.Board == "" {
		s.Board = r.OriginBoardID.String()
	}
	s.Start, _ = d.parse(r.StartDate)
	s.End, _ = d.parse(r.EndDate)
	s.Complete, _ = d.parse(r.CompleteDate)
	return s
}

// sprintsOf reads a value that is a sprint or a list of them, as objects or
// in Server's form; false if it is something else.
func sprintsOf(raw json.RawMessage) ([]Sprint, bool) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		list = []json.RawMessage{raw}
	}
	var out []Sprint
	for _, one := range list {
		var text string
		if json.Unmarshal(one, &text) == nil {
			s, ok := greenhopper(text)
			if !ok {
				return nil, false
			}
			out = append(out, s)
			continue
		}
		var members map[string]json.RawMessage
		if json.Unmarshal(one, &members) != nil || members["name"] == nil || members["state"] == nil || members["id"] == nil {
			return nil, false
		}
		var r restSprint
		if json.Unmarshal(one, &r) != nil {
			return nil, false
		}
		switch strings.ToLower(r.State) {
		case "future", "active", "closed":
		default:
			return nil, false // some other thing with a state
		}
		out = append(out, r.sprint())
	}
	return out, len(out) > 0
}

// addSprints adds those that are not there yet.
func (d *draft) addSprints(more []Sprint) {
next:
	for _, s := range more {
		for _, have := range d.Sprints {
			if have.ID == s.ID && have.Name == s.Name {
				continue next
			}
		}
		d.Sprints = append(d.Sprints, s)
	}
}
