package natslog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"throughline.dev/pkg/es"
)

const (
	subjectGet    = "$JS.API.STREAM.MSG.GET." + StreamName // answered by the leader only
	subjectDirect = "$JS.API.DIRECT.GET." + StreamName     // answered by any replica

	pageMessages = 256
	pageBytes    = 4 << 20 // well below what a subscription may hold back
)

// errNone: there is no such message.
var errNone = errors.New("no message found")

// getRequest is the body of both get requests.
type getRequest struct {
	Seq      uint64 `json:"seq,omitempty"`
	NextFor  string `json:"next_by_subj,omitempty"`
	LastFor  string `json:"last_by_subj,omitempty"`
	Batch    int    `json:"batch,omitempty"`
	MaxBytes int    `json:"max_bytes,omitempty"`
}

// fetch reads one message from the stream's leader, so that it sees every
// commit that was ever acknowledged.
func (l *Log) fetch(ctx context.Context, get getRequest) (message, error) {
	body, err := json.Marshal(get)
	if err != nil {
		return message{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	reply, err := l.nc.RequestWithContext(ctx, subjectGet, body)
	if err != nil {
		return message{}, fmt.Errorf("read the log: %w", err)
	}
	var answer struct {
		Message *struct {
			Subject string    `json:"subject"`
			Seq     uint64    `json:"seq"`
			Header  []byte    `json:"hdrs"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
		Error *struct {
			Code        int    `json:"code"`
			ErrCode     int    `json:"err_code"`
			Description string `json:"description"`
		} `json:"error"`
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return message{}, fmt.Errorf("read the log: %w", err)
	}
	switch e := answer.Error; {
	case e != nil && e.ErrCode == int(jetstream.JSErrCodeMessageNotFound):
		return message{}, errNone
	case e != nil && e.ErrCode == int(jetstream.JSErrCodeStreamNotFound):
		return message{}, fmt.Errorf("read the log: %w", jetstream.ErrStreamNotFound)
	case e != nil:
		return message{}, fmt.Errorf("read the log: %s (%d)", e.Description, e.ErrCode)
	case answer.Message == nil:
		return message{}, errors.New("read the log: the server's answer has no message")
	}
	m := answer.Message
	header, err := nats.DecodeHeadersMsg(m.Header)
	if err != nil && len(m.Header) > 0 {
		return message{}, fmt.Errorf("read the log at %d: %w", m.Seq, err)
	}
	return message{subject: m.Subject, seq: m.Seq, time: m.Time, header: header, data: m.Data}, nil
}

// Load implements es.Log: pages of direct gets, no consumer.
func (l *Log) Load(ctx context.Context, s es.Stream, after uint64) ([]es.Commit, error) {
	// A replica may lag behind what the leader has acknowledged; the leader
	// says how far to read. And whoever looks for news mostly finds none: the
	// last message of a subject is looked up at once, while looking for the
	// next one may walk through the whole stream.
	var until uint64
	if l.replicated || after > 0 {
		last, err := l.fetch(ctx, getRequest{LastFor: s.Subject()})
		if errors.Is(err, errNone) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if until = last.seq; until <= after {
			return nil, nil
		}
	}
	var commits []es.Commit
	for n := 0; ; n++ {
		found, err := l.loadPages(ctx, s, after)
		if err != nil {
			return nil, err
		}
		if commits = append(commits, found...); len(found) > 0 {
			after = found[len(found)-1].Position
		}
		if after >= until {
			return commits, nil
		}
		if n == attempts {
			return nil, fmt.Errorf("load %s: %w: its replica ends at %d, the leader at %d", s.Subject(), ErrUnavailable, after, until)
		}
		if err := pause(ctx, min(n+1, 3)); err != nil {
			return nil, err
		}
	}
}

func (l *Log) loadPages(ctx context.Context, s es.Stream, after uint64) ([]es.Commit, error) {
	var commits []es.Commit
	for {
		page, pending, err := l.page(ctx, s.Subject(), after+1)
		if errors.Is(err, errNone) && len(commits) == 0 {
			return nil, nil
		}
		if errors.Is(err, errNone) {
			return nil, fmt.Errorf("load %s: %w: the server told of more commits after %d and has none", s.Subject(), ErrGap, after)
		}
		if err != nil {
			return nil, fmt.Errorf("load %s after %d: %w", s.Subject(), after, err)
		}
		for _, m := range page {
			if m.subject != s.Subject() {
				return nil, fmt.Errorf("load %s: got position %d of %s", s.Subject(), m.seq, m.subject)
			}
			c, err := m.commit()
			if err != nil {
				return nil, err
			}
			commits = append(commits, c)
		}
		if pending == 0 {
			return commits, nil
		}
		after = commits[len(commits)-1].Position
	}
}

// page asks for one page of a subject's messages from a sequence on. The
// server sends them one by one, each with the sequence of the one before it,
// and ends with status 204 and how many are left. It returns errNone when
// there is none.
func (l *Log) page(ctx context.Context, subject string, from uint64) (page []message, pending uint64, err error) {
	body, err := json.Marshal(getRequest{Seq: from, NextFor: subject, Batch: pageMessages, MaxBytes: pageBytes})
	if err != nil {
		return nil, 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	inbox := l.nc.NewRespInbox()
	// A channel of our own: that of SubscribeSync takes 512 KiB, which was 72 %
	// of what an import allocated.
	messages := make(chan *nats.Msg, pageMessages+1)
	sub, err := l.nc.ChanSubscribe(inbox, messages)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, sub.Unsubscribe()) }()
	if err := l.nc.PublishRequest(subjectDirect, inbox, body); err != nil {
		return nil, 0, err
	}
	var last uint64
	for {
		var m *nats.Msg
		select {
		case m = <-messages:
		case <-ctx.Done():
			return nil, 0, ctx.Err()
		}
		switch status := m.Header.Get("Status"); status {
		case "":
		case "204":
			if err := follows(m, last); err != nil {
				return nil, 0, err
			}
			pending, err := number(m, "Nats-Num-Pending")
			return page, pending, err
		case "404":
			return nil, 0, errNone
		case "503":
			return nil, 0, nats.ErrNoResponders
		default:
			return nil, 0, fmt.Errorf("the server answered %s %s", status, m.Header.Get("Description"))
		}
		if err := follows(m, last); err != nil {
			return nil, 0, err
		}
		got, err := direct(m)
		if err != nil {
			return nil, 0, err
		}
		last = got.seq
		page = append(page, got)
	}
}

// follows checks that nothing was lost between the server and us.
func follows(m *nats.Msg, last uint64) error {
	prev, err := number(m, "Nats-Last-Sequence")
	if err == nil && prev != last {
		err = fmt.Errorf("%w between %d and %d on the way from the server", ErrGap, last, prev)
	}
	return err
}

// direct reads a message from a direct get's answer.
func direct(m *nats.Msg) (message, error) {
	seq, err := number(m, "Nats-Sequence")
	if err != nil {
		return message{}, err
	}
	at, err := time.Parse(time.RFC3339Nano, m.Header.Get("Nats-Time-Stamp"))
	if err != nil {
		return message{}, fmt.Errorf("answer's Nats-Time-Stamp: %w", err)
	}
	return message{subject: m.Header.Get("Nats-Subject"), seq: seq, time: at, header: m.Header, data: m.Data}, nil
}

func number(m *nats.Msg, header string) (uint64, error) {
	n, err := strconv.ParseUint(m.Header.Get(header), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("answer's %s: %w", header, err)
	}
	return n, nil
}

// At implements es.Log by bisection: some twenty reads for a million commits.
// The clock of a log can step back (a server's clock was set, another server
// leads); then it finds one of the places where t lies between neighbours.
func (l *Log) At(ctx context.Context, t time.Time) (uint64, error) {
	head, err := l.Head(ctx)
	if err != nil {
		return 0, err
	}
	var failed error
	n := sort.Search(int(head.Last), func(i int) bool {
		if failed != nil {
			return true
		}
		m, err := l.fetch(ctx, getRequest{Seq: uint64(i) + 1})
		if err != nil {
			failed = fmt.Errorf("position %d of the log: %w", i+1, err)
			return true
		}
		return m.time.After(t)
	})
	if failed != nil {
		return 0, failed
	}
	return uint64(n), nil
}
