package jira

import "bytes"

// Why not encoding/csv: it cannot stop at a cell that is too long, it gives
// up at a broken quote without a way to go on at the next row, and it cannot
// look back into what a quote that was never closed has swallowed.

// cell is a span of a record's bytes, without its outer quotes.
type cell struct {
	start, end int
	quoted     bool
	doubled    bool // has "" for "
}

// record is one row as it stands in the file.
type record struct {
	cells []cell
	width int // number of cells, even those beyond maxColumns
	size  int // bytes, the line end included
	stray int // first cell with a quote that is neither doubled nor closing, or -1
	open  int // the cell whose quote the end of the file leaves open, or -1
}

// parse reads the record at the start of data; false when its end is not in
// data and data is not the rest of the file (final).
func (r *record) parse(data []byte, delimiter byte, final bool) bool {
	*r = record{cells: r.cells[:0], stray: -1, open: -1}
	i := 0
	for {
		c, next, ok := r.cell(data, i, delimiter, final)
		if !ok {
			return false
		}
		if r.width++; r.width <= maxColumns+1 {
			r.cells = append(r.cells, c)
		}
		if next == len(data) {
			r.size = next
			return final
		}
		switch data[next] {
		case delimiter:
			i = next + 1
			continue
		case '\r':
			if next+1 == len(data) && !final {
				return false
			}
			if next+1 < len(data) && data[next+1] == '\n' {
				next++
			}
		}
		r.size = next + 1
		return true
	}
}

// cell reads one cell at i and returns where its delimiter or line end is.
func (r *record) cell(data []byte, i int, delimiter byte, final bool) (cell, int, bool) {
	if i == len(data) || data[i] != '"' {
		for j := i; j < len(data); j++ {
			if b := data[j]; b == delimiter || b == '\n' || b == '\r' {
				return cell{start: i, end: j}, j, true
			}
		}
		return cell{start: i, end: len(data)}, len(data), final
	}
	c := cell{start: i + 1, quoted: true}
	for j := i + 1; ; {
		k := bytes.IndexByte(data[j:], '"')
		if k < 0 {
			r.open = r.width
			c.end = len(data)
			return c, len(data), final
		}
		q := j + k
		after := q + 1
		for after < len(data) && data[after] == ' ' {
			after++
		}
		switch {
		case after == len(data):
			c.end = q
			return c, after, final
		case data[after] == delimiter, data[after] == '\n', data[after] == '\r':
			c.end = q
			return c, after, true
		case data[q+1] == '"':
			c.doubled = true
			j = q + 2
		default:
			if r.stray < 0 {
				r.stray = r.width
			}
			j = q + 1
		}
	}
}

// text is the cell's value.
func (c cell) text(data []byte) []byte {
	b := data[c.start:c.end]
	if c.doubled {
		b = bytes.ReplaceAll(b, []byte(`""`), []byte(`"`))
	}
	return b
}

// rows reads records and finds its way back after a broken one.
type rows struct {
	*buffer
	delimiter byte
	width     int
	key, id   int
	rec, try  record
}

type trouble int

const (
	fine    trouble = iota
	ended           // no more rows
	broken          // a quote was not closed; what follows can be read
	tooLong         // longer than maxRecord, and no row was found within it
)

// look is how far ahead a row is sought: two of the longest cells.
const look = 2 * maxCell

// read makes rec the record at the start of data. For broken, the int is
// where the next plausible row begins.
func (r *rows) read() (trouble, int) {
	limit := look
	for {
		if r.rec.parse(r.data(), r.delimiter, r.eof) {
			if r.rec.size == 0 {
				return ended, 0
			}
			return fine, 0
		}
		if len(r.data()) >= limit { // an open quote, most likely
			if at := r.resume(r.data(), len(r.data())); at > 0 {
				return broken, at
			}
			limit = 2 * len(r.data())
		}
		if len(r.data()) >= maxRecord {
			return tooLong, 0
		}
		// Doubling keeps the repeated parsing of a long record linear.
		if !r.fill(min(max(64<<10, 2*len(r.data())), maxRecord)) && r.err != nil {
			return ended, 0
		}
	}
}

// resume finds the first line within data[:size], after its first, where a
// plausible row begins: as many cells as the header, quotes that fit, and a
// key or number where the header has one. 0 if there is none.
func (r *rows) resume(data []byte, size int) int {
	for at := 0; ; {
		k := bytes.IndexByte(data[at:size], '\n')
		if k < 0 {
			return 0
		}
		if at += k + 1; at == size {
			return 0
		}
		if r.plausible(data[at:]) {
			return at
		}
	}
}

func (r *rows) plausible(data []byte) bool {
	if len(data) > look {
		data = data[:look]
	}
	if !r.try.parse(data, r.delimiter, r.eof) || r.try.width != r.width || r.try.stray >= 0 || r.try.open >= 0 {
		return false
	}
	if r.key >= 0 && !keyShape.Match(bytes.TrimSpace(r.try.cells[r.key].text(data))) {
		return false
	}
	return r.id < 0 || numberShape.Match(bytes.TrimSpace(r.try.cells[r.id].text(data)))
}

// skip drops lines until a plausible row or the end of the file.
func (r *rows) skip() {
	for {
		k := bytes.IndexByte(r.data(), '\n')
		for k < 0 {
			r.take(len(r.data()))
			if !r.more() {
				return
			}
			k = bytes.IndexByte(r.data(), '\n')
		}
		r.take(k + 1)
		r.fill(look)
		if r.plausible(r.data()) {
			return
		}
	}
}
