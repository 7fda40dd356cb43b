package jira

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	aheadRows  = 5000    // read for the order of day and month,
	aheadBytes = 4 << 20 // and no more than this
)

type csvSource struct {
	rows
	header header
	dates  dates
	tally  *tally
	row    int
	ahead  []line
}

// line is a row taken from the file, not yet read as an issue.
type line struct {
	row   int
	cells []string
	notes []string
	err   error
}

func (s *csvSource) format() string { return "jira-csv" }

func openCSV(buf *buffer, t *tally) (source, error) {
	s := &csvSource{rows: rows{buffer: buf, key: -1, id: -1}, tally: t}
	for len(s.data()) > 0 { // empty lines before the header
		trimmed := len(s.data()) - len(bytes.TrimLeft(s.data(), "\r\n"))
		s.take(trimmed)
		if trimmed == 0 || !s.fill(1) {
			break
		}
	}
	if rest, ok := bytes.CutPrefix(s.data(), []byte("sep=")); ok && len(rest) > 1 { // a hint for spreadsheets
		if k := bytes.IndexByte(rest, '\n'); k >= 0 && k < 4 {
			s.take(4 + k + 1)
		}
	}
	cells, err := s.chooseDelimiter()
	if err != nil {
		return nil, err
	}
	s.header = readHeader(cells)
	if !s.header.isJira() {
		return nil, ErrNotJira.With("expected a CSV header with “Issue key” (or “Issue id”) and “Summary” in English, French, German, Spanish or Portuguese, or JSON issues with “key” and “fields”; the first line is: %s",
			clip(strings.Join(cells, " | "), 300))
	}
	s.take(s.rec.size)
	s.width, s.key, s.id = len(s.header.columns), s.header.key, s.header.id
	for _, c := range s.header.columns {
		if c.to == fieldNone {
			t.column(c.key)
		}
	}
	s.readAhead()
	return s, nil
}

// chooseDelimiter takes the one under which most of the header means something.
func (s *csvSource) chooseDelimiter() ([]string, error) {
	var best []string
	var chosen byte
	known := -1
	for _, d := range []byte{',', ';', '\t', '|'} {
		s.delimiter = d
		if what, _ := s.read(); what != fine {
			continue
		}
		if s.rec.width > maxColumns {
			return nil, ErrColumns.With("it has %d", s.rec.width)
		}
		cells, _ := s.texts()
		if h := readHeader(cells); h.known > known {
			best, chosen, known = cells, d, h.known
		}
	}
	if s.err != nil {
		return nil, s.err
	}
	if known < 0 {
		return nil, ErrNotJira.With("its first line has no end, or a quote in it is never closed: %s", clip(string(bytes.ToValidUTF8(s.data()[:min(300, len(s.data()))], nil)), 200))
	}
	s.delimiter = chosen
	s.read()
	return best, nil
}

// texts are the values of the current record.
func (s *csvSource) texts() (cells []string, converted bool) {
	data := s.data()
	cells = make([]string, len(s.rec.cells))
	for i, c := range s.rec.cells {
		if c.start == c.end {
			continue
		}
		text, was := toUTF8(c.text(data))
		cells[i] = string(text)
		converted = converted || was
	}
	return cells, converted
}

// readAhead reads rows until the order of day and month is known, or known
// not to matter.
func (s *csvSource) readAhead() {
	created, updated := s.header.created, s.header.updated
	if created < 0 && updated < 0 {
		return
	}
	at := func(l line, i int) string {
		if i < 0 || i >= len(l.cells) {
			return ""
		}
		return l.cells[i]
	}
	for size := 0; len(s.ahead) < aheadRows && size < aheadBytes; {
		l, ok := s.line()
		s.ahead = append(s.ahead, l)
		if !ok {
			return
		}
		for _, c := range l.cells {
			size += len(c)
		}
		c, u := at(l, created), at(l, updated)
		if numeric := s.dates.observe(c, u); s.dates.settled() || !numeric && c+u != "" {
			return
		}
	}
}

func (s *csvSource) next() (Issue, error) {
	var l line
	if len(s.ahead) > 0 {
		l, s.ahead = s.ahead[0], s.ahead[1:]
	} else {
		l, _ = s.line()
	}
	if l.err != nil {
		return Issue{}, l.err
	}
	return s.issue(l)
}

// line takes the next row from the file; false at its end.
func (s *csvSource) line() (line, bool) {
	for {
		first := s.buffer.line
		what, at := s.read()
		switch what {
		case ended:
			if s.err != nil {
				return line{err: s.err}, false
			}
			return line{err: io.EOF}, false
		case broken:
			return s.lost(first, at), true
		case tooLong:
			s.row++
			key := s.keyIn(s.data()[:look])
			s.skip()
			return line{row: s.row, err: &RowError{s.row, key, fmt.Sprintf(
				"lines %d to %d are longer than 16 MiB without a row that could be read, and are lost", first, s.buffer.line-1)}}, true
		}
		if s.blank() {
			s.take(s.rec.size)
			continue
		}
		if l, bad := s.check(first); bad {
			return l, true
		}
		s.row++
		l := line{row: s.row}
		var converted bool
		l.cells, converted = s.texts()
		if converted {
			l.notes = append(l.notes, "its text is not UTF-8 and was read as Windows-1252")
		}
		if s.rec.stray >= 0 {
			l.notes = append(l.notes, fmt.Sprintf("line %d: a quote in column %q is not doubled; the text was taken as it stands", first, s.column(s.rec.stray)))
		}
		if s.rec.width < s.width {
			l.notes = append(l.notes, fmt.Sprintf("line %d: the row has %d of %d columns; the others were taken as empty", first, s.rec.width, s.width))
		}
		s.take(s.rec.size)
		return l, true
	}
}

func (s *csvSource) blank() bool {
	for _, c := range s.rec.cells {
		if c.start < c.end {
			return false
		}
	}
	return true
}

// check refuses a record that cannot be what Jira wrote, and looks within it
// for rows that a quote has swallowed.
func (s *csvSource) check(first int) (line, bool) {
	big := -1
	for i, c := range s.rec.cells {
		if c.end-c.start > maxCell && len(c.text(s.data())) > maxCell {
			big = i
			break
		}
	}
	extra := false
	for i := s.width; i < len(s.rec.cells); i++ {
		extra = extra || s.rec.cells[i].start < s.rec.cells[i].end
	}
	odd := s.rec.stray >= 0 || s.rec.open >= 0 || s.rec.width != s.width
	if !odd && big < 0 {
		return line{}, false
	}
	size := s.rec.size
	s.fill(size + look)
	if at := s.resume(s.data(), size); at > 0 {
		return s.lost(first, at), true
	}
	key := s.keyIn(s.data()[:size])
	reason := ""
	switch last := first + bytes.Count(s.data()[:size], []byte{'\n'}); {
	case big >= 0 && s.rec.open < 0:
		reason = fmt.Sprintf("line %d: column %q has %d bytes; at most %d are taken", first, s.column(big), len(s.rec.cells[big].text(s.data())), maxCell)
	case s.rec.open >= 0:
		reason = fmt.Sprintf("line %d: the quote that opens column %q is never closed; lines %d to %d, the end of the file, are lost", first, s.column(s.rec.open), first, last)
	case extra, s.rec.width > maxColumns:
		reason = fmt.Sprintf("line %d: the row has %d columns, the header %d; a text with %q in it must be quoted", first, s.rec.width, s.width, string(s.delimiter))
	case s.rec.width < s.width && s.rec.stray >= 0:
		reason = fmt.Sprintf("line %d: a quote in column %q is not doubled or not closed, and the row has %d of %d columns", first, s.column(s.rec.stray), s.rec.width, s.width)
	default:
		return line{}, false
	}
	s.row++
	s.take(size)
	return line{row: s.row, err: &RowError{s.row, key, reason}}, true
}

// lost refuses the lines up to a plausible row that begins at byte at.
func (s *csvSource) lost(first, at int) line {
	s.row++
	name := "?"
	s.rec.parse(s.data(), s.delimiter, true)
	for i, c := range s.rec.cells {
		if c.quoted && c.end >= at-1 {
			name = s.column(i)
			break
		}
	}
	key := s.keyIn(s.data()[:at])
	s.take(at)
	return line{row: s.row, err: &RowError{s.row, key, fmt.Sprintf(
		"line %d: the quote that opens column %q is not closed; %s lost, reading goes on at line %d",
		first, name, span(first, s.buffer.line-1), s.buffer.line)}}
}

func span(from, to int) string {
	if from == to {
		return fmt.Sprintf("line %d is", from)
	}
	return fmt.Sprintf("lines %d to %d are", from, to)
}

func (s *csvSource) column(i int) string {
	if i < len(s.header.columns) {
		return s.header.columns[i].name
	}
	return "column " + strconv.Itoa(i+1)
}

// keyIn finds the key of a row that is refused: where it should be, or as a
// cell of its own in the first line.
func (s *csvSource) keyIn(data []byte) string {
	if s.key < 0 {
		return ""
	}
	if s.key < len(s.rec.cells) && s.rec.cells[s.key].end <= len(data) {
		if text := bytes.TrimSpace(s.rec.cells[s.key].text(data)); keyShape.Match(text) {
			return string(text)
		}
	}
	first, _, _ := bytes.Cut(data[:min(len(data), 64<<10)], []byte{'\n'})
	for _, part := range bytes.Split(first, []byte{s.delimiter}) {
		if part = bytes.TrimSpace(part); len(part) < 256 && keyShape.Match(part) {
			return string(part)
		}
	}
	return ""
}
