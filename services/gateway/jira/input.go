package jira

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	bombRatio = 200      // unpacked to packed bytes; real exports reach some 15
	bombFrom  = 10 << 20 // unpacked bytes before the ratio counts
	bombSize  = 4 << 30  // unpacked bytes of any file
)

// unpack removes gzip, a byte order mark and UTF-16.
func unpack(r io.Reader, t *tally) (io.Reader, error) {
	packed := &meter{in: r}
	in := bufio.NewReaderSize(packed, 64<<10)
	if head, _ := in.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, ErrUnpack.With("%v", err)
		}
		in = bufio.NewReaderSize(&gunzip{z: z, packed: packed}, 64<<10)
	}
	head, err := in.Peek(3)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\uFEFF")):
		_, err := in.Discard(3)
		return in, err
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		t.note("the file is UTF-16 and was read as such")
		return transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()), nil
	}
	return in, nil
}

type meter struct {
	in io.Reader
	n  int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.in.Read(p)
	m.n += int64(n)
	return n, err
}

// gunzip stops a bomb: what it unpacks is compared with what it has read.
type gunzip struct {
	z      *gzip.Reader
	packed *meter
	n      int64
}

func (g *gunzip) Read(p []byte) (int, error) {
	n, err := g.z.Read(p)
	g.n += int64(n)
	if g.n > bombSize || g.n > bombFrom && g.n > bombRatio*g.packed.n {
		return 0, ErrBomb
	}
	if err != nil && err != io.EOF {
		err = ErrUnpack.With("%v", err)
	}
	return n, err
}

// toUTF8 returns b as valid UTF-8. Text that is none is taken as Windows-1252,
// which is what spreadsheets write in western Europe; then it says so.
func toUTF8(b []byte) ([]byte, bool) {
	if utf8.Valid(b) {
		return b, false
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return bytes.ToValidUTF8(b, []byte("\uFFFD")), true
	}
	return out, true
}

// buffer is a window on the input that can be looked at again: data is
// everything read and not yet taken.
type buffer struct {
	in   io.Reader
	buf  []byte
	off  int
	line int // of the first byte of data; 1 is the first line of the file
	eof  bool
	err  error // what ended the input, other than its end
}

func (b *buffer) data() []byte { return b.buf[b.off:] }

// fill reads until data has n bytes or the input has ended.
func (b *buffer) fill(n int) bool {
	for len(b.data()) < n {
		if !b.more() {
			return false
		}
	}
	return true
}

// more reads some bytes; false at the end of the input. It never grows beyond
// what the caller has left in data, doubled.
func (b *buffer) more() bool {
	if b.eof {
		return false
	}
	if b.off > 0 && b.off >= len(b.buf)/2 {
		b.buf = b.buf[:copy(b.buf, b.buf[b.off:])]
		b.off = 0
	}
	if len(b.buf) == cap(b.buf) {
		grown := make([]byte, len(b.buf)-b.off, max(128<<10, 2*(len(b.buf)-b.off)))
		copy(grown, b.buf[b.off:])
		b.buf, b.off = grown, 0
	}
	for range 100 {
		n, err := b.in.Read(b.buf[len(b.buf):min(cap(b.buf), len(b.buf)+256<<10)])
		b.buf = b.buf[:len(b.buf)+n]
		if err != nil {
			b.eof = true
			if err != io.EOF {
				b.err = err
			}
		}
		if n > 0 || b.eof {
			return n > 0
		}
	}
	b.eof, b.err = true, io.ErrNoProgress
	return false
}

// take drops n bytes.
func (b *buffer) take(n int) {
	b.line += bytes.Count(b.buf[b.off:b.off+n], []byte{'\n'})
	b.off += n
}
