// Package backlog is delivery: teams, work items from the capability down to
// the task, the order of every backlog, and iterations. It decides and
// nothing else: time, identity and whoever acts come with es.Meta, and what a
// decision must know of sibling aggregates comes in the command's fields that
// are not part of its JSON (see facts.go, which fills them).
//
// An item's rank is not in the item but in its backlog's Order; which
// iteration an item is in is in the item, and the iteration keeps what was
// committed at its start and every change of that since.
package backlog
