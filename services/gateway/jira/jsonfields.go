package jira

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// moment reads a time that belongs to a part of the issue.
func (r *rest) moment(what, value string) time.Time {
	if value == "" {
		return time.Time{}
	}
	t, kind := r.dates.parse(value)
	if kind == unreadable {
		r.note("%s, %q, cannot be read", what, clip(value, 40))
	}
	return t
}

// longest finds the longest text in raw, if it is over maxCell.
func longest(raw json.RawMessage) int {
	if len(raw) <= maxCell {
		return 0
	}
	most := 0
	for i := 0; i < len(raw); i++ {
		if raw[i] != '"' {
			continue
		}
		start := i
		for i++; i < len(raw) && raw[i] != '"'; i++ {
			if raw[i] == '\\' {
				i++
			}
		}
		if i-start <= maxCell || i >= len(raw) {
			continue
		}
		var s string
		if json.Unmarshal(raw[start:i+1], &s) == nil {
			most = max(most, len(s))
		}
	}
	if most <= maxCell {
		return 0
	}
	return most
}

// partial notes a list of which Jira has given only the first part.
func (r *rest) partial(what string, have, total int) {
	if total > have {
		r.note("the export has %d of %d %s", have, total, what)
	}
}

// history reads what expand=changelog adds.
func (r *rest) history(raw json.RawMessage) {
	if raw == nil {
		return
	}
	var log struct {
		Total     int
		Histories []struct {
			Author  *restPerson
			Created string
			Items   []struct {
				Field                string
				From, To             json.RawMessage
				FromString, ToString *string
			}
		}
	}
	if json.Unmarshal(raw, &log) != nil {
		r.note("its history is not what Jira writes and was left out")
		return
	}
	for _, h := range log.Histories {
		at, author := r.moment("the time of a change", h.Created), h.Author.person()
		for _, i := range h.Items {
			c := Change{At: at, Author: author, Field: i.Field}
			// The strings are what people read; fields without them have only ids.
			c.From = r.was(i.Field, i.From, i.FromString)
			c.To = r.was(i.Field, i.To, i.ToString)
			r.History = append(r.History, c)
		}
	}
	// Server writes the oldest first, Cloud the newest.
	slices.SortStableFunc(r.History, func(a, b Change) int { return a.At.Compare(b.At) })
	r.partial("entries of its history", len(log.Histories), log.Total)
}

// was is one side of a change. A text that is too long is cut here, not
// refused: what is true now counts, and the note says what is missing.
func (r *rest) was(field string, id json.RawMessage, text *string) string {
	var s string
	switch {
	case text != nil:
		s = *text
	case json.Unmarshal(id, &s) != nil && string(id) != "null":
		s = string(id)
	}
	if len(s) > maxCell {
		r.note("a change of %s in its history has %d bytes; the first %d were taken", field, len(s), maxCell)
		s = strings.ToValidUTF8(s[:maxCell], "")
	}
	return s
}

// lastEpic is the epic that the history ends with: the only way to know the
// custom field of the epic link when the export does not name its fields.
func (r *rest) lastEpic() string {
	for _, c := range slices.Backward(r.History) {
		if c.Field == "Epic Link" {
			return c.To
		}
	}
	return ""
}

// appFields: the custom fields of Jira's own apps, by their type.
var appFields = map[string]field{
	"com.pyxis.greenhopper.jira:gh-epic-link":     fieldEpicLink,
	"com.pyxis.greenhopper.jira:gh-epic-label":    fieldEpicName,
	"com.pyxis.greenhopper.jira:gh-sprint":        fieldSprint,
	"com.pyxis.greenhopper.jira:gh-lexo-rank":     fieldRank,
	"com.pyxis.greenhopper.jira:jsw-story-points": fieldEstimate,
	"com.atlassian.jpo:jpo-custom-field-parent":   fieldParent,
}

// cloudFields: the numbers that these fields have had on every Cloud site
// since 2018; used only when the export has no names, and noted.
var cloudFields = map[string]field{
	"customfield_10014": fieldEpicLink,
	"customfield_10016": fieldEstimate,
	"customfield_10011": fieldEpicName,
	"customfield_10015": fieldStart,
}

// others places the fields that are left: custom fields of Jira's apps where
// they can be known, all else into Custom.
func (r *rest) others() {
	for _, id := range keys(r.fields) {
		raw := r.fields[id]
		if len(raw) == 0 || string(raw) == "null" || string(raw) == "[]" || string(raw) == "{}" || string(raw) == `""` {
			continue
		}
		name := r.names[id]
		to, known := appFields[r.types[id]]
		if !known && name != "" && strings.HasPrefix(id, "customfield_") {
			to, known = customNames[fold(name)]
		}
		if name == "" {
			name = id
		}
		if !known && strings.HasPrefix(id, "customfield_") {
			to = r.byShape(id, raw)
		}
		if !r.place(to, name, raw) {
			r.keepValue(name, raw)
		}
	}
}

// byShape knows a field without a name by what is in it.
func (r *rest) byShape(id string, raw json.RawMessage) field {
	if _, ok := sprintsOf(raw); ok {
		return fieldSprint
	}
	text := ""
	if raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		switch {
		case rankShape(text):
			return fieldRank
		case keyShape.MatchString(text) && text == r.lastEpic():
			return fieldEpicLink
		}
	}
	to := cloudFields[id]
	if len(r.names) > 0 || !r.cloud {
		return fieldNone
	}
	switch { // the number alone is not enough
	case to == fieldEpicLink && !keyShape.MatchString(text),
		to == fieldEstimate && (raw[0] < '0' || raw[0] > '9'),
		to == fieldStart && len(text) != len("2026-02-25"),
		to == fieldEpicName && fold(r.Type) != "epic":
		return fieldNone
	}
	if to != fieldNone {
		r.note("%s was taken for what it is on every Cloud site, as the export does not name its fields", id)
	}
	return to
}

// rankShape: "0|i002jz:" or "0|hzzzzz:r".
func rankShape(s string) bool {
	bucket, rest, ok := strings.Cut(s, "|")
	return ok && len(bucket) == 1 && bucket[0] >= '0' && bucket[0] <= '2' && len(rest) >= 6 && len(rest) < 300 &&
		strings.IndexByte(rest, ':') >= 6 && strings.Trim(rest, "0123456789abcdefghijklmnopqrstuvwxyz:") == ""
}

// place puts a custom field where it belongs; false if it does not fit.
func (r *rest) place(to field, name string, raw json.RawMessage) bool {
	if to == fieldNone {
		return false
	}
	if to == fieldSprint {
		sprints, ok := sprintsOf(raw)
		r.addSprints(sprints)
		return ok
	}
	if to == fieldFlagged {
		r.Flagged = true
		return true
	}
	value := r.text(name, raw)
	if raw[0] == '{' && to == fieldParent { // Advanced Roadmaps on Cloud
		var link struct{ Data struct{ Key string } }
		_ = json.Unmarshal(raw, &link)
		value = link.Data.Key
	} else if raw[0] == '{' || raw[0] == '[' {
		return false
	}
	if value = strings.TrimSpace(value); value == "" {
		return false
	}
	if to == fieldParent && r.ParentKey != "" {
		return r.ParentKey == value
	}
	c := column{name: name, key: name, to: to}
	r.cell(&c, value)
	return true
}

// keepValue puts a value of any shape into Custom, as people would read it.
func (r *rest) keepValue(name string, raw json.RawMessage) {
	var list []json.RawMessage
	if len(raw) > 0 && raw[0] == '[' && json.Unmarshal(raw, &list) == nil {
		for _, one := range list {
			r.keepOne(name, one)
		}
		return
	}
	r.keepOne(name, raw)
}

func (r *rest) keepOne(name string, raw json.RawMessage) {
	if len(raw) == 0 || string(raw) == "null" {
		return
	}
	value := ""
	if raw[0] == '{' || raw[0] == '[' {
		value = r.readable(raw)
	} else {
		value = r.text(name, raw)
	}
	if len(value) > maxCell {
		r.text(name, quote(value)) // refused with its size
		return
	}
	if value != "" {
		r.keep(name, value)
	}
}

func quote(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil {
		return nil
	}
	return b
}

// readable is an option's value, somebody's or something's name, rich text as
// wiki markup, and any other object as it stands.
func (r *rest) readable(raw json.RawMessage) string {
	var o struct {
		Type                     string
		Value, Name, DisplayName json.RawMessage
		Child                    *struct{ Value string }
	}
	if json.Unmarshal(raw, &o) == nil {
		if o.Type == "doc" {
			return wiki(raw)
		}
		for _, member := range []json.RawMessage{o.Value, o.DisplayName, o.Name} {
			var text string
			if json.Unmarshal(member, &text) == nil && text != "" {
				if o.Child != nil && o.Child.Value != "" { // a cascading select
					text += " - " + o.Child.Value
				}
				return text
			}
		}
	}
	var compact bytes.Buffer
	if json.Compact(&compact, raw) != nil {
		return string(raw)
	}
	return compact.String()
}
