package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// stream writes JSON lines or server-sent events. Each write has its own
// deadline: a reader that takes nothing is dropped and comes back by position.
type stream struct {
	mu  sync.Mutex
	w   http.ResponseWriter
	rc  *http.ResponseController
	sse bool
}

const writeTimeout = 10 * time.Second

func newStream(c echo.Context, sse bool) *stream {
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	if sse {
		h.Set("Content-Type", "text/event-stream")
	} else {
		h.Set("Content-Type", "application/x-ndjson")
	}
	c.Response().WriteHeader(http.StatusOK)
	s := &stream{w: c.Response(), rc: http.NewResponseController(c.Response()), sse: sse}
	_ = s.flushLocked() // a reader that is gone shows at the first write
	return s
}

// write sends the entries that want lets through and says how many there were.
// A server-sent event carries its position as id only when it is the last of
// its commit, so that a reader never resumes in the middle of one.
func (s *stream) write(position uint64, all []Entry, want func(string) bool) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline()
	n := 0
	for i, e := range all {
		if !want(e.Type) {
			continue
		}
		n++
		data, err := json.Marshal(e)
		if err != nil {
			return n, fmt.Errorf("feed at %d: %w", position, err)
		}
		if !s.sse {
			data = append(data, '\n')
		} else if i == len(all)-1 {
			data = fmt.Appendf(nil, "id: %d\ndata: %s\n\n", position, data)
		} else {
			data = fmt.Appendf(nil, "data: %s\n\n", data)
		}
		if _, err := s.w.Write(data); err != nil {
			return n, err
		}
	}
	return n, nil
}

// send writes one server-sent event; without a name it is a message, without
// an id the reader keeps the last one it had.
func (s *stream) send(name string, id uint64, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline()
	if name != "" {
		fmt.Fprintf(s.w, "event: %s\n", name)
	}
	if id > 0 {
		fmt.Fprintf(s.w, "id: %d\n", id)
	}
	if _, err := fmt.Fprintf(s.w, "data: %s\n\n", data); err != nil {
		return err
	}
	return s.flushLocked()
}

func (s *stream) deadline() { _ = s.rc.SetWriteDeadline(time.Now().Add(writeTimeout)) }

func (s *stream) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.flushLocked()
}

func (s *stream) flushLocked() error {
	s.deadline()
	return s.rc.Flush()
}

// beat sends a sign of life until stop is called or ctx ends.
func (s *stream) beat(ctx context.Context, every time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
				s.mu.Lock()
				s.deadline()
				if s.sse {
					_, _ = s.w.Write([]byte(": still here\n\n"))
				} else {
					_, _ = s.w.Write([]byte("\n"))
				}
				_ = s.flushLocked()
				s.mu.Unlock()
			}
		}
	}()
	return func() { cancel(); <-done }
}
