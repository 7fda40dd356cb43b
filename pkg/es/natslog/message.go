package natslog

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

const (
	maxCommit   = 256 << 10 // bytes of a commit's events
	maxEnvelope = 16 << 10  // bytes of everything else
)

// The envelope's headers: CloudEvents attributes as in its NATS binding, and
// ours. Never change one; a header that is empty is not written.
const (
	headerSpec        = "ce-specversion"
	headerID          = "ce-id"      // Meta.ID
	headerSource      = "ce-source"  // "/" and the context
	headerType        = "ce-type"    // name of the first event
	headerSubject     = "ce-subject" // aggregate "/" id
	headerTime        = "ce-time"    // when it happened, as the writer knew it
	headerTenant      = "tl-tenant"
	headerActor       = "tl-actor"
	headerActingAs    = "tl-as"
	headerCommand     = "tl-command"
	headerFingerprint = "tl-print"
	headerCorrelation = "tl-correlation"
	headerCausation   = "tl-causation"
	headerProposal    = "tl-proposal"
	headerRights      = "tl-rights"
	headerOccurred    = "tl-occurred"
)

// encode makes the message of a commit.
func encode(c es.Commit) (*nats.Msg, error) {
	switch {
	case c.Meta.ID == "":
		return nil, fmt.Errorf("commit on %s: it has no Meta.ID", c.Stream.Subject())
	case len(c.Events) == 0:
		return nil, fmt.Errorf("commit %s on %s: it has no events", c.Meta.ID, c.Stream.Subject())
	case c.Meta.Tenant != c.Stream.Tenant():
		return nil, fmt.Errorf("commit %s on %s: it is of tenant %s", c.Meta.ID, c.Stream.Subject(), c.Meta.Tenant)
	}
	body, err := encodeRecords(c.Events)
	if err != nil {
		return nil, fmt.Errorf("commit %s on %s: %w", c.Meta.ID, c.Stream.Subject(), err)
	}
	if len(body) > maxCommit {
		return nil, fail.Invalid("body", "what one command changes may take at most %d KiB; this takes %d KiB: split it, or shorten its texts",
			maxCommit>>10, (len(body)+1023)>>10)
	}
	m, s := c.Meta, c.Stream
	h := nats.Header{}
	set := func(name, value string) {
		if value != "" {
			h[name] = []string{escape(value)}
		}
	}
	set(headerSpec, "1.0")
	set(headerID, m.ID)
	set(headerSource, "/"+s.Context())
	set(headerType, c.Events[0].Name)
	set(headerSubject, s.Aggregate()+"/"+s.ID())
	set(headerTime, stamp(m.When()))
	set(headerTenant, s.Tenant().String())
	set(headerActor, string(m.Actor))
	set(headerActingAs, m.ActingAs)
	set(headerCommand, m.Command)
	set(headerFingerprint, m.Fingerprint)
	set(headerCorrelation, m.Correlation)
	set(headerCausation, m.Causation)
	set(headerProposal, m.Proposal)
	set(headerOccurred, stamp(m.Occurred))
	if m.Rights > 0 {
		set(headerRights, strconv.FormatUint(m.Rights, 10))
	}
	// Only for the server's own window of duplicates. Never a client's key:
	// the same id on another subject would be acknowledged and not stored.
	set(nats.MsgIdHdr, s.Tenant().String()+"."+s.Context()+"."+s.Aggregate()+"."+s.ID()+"."+m.ID)
	size := 0
	for name, v := range h {
		size += len(name) + len(v[0]) + len(": \r\n")
	}
	if size > maxEnvelope {
		return nil, fail.Invalid("meta", "the keys and names that go with a command may take at most %d KiB; these take %d KiB",
			maxEnvelope>>10, (size+1023)>>10)
	}
	return &nats.Msg{Subject: s.Subject(), Header: h, Data: body}, nil
}

// message is a stored message as a server hands it out.
type message struct {
	subject string
	seq     uint64
	time    time.Time
	header  nats.Header
	data    []byte
}

func (m message) id() string {
	id, err := url.PathUnescape(m.header.Get(headerID))
	if err != nil {
		return ""
	}
	return id
}

// commit reads a message. Its subject must be a stream's, and the envelope's
// tenant that of the subject: nothing that got into the stream by another way
// may appear in anybody's plan.
func (m message) commit() (es.Commit, error) {
	c, err := m.decode()
	if err != nil {
		return c, fmt.Errorf("position %d of the log: %w: %w", m.seq, ErrUnreadable, err)
	}
	return c, nil
}

func (m message) decode() (es.Commit, error) {
	stream, err := es.ParseSubject(m.subject)
	if err != nil {
		return es.Commit{}, err
	}
	r := reader{header: m.header}
	c := es.Commit{Stream: stream, Position: m.seq, Meta: es.Meta{
		Tenant:      stream.Tenant(),
		Actor:       r.person(headerActor),
		ActingAs:    r.text(headerActingAs),
		Command:     r.text(headerCommand),
		Fingerprint: r.text(headerFingerprint),
		ID:          r.text(headerID),
		Correlation: r.text(headerCorrelation),
		Causation:   r.text(headerCausation),
		Proposal:    r.text(headerProposal),
		Rights:      r.number(headerRights),
		Time:        m.time.UTC(),
		Occurred:    r.time(headerOccurred),
	}}
	if tenant := r.text(headerTenant); tenant != stream.Tenant().String() {
		r.fail(headerTenant, fmt.Errorf("%q is not the tenant of the subject %s", tenant, m.subject))
	}
	if c.Meta.ID == "" {
		r.fail(headerID, errors.New("it is missing"))
	}
	if r.err != nil {
		return es.Commit{}, r.err
	}
	if c.Events, err = decodeRecords(m.data); err != nil {
		return es.Commit{}, err
	}
	return c, nil
}

// reader reads headers and keeps the first error.
type reader struct {
	header nats.Header
	err    error
}

func (r *reader) fail(name string, err error) {
	if r.err == nil {
		r.err = fmt.Errorf("header %s: %w", name, err)
	}
}

func (r *reader) text(name string) string {
	v := r.header[name]
	if len(v) == 0 {
		return ""
	}
	if strings.IndexByte(v[0], '%') < 0 {
		return v[0]
	}
	s, err := url.PathUnescape(v[0])
	if err != nil {
		r.fail(name, err)
	}
	return s
}

func (r *reader) person(name string) es.PersonID {
	s := r.text(name)
	if s == "" {
		return ""
	}
	id, err := es.ParseID[es.Person](s)
	if err != nil {
		r.fail(name, err)
	}
	return id
}

func (r *reader) number(name string) uint64 {
	s := r.text(name)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		r.fail(name, err)
	}
	return n
}

func (r *reader) time(name string) time.Time {
	s := r.text(name)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		r.fail(name, err)
	}
	return t
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// escape writes a value as the CloudEvents NATS binding asks: everything but
// printable ASCII, and space, quote and percent, as %XX. A line break in a
// client's key can thus never start a header of its own.
func escape(s string) string {
	plain := func(c byte) bool { return c > ' ' && c <= '~' && c != '"' && c != '%' }
	n := 0
	for i := range len(s) {
		if !plain(s[i]) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(s)+2*n)
	for i := range len(s) {
		if c := s[i]; plain(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}
