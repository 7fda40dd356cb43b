package service

import (
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

// place has the backlog that an item left and the one that it came into settle
// whether they have it.
func place(e backlog.BacklogSet, h react.Happening) []react.Wish {
	var wishes []react.Wish
	for _, o := range []*backlog.Owner{e.Was, e.Backlog} {
		if o != nil {
			wishes = append(wishes, react.Wish{Command: "backlog.order.settle", Body: backlog.SettlePlace{Owner: *o, Item: backlog.ItemID(h.ID())}})
		}
	}
	return wishes
}
