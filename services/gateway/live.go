package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/nats-io/nats.go"

	"throughline.dev/pkg/api"
	"throughline.dev/pkg/es"
)

// Notice says that a view has taken in the log up to a position and which of
// its documents changed.
type Notice struct {
	Position uint64   `json:"position"`
	View     string   `json:"view"`
	Keys     []string `json:"keys,omitempty"`
}

// maxKeys is how many changed documents a notice names; with more it names
// none, and whoever looks at the view reads it again.
const maxKeys = 50

// Announce publishes what a view changed, on core NATS: it is a hint, the
// position is what counts, and a reader that missed one catches up.
func Announce(nc *nats.Conn, log *slog.Logger) func(es.Tenant, string, uint64, []string) {
	return func(t es.Tenant, view string, position uint64, changed []string) {
		if len(changed) > maxKeys {
			changed = nil
		}
		data, err := json.Marshal(Notice{position, view, changed})
		if err == nil {
			err = nc.Publish("live."+t.String()+"."+view, data)
		}
		if err != nil {
			log.Warn("announce a change", "view", view, "error", err)
		}
	}
}

// hub hands notices to the browsers of their organisation.
type hub struct {
	mu      sync.Mutex
	clients map[es.Tenant]map[*client]bool
}

// client is one browser. What it has not been told yet waits as one notice per
// view, however slow it is: the newest position and what changed until then.
type client struct {
	mu      sync.Mutex
	pending map[string]Notice
	wake    chan struct{} // holds at most one
}

func newHub(nc *nats.Conn) (*hub, error) {
	h := &hub{clients: map[es.Tenant]map[*client]bool{}}
	_, err := nc.Subscribe("live.*.*", func(m *nats.Msg) {
		var n Notice
		if json.Unmarshal(m.Data, &n) != nil {
			return
		}
		if t, err := es.ParseTenant(strings.Split(m.Subject, ".")[1]); err == nil {
			h.publish(t, n)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("listen to changes: %w", err)
	}
	return h, nil
}

func (h *hub) publish(t es.Tenant, n Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.clients[t] {
		c.hear(n)
	}
}

func (c *client) hear(n Notice) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if was, ok := c.pending[n.View]; ok {
		n.Position = max(n.Position, was.Position)
		if len(was.Keys) == 0 || len(n.Keys) == 0 || len(was.Keys)+len(n.Keys) > maxKeys {
			n.Keys = nil
		} else {
			n.Keys = append(was.Keys, n.Keys...)
		}
	}
	c.pending[n.View] = n
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// take returns what is pending.
func (c *client) take() map[string]Notice {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.pending
	c.pending = map[string]Notice{}
	return all
}

func (h *hub) join(t es.Tenant) (*client, func()) {
	c := &client{pending: map[string]Notice{}, wake: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.clients[t] == nil {
		h.clients[t] = map[*client]bool{}
	}
	h.clients[t][c] = true
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.clients[t], c)
	}
}

// hello says where each view stands, so that a page that was away, or was
// rendered before it listened, notices what it missed.
type hello struct {
	Position uint64            `json:"position"`
	Views    map[string]uint64 `json:"views"`
}

// live is the stream of notices that open pages listen to.
func (g *Gateway) live(c echo.Context) error {
	p, err := api.From(c.Request().Context())
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	me, leave := g.hub.join(p.Tenant)
	defer leave()
	views, err := g.models.Status(ctx)
	if err != nil {
		return err
	}
	hi := hello{Views: map[string]uint64{}}
	for _, v := range views {
		hi.Views[v.Name] = v.Position
		hi.Position = max(hi.Position, v.Position)
	}
	s := newStream(c, true)
	if err := s.send("hello", hi.Position, hi); err != nil {
		return nil // it has gone away
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.closing:
			return nil
		case <-beat.C:
			if _, err := g.principal(c.Request()); err != nil {
				return nil // signed out, or the session ended
			}
			err = s.send("beat", 0, struct{}{})
		case <-me.wake:
			for _, n := range me.take() {
				err = errors.Join(err, s.send("", n.Position, n))
			}
		}
		if err != nil {
			return nil // it has gone away
		}
	}
}
