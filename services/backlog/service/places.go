package service

import (
	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
	"throughline.dev/pkg/react"
	"throughline.dev/services/backlog"
)

// parts creates the parts of an item that was split.
func parts(e backlog.ItemSplit, h react.Happening) []react.Wish {
	var wishes []react.Wish
	for _, c := range e.PartsOf(backlog.ItemID(h.ID())) {
		wishes = append(wishes, react.Wish{Command: "backlog.item.create-part", Body: c})
	}
	return wishes
}

func teamBacklog(_ struct{}, h react.Happening) []react.Wish {
	return []react.Wish{open(backlog.Owner{Kind: "team", Of: h.ID()})}
}

func productBacklog(_ struct{}, h react.Happening) []react.Wish {
	return []react.Wish{open(backlog.Owner{Kind: "product", Of: h.ID()})}
}

func open(o backlog.Owner) react.Wish {
	return react.Wish{Command: "backlog.order.open", Body: backlog.OpenBacklog{Owner: o}}
}

// place takes an item out of the order that it was in and puts it at the end
// of the one that it belongs into. The policy sees all changes of an item in
// their order, so the last one holds in the end.
func place(e backlog.BacklogSet, h react.Happening) []react.Wish {
	t, item := h.Commit.Stream.Tenant(), backlog.ItemID(h.ID())
	var wishes []react.Wish
	if e.Was != nil {
		wishes = append(wishes, react.Wish{Command: "backlog.order.remove", ID: orderOf(t, *e.Was), Body: backlog.Remove{Item: item}, Refused: never})
	}
	if e.Backlog != nil {
		last := react.Wish{Command: "backlog.order.place", ID: orderOf(t, *e.Backlog), Body: backlog.Place{Items: []backlog.ItemID{item}}, Refused: never}
		first := last
		// The policy that opens it may be behind this one.
		first.Refused = func(err *fail.Error) *react.Wish {
			if err.Kind != fail.KindNotFound {
				return nil
			}
			opens := open(*e.Backlog)
			opens.Done = func(command.Answer) *react.Wish { return &last }
			return &opens
		}
		wishes = append(wishes, first)
	}
	return wishes
}

func orderOf(t es.Tenant, o backlog.Owner) string { return backlog.OrderOf(t, o).String() }

// never wants nothing else when it is refused: the item is closed by now, is
// where it is to be, or is where it is not to be no more.
func never(*fail.Error) *react.Wish { return nil }
