package gateway

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"

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
	sub *nats.Subscription

	mu      sync.Mutex
	clients map[es.Tenant]map[chan Notice]bool
}

// clientQueue is how many notices may wait for one browser. One that falls
// behind loses the oldest: the newest position tells it all it needs.
const clientQueue = 16

func newHub(nc *nats.Conn) (*hub, error) {
	h := &hub{clients: map[es.Tenant]map[chan Notice]bool{}}
	sub, err := nc.Subscribe("live.*.*", func(m *nats.Msg) {
		var n Notice
		if json.Unmarshal(m.Data, &n) != nil {
			return
		}
		t, err := es.ParseTenant(strings.Split(m.Subject, ".")[1])
		if err == nil {
			h.publish(t, n)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("listen to changes: %w", err)
	}
	h.sub = sub
	return h, nil
}

func (h *hub) publish(t es.Tenant, n Notice) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ch := range h.clients[t] {
		for {
			select {
			case ch <- n:
			default:
				select {
				case <-ch:
				default:
				}
				continue
			}
			break
		}
	}
}

func (h *hub) join(t es.Tenant) (chan Notice, func()) {
	ch := make(chan Notice, clientQueue)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.clients[t] == nil {
		h.clients[t] = map[chan Notice]bool{}
	}
	h.clients[t][ch] = true
	return ch, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.clients[t], ch)
	}
}

// live is the stream of notices that open pages listen to.
func (g *Gateway) live(c echo.Context) error {
	p, err := api.From(c.Request().Context())
	if err != nil {
		return err
	}
	notices, leave := g.hub.join(p.Tenant)
	defer leave()
	ctx := c.Request().Context()
	s := newStream(c, true)
	stop := s.beat(ctx, heartbeat)
	defer stop()
	// The first notice says where each view stands, so that a page that was
	// away notices what it missed.
	views, err := g.models.Status(ctx)
	if err != nil {
		return nil
	}
	for _, st := range views {
		if err := s.notice(Notice{Position: st.Position, View: st.Name}); err != nil {
			return nil
		}
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-g.closing:
			return nil
		case n := <-notices:
			if err := s.notice(n); err != nil {
				return nil
			}
		}
	}
}

func (s *stream) notice(n Notice) error {
	data, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return s.send(n.Position, data)
}
