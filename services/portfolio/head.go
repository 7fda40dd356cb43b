package portfolio

import (
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/view"
)

// Head is what every document says about its aggregate besides its state.
type Head struct {
	ID        string    `json:"id"`
	Version   uint64    `json:"version" doc:"Position of its last change; the ETag, and what If-Match takes."`
	Created   time.Time `json:"createdAt" doc:"When it came to be; of an imported thing, in the system it comes from."`
	Updated   time.Time `json:"updatedAt"`
	CreatedBy string    `json:"createdBy,omitempty" doc:"Id of the person."`
	UpdatedBy string    `json:"updatedBy,omitempty"`
	Since     time.Time `json:"since" doc:"When it entered its present state."`
}

func (h Head) touched(tx *view.Tx, moved bool) Head {
	h.ID, h.Version, h.Updated = tx.ID(), tx.Position(), tx.When()
	by := tx.Commit.Meta.Actor.String()
	if h.Created.IsZero() {
		h.Created, h.CreatedBy, moved = tx.When(), by, true
	}
	if by != "" {
		h.UpdatedBy = by
	}
	if moved {
		h.Since = tx.When()
	}
	return h
}

// folded keeps, for each aggregate of one kind, a document that is its state,
// evolved by the aggregate's own events. part points at the document's head
// and state; stage says where the state stands in its life, to know since when.
func folded[S, D any](a *es.Aggregate[S], table *view.Table[D], part func(*D) (*Head, *S), stage func(S) string) []view.Handler {
	return view.OnAny(a.Schema, func(tx *view.Tx, e es.Event[S]) {
		d, _ := table.Get(tx, tx.ID())
		head, state := part(&d)
		before := stage(*state)
		*state = e.Evolve(*state)
		*head = head.touched(tx, stage(*state) != before)
		table.Put(tx, tx.ID(), d)
	})
}
