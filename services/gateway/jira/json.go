package jira

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
)

// jsonSource yields raw issues: one per line, or one after the other within
// a document.
type jsonSource struct {
	*buffer
	form  string
	tally *tally
	row   int

	lines  bool
	inside bool // between the brackets of a list of issues
	search bool // the list is the "issues" of a search answer
	ended  bool

	held  []item            // issues read before the names of their fields
	names map[string]string // customfield_10016 → Story Points
	types map[string]string // customfield_10016 → com.pyxis.greenhopper.jira:jsw-story-points
}

// item is one raw issue, or why there is none.
type item struct {
	raw []byte
	err error
	row int
}

func (s *jsonSource) format() string { return s.form }

func openJSON(buf *buffer, t *tally) (source, error) {
	s := &jsonSource{buffer: buf, tally: t}
	buf.fill(256 << 10)
	s.space()
	switch {
	case s.data()[0] == '[':
		s.form = "jira-json-array"
		if s.oneLine() && bytes.HasPrefix(s.afterLine(), []byte("[")) {
			s.lines = true
			break
		}
		s.take(1)
		s.inside = true
	case s.isSearch():
		s.form = "jira-json-search"
		if s.oneLine() && bytes.HasPrefix(s.afterLine(), []byte("{")) { // a page of results per line
			s.lines = true
			break
		}
		s.take(1)
		s.search = true
		if err := s.members(); err != nil {
			return nil, err
		}
		s.hold()
	case s.isLines():
		s.form, s.lines = "jira-json-lines", true
	default:
		s.form = "jira-json-issue"
	}
	return s, s.buffer.err
}

// isLines: each line is an object of its own. A document that is broken over
// lines has none that begins with a bracket at its margin, so that a first
// line which is cut off is still known as a line.
func (s *jsonSource) isLines() bool { return bytes.HasPrefix(s.afterLine(), []byte("{")) }

// oneLine: the first value ends on its line.
func (s *jsonSource) oneLine() bool {
	line, _, found := bytes.Cut(s.data(), []byte{'\n'})
	return found && json.Valid(line)
}

func (s *jsonSource) afterLine() []byte {
	k := bytes.IndexByte(s.data(), '\n')
	for k < 0 && len(s.data()) < maxRecord && s.more() { // a first line longer than usual
		k = bytes.IndexByte(s.data(), '\n')
	}
	if k < 0 {
		return nil
	}
	s.fill(k + 2)
	return bytes.TrimLeft(s.data()[k+1:], "\r\n")
}

// isSearch: the outermost object has "issues" rather than "key" or "fields".
func (s *jsonSource) isSearch() bool {
	dec := json.NewDecoder(bytes.NewReader(s.data()))
	depth := 0
	name := true // the next string at depth 1 is a member's name
	for {
		tok, err := dec.Token()
		if err != nil {
			return false
		}
		switch v := tok.(type) {
		case json.Delim:
			if v == '{' || v == '[' {
				depth++
				continue
			}
			if depth--; depth == 0 {
				return false
			}
			name = name || depth == 1
			continue
		case string:
			if depth == 1 && name {
				switch v {
				case "fields", "key":
					return false
				case "issues":
					next, err := dec.Token()
					return err == nil && next == json.Delim('[')
				}
				name = false
				continue
			}
		}
		if depth == 1 {
			name = true
		}
	}
}

// space takes white space and commas between values.
func (s *jsonSource) space() bool {
	for {
		n := len(s.data()) - len(bytes.TrimLeft(s.data(), " \t\r\n,"))
		s.take(n)
		if len(s.data()) > 0 {
			return true
		}
		if !s.more() {
			return false
		}
	}
}

// value takes one JSON value of any kind. One that is too long or too deep is
// read past, without being held; what then says what is wrong with it.
func (s *jsonSource) value() (raw []byte, what string) {
	var scan valueScan
	at, long := 0, false
	for {
		n, done := scan.feed(s.data()[at:])
		at += n
		if at > maxRecord {
			long = true
		}
		if long {
			s.take(at)
			at = 0
		}
		if done || !s.more() {
			if !done && (scan.depth > 0 || scan.text) {
				what = "the file ends in the middle of it"
			}
			break
		}
	}
	switch {
	case long:
		s.take(at)
		return nil, "it is longer than 16 MiB"
	case scan.deepest > maxDepth:
		s.take(at)
		return nil, fmt.Sprintf("it is nested %d deep; at most %d are read", scan.deepest, maxDepth)
	}
	raw = bytes.Clone(s.data()[:at])
	s.take(at)
	return raw, what
}

// valueScan finds the end of a JSON value, in pieces.
type valueScan struct {
	depth, deepest int
	text, escaped  bool
	begun          bool
}

// feed returns how many bytes belong to the value, and whether it has ended.
func (v *valueScan) feed(b []byte) (int, bool) {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case v.escaped:
			v.escaped = false
		case v.text:
			switch c {
			case '\\':
				v.escaped = true
			case '"':
				v.text = false
				if v.depth == 0 {
					return i + 1, true
				}
			}
		case c == '"':
			v.text, v.begun = true, true
		case c == '{' || c == '[':
			v.begun = true
			v.depth++
			v.deepest = max(v.deepest, v.depth)
		case c == '}' || c == ']':
			if v.depth == 0 {
				return i, true // the end of what the value is in
			}
			if v.depth--; v.depth == 0 {
				return i + 1, true
			}
		case v.depth == 0 && (c == ',' || c == ':' || c == ' ' || c == '\n' || c == '\r' || c == '\t'):
			if v.begun {
				return i, true
			}
			return i + 1, true // a stray mark: taken, so that reading goes on
		default:
			v.begun = true
		}
	}
	return len(b), false
}

// members walks the outer object of a search answer up to its issues or, past
// them, to its end.
func (s *jsonSource) members() error {
	for s.space() {
		if s.data()[0] == '}' {
			s.take(1)
			break
		}
		rawName, what := s.value()
		var name string
		if what == "" && json.Unmarshal(rawName, &name) != nil {
			what = "a member has no name"
		}
		if what == "" && (!s.space() || s.data()[0] != ':') {
			what = "a member has no value"
		}
		if what != "" {
			return s.cut(what)
		}
		s.take(1)
		if !s.space() {
			return s.cut("a member has no value")
		}
		if name == "issues" && s.data()[0] == '[' {
			s.take(1)
			s.inside = true
			return nil
		}
		raw, what := s.value()
		if what != "" {
			return s.cut(what)
		}
		s.member(name, raw)
	}
	s.ended = true
	return nil
}

func (s *jsonSource) cut(what string) error {
	s.ended = true
	s.tally.note("the search answer is broken near line %d: %s", s.buffer.line, what)
	if s.inside || s.row > 0 {
		return nil
	}
	return ErrNotJira.With("the search answer is broken near line %d: %s", s.buffer.line, what)
}

// member takes what a search answer says about its issues.
func (s *jsonSource) member(name string, raw []byte) {
	switch name {
	case "names":
		s.learnNames(raw)
	case "schema":
		s.learnTypes(raw)
	}
}

func (s *jsonSource) learnNames(raw []byte) {
	var names map[string]string
	if json.Unmarshal(raw, &names) == nil && len(names) <= 10*maxColumns {
		s.names = names
	}
}

func (s *jsonSource) learnTypes(raw []byte) {
	var schema map[string]struct{ Custom string }
	if json.Unmarshal(raw, &schema) == nil && len(schema) <= 10*maxColumns {
		s.types = map[string]string{}
		for id, one := range schema {
			s.types[id] = one.Custom
		}
	}
}

// hold reads issues ahead, up to 16 MiB, because Jira writes the names of
// custom fields behind them.
func (s *jsonSource) hold() {
	for size := 0; size < maxRecord && s.names == nil && !s.ended; {
		it := s.element()
		if it.err == io.EOF {
			break
		}
		s.held = append(s.held, it)
		size += len(it.raw)
	}
	if s.names == nil && !s.ended {
		s.tally.note("the search answer has more than 16 MiB of issues before the names of its custom fields; they keep their numbers")
	}
}

func (s *jsonSource) next() (Issue, error) {
	var it item
	switch {
	case len(s.held) > 0:
		it, s.held = s.held[0], s.held[1:]
	default:
		it = s.element()
	}
	if it.err != nil {
		return Issue{}, it.err
	}
	return s.issue(it)
}

// element takes the next raw issue.
func (s *jsonSource) element() item {
	for {
		if s.lines {
			if s.inside = false; s.ended {
				return s.end()
			}
			it, ok := s.lineItem()
			if !ok {
				continue
			}
			return it
		}
		if s.ended || !s.space() {
			return s.end()
		}
		if s.inside && s.data()[0] == ']' {
			s.take(1)
			s.inside = false
			if s.search {
				_ = s.members() // what is broken behind the issues is noted
			}
			continue
		}
		s.row++
		first := s.buffer.line
		raw, what := s.value()
		if what != "" {
			return item{err: &RowError{s.row, keyIn(raw), fmt.Sprintf("line %d: %s", first, what)}}
		}
		if len(raw) == 0 { // a bracket that closes nothing
			s.take(1)
			s.row--
			continue
		}
		return item{raw: raw, row: s.row}
	}
}

func (s *jsonSource) end() item {
	if s.buffer.err != nil {
		return item{err: s.buffer.err}
	}
	return item{err: io.EOF}
}

// lineItem takes the next line; false when it is empty, or is a list whose
// issues are held now.
func (s *jsonSource) lineItem() (item, bool) {
	if len(s.held) > 0 {
		it := s.held[0]
		s.held = s.held[1:]
		return it, true
	}
	first := s.buffer.line
	k := bytes.IndexByte(s.data(), '\n')
	for k < 0 && len(s.data()) <= maxRecord && s.more() {
		k = bytes.IndexByte(s.data(), '\n')
	}
	if k < 0 && len(s.data()) > maxRecord {
		s.row++
		for k < 0 {
			s.take(len(s.data()))
			if !s.more() {
				break
			}
			k = bytes.IndexByte(s.data(), '\n')
		}
		s.take(k + 1)
		return item{err: &RowError{s.row, "", fmt.Sprintf("line %d is longer than 16 MiB", first)}}, true
	}
	if k < 0 {
		k = len(s.data())
		s.ended = true
	}
	raw := bytes.Clone(bytes.TrimSpace(s.data()[:k]))
	s.take(min(k+1, len(s.data())))
	if len(raw) == 0 {
		return item{}, false
	}
	if raw[0] == '[' || s.form == "jira-json-search" {
		if list := s.page(raw); list != nil {
			s.held = list
			return item{}, false
		}
	}
	s.row++
	if deep := depth(raw); deep > maxDepth {
		return item{err: &RowError{s.row, keyIn(raw), fmt.Sprintf("line %d: it is nested %d deep; at most %d are read", first, deep, maxDepth)}}, true
	}
	if !json.Valid(raw) {
		reason := fmt.Sprintf("line %d is not JSON", first)
		var syntax *json.SyntaxError
		if errors.As(json.Unmarshal(raw, new(any)), &syntax) {
			reason += fmt.Sprintf(": %v at byte %d", syntax, syntax.Offset)
		}
		return item{err: &RowError{s.row, keyIn(raw), reason}}, true
	}
	return item{raw: raw, row: s.row}, true
}

func depth(raw []byte) int {
	var scan valueScan
	scan.feed(raw)
	return scan.deepest
}

// page splits a line that is a list of issues or a search answer.
func (s *jsonSource) page(raw []byte) []item {
	if depth(raw) > maxDepth {
		return nil
	}
	var answer struct{ Names, Schema, Issues json.RawMessage }
	list := raw
	if raw[0] == '{' {
		if json.Unmarshal(raw, &answer) != nil || answer.Issues == nil {
			return nil
		}
		list = answer.Issues
		s.member("names", answer.Names)
		s.member("schema", answer.Schema)
	}
	var issues []json.RawMessage
	if json.Unmarshal(list, &issues) != nil {
		return nil
	}
	items := make([]item, len(issues))
	for i, one := range issues {
		s.row++
		items[i] = item{raw: one, row: s.row}
	}
	return items
}

// keyIn finds the key of an issue that cannot be read.
func keyIn(raw []byte) string {
	_, rest, ok := bytes.Cut(raw, []byte(`"key"`))
	if !ok {
		return ""
	}
	rest, ok = bytes.CutPrefix(bytes.TrimLeft(rest, " \t\r\n:"), []byte{'"'})
	end := bytes.IndexByte(rest, '"')
	if !ok || end < 0 || end > 255 || !keyShape.Match(rest[:end]) {
		return ""
	}
	return string(rest[:end])
}

// memberNames lists what an object has, for a message.
func memberNames(members map[string]json.RawMessage) string {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, clip(name, 40))
	}
	sort.Strings(names)
	if len(names) > 12 {
		names = append(names[:12], "…")
	}
	return strings.Join(names, ", ")
}
