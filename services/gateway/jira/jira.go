// Package jira reads what Jira exports: the CSV of an issue search, in any
// language and with any columns, and REST issues as JSON. It reads one issue
// at a time and holds no more than the largest one, keeps every value it has
// no field for, and goes on after a row that it must refuse, saying which row
// and why. It knows nothing of what the issues are for.
package jira

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"throughline.dev/pkg/fail"
)

const (
	maxCell    = 128 << 10 // bytes of one value
	maxRecord  = 16 << 20  // bytes of one issue as written in the file
	maxColumns = 2000      // columns of a CSV, differing fields of a JSON file
	maxDepth   = 128       // nesting of a JSON issue; rich text nests to some 60
)

var (
	ErrEmpty    = fail.Refused("jira-empty", "the file is empty; export the issues from Jira again")
	ErrNotJira  = fail.Refused("jira-unknown-format", "this is no Jira export that can be read")
	ErrColumns  = fail.Refused("jira-too-many-columns", "the header has more than 2,000 columns; export fewer fields")
	ErrBomb     = fail.Refused("jira-gzip-bomb", "the gzip file unpacks to more than can be right (over 200 times its size, or over 4 GiB); unpack it and import the parts")
	ErrUnpack   = fail.Refused("jira-gzip-broken", "the gzip file is broken or cut off; copy it again")
	keyShape    = regexp.MustCompile(`^\p{L}[\p{L}\p{N}_]*-[0-9]{1,18}$`)
	numberShape = regexp.MustCompile(`^[0-9]{1,18}$`)
)

// RowError says that one row was refused; the rows after it can be read.
type RowError struct {
	Row    int // 1 is the first issue of the file
	Key    string
	Reason string
}

func (e *RowError) Error() string {
	if e.Key == "" {
		return fmt.Sprintf("row %d: %s", e.Row, e.Reason)
	}
	return fmt.Sprintf("row %d (%s): %s", e.Row, e.Key, e.Reason)
}

// source yields the issues of one format. An error that is neither a
// *RowError nor io.EOF ends the reading.
type source interface {
	next() (Issue, error)
	format() string
}

// Reader returns the issues of one file in its order.
type Reader struct {
	name  string
	src   source
	tally *tally
	ahead []result // what Open had to read to know the format
	err   error    // sticky
}

type result struct {
	issue Issue
	err   error
}

// Open finds out the format by content: gzip or plain; CSV with comma,
// semicolon, tab or bar; JSON Lines of issues; one or more JSON issues; a
// search answer {"issues":[…]}; an array of issues. name is for messages.
// It returns ErrEmpty, ErrNotJira, ErrColumns, ErrBomb or ErrUnpack, with
// the name and what was found instead.
func Open(name string, r io.Reader) (*Reader, error) {
	t := &tally{columns: map[string]*Column{}}
	src, err := detect(r, t)
	if err != nil {
		return nil, named(name, err)
	}
	rd := &Reader{name: name, src: src, tally: t}
	// A file is a Jira export once one issue could be read. Twenty refusals in
	// a row, or nothing but refusals, is some other file.
	var first *RowError
	for range 20 {
		issue, err := src.next()
		rd.ahead = append(rd.ahead, result{issue, err})
		var row *RowError
		switch {
		case err == nil:
			return rd, nil
		case errors.As(err, &row):
			if first == nil {
				first = row
			}
			continue
		case err == io.EOF && first == nil:
			return rd, nil // a header and no issue: an empty search result
		case err != io.EOF:
			return nil, named(name, err)
		}
		break
	}
	if src.format() == "jira-csv" { // the header has shown already that it is one
		return rd, nil
	}
	return nil, named(name, ErrNotJira.With("%s", first.Reason))
}

func named(name string, err error) error { return fmt.Errorf("%s: %w", name, err) }

// Next returns the next issue, io.EOF at the end, a *RowError for a refused
// row (call Next again), and any other error when nothing more can be read.
func (r *Reader) Next() (Issue, error) {
	if len(r.ahead) > 0 {
		one := r.ahead[0]
		r.ahead = r.ahead[1:]
		return one.issue, r.keep(one.err)
	}
	if r.err != nil {
		return Issue{}, r.err
	}
	issue, err := r.src.next()
	return issue, r.keep(err)
}

func (r *Reader) keep(err error) error {
	var row *RowError
	if err == nil || errors.As(err, &row) {
		return err
	}
	if err != io.EOF {
		err = named(r.name, err)
	}
	r.err = err
	return err
}

// Format is jira-csv, jira-json-lines, jira-json-issue, jira-json-search or
// jira-json-array.
func (r *Reader) Format() string { return r.src.format() }

// Unmapped returns the columns and fields without a place in Issue, in the
// file's order; complete after io.EOF.
func (r *Reader) Unmapped() []Column { return r.tally.all() }

// Notes say what holds for the whole file: an encoding or a reading of dates
// that had to be assumed. Complete after io.EOF.
func (r *Reader) Notes() []string { return r.tally.notes }

// detect looks at the first bytes.
func detect(r io.Reader, t *tally) (source, error) {
	plain, err := unpack(r, t)
	if err != nil {
		return nil, err
	}
	buf := &buffer{in: plain, line: 1}
	buf.fill(64 << 10)
	if buf.err != nil {
		return nil, buf.err
	}
	head := bytes.TrimLeft(buf.data(), " \t\r\n")
	switch {
	case len(head) == 0 && buf.eof:
		return nil, ErrEmpty
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, ErrNotJira.With("it is a ZIP archive; unpack it first")
	case bytes.HasPrefix(head, []byte("<")):
		return nil, ErrNotJira.With("it is HTML or XML; choose “Export CSV (all fields)” in Jira")
	case bytes.HasPrefix(head, []byte("{")), bytes.HasPrefix(head, []byte("[")):
		return openJSON(buf, t)
	}
	return openCSV(buf, t)
}

// tally counts what has no place in Issue.
type tally struct {
	columns map[string]*Column
	order   []*Column
	notes   []string
}

func (t *tally) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, have := range t.notes {
		if have == text {
			return
		}
	}
	t.notes = append(t.notes, text)
}

// column makes sure that name is listed and returns it; nil when the file has
// more differing names than any Jira has.
func (t *tally) column(name string) *Column {
	c := t.columns[name]
	if c == nil && len(t.order) < maxColumns {
		c = &Column{Name: name}
		t.columns[name] = c
		t.order = append(t.order, c)
	}
	return c
}

// took counts the custom values of an accepted issue.
func (t *tally) took(custom map[string][]string, names []string) bool {
	for _, name := range names {
		c := t.column(name)
		if c == nil {
			return false
		}
		if c.Values == 0 {
			c.Sample = clip(custom[name][0], 80)
		}
		c.Values++
	}
	return true
}

func (t *tally) all() []Column {
	all := make([]Column, len(t.order))
	for i, c := range t.order {
		all[i] = *c
	}
	return all
}

// clip shortens s to n characters for a message.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	count := 0
	for i := range s {
		if count == n {
			return strings.ToValidUTF8(s[:i], "\uFFFD") + "…"
		}
		count++
	}
	return s
}
