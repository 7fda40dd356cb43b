package command_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"throughline.dev/pkg/command"
	"throughline.dev/pkg/es"
	"throughline.dev/pkg/es/estest"
	"throughline.dev/pkg/fail"
)

// number returns the number in a door's human key.
func (h *house) number(id string) int {
	h.t.Helper()
	s, _ := h.door(id)
	n, err := strconv.Atoi(strings.TrimPrefix(s.Key, "D-"))
	if err != nil {
		h.t.Errorf("the door %+v has no number", s)
	}
	return n
}

func (h *house) hang(i int) int {
	h.t.Helper()
	return h.number(h.do(ann, "door.hang", "", body{"name": fmt.Sprint("door ", i)}).ID)
}

func TestPeopleGetNumbersWithoutAGap(t *testing.T) {
	h := newHouse(t)
	for i := range 20 {
		_, err := h.send(ann, "door.hang", "", body{"name": ""}) // what is refused takes no number
		if e, known := fail.As(err); !known || e.Field != "name" {
			t.Fatal(err)
		}
		if n := h.hang(i); n != i+1 {
			t.Fatalf("door %d has the number %d", i+1, n)
		}
	}
	other := *h
	other.tenant = es.NewTenant()
	if n := other.hang(0); n != 1 {
		t.Errorf("another organisation begins with %d", n)
	}
}

func TestNumbersUnderLoadAreUnique(t *testing.T) {
	const n = 200
	h := newHouse(t)
	ids := make([]string, n)
	var everybody sync.WaitGroup
	for i := range ids {
		q := h.request(ann, "", body{"name": fmt.Sprint("door ", i)})
		everybody.Go(func() {
			a, err := h.client.Send(t.Context(), "backlog.door.hang", q)
			if err != nil {
				t.Error(err)
			}
			ids[i] = a.ID
		})
	}
	everybody.Wait()
	seen := map[int]string{}
	for _, id := range ids {
		k := h.number(id)
		if other, twice := seen[k]; twice {
			t.Errorf("%s and %s both have the number %d", other, id, k)
		}
		seen[k] = id
	}
	for k := 1; k <= n; k++ { // one process, no crash: not one is lost
		if seen[k] == "" {
			t.Errorf("nobody has the number %d", k)
		}
	}
}

func TestNumbersOfTwoProcessesAreUnique(t *testing.T) {
	h := newHouse(t)
	h.serve()
	ids := make([]string, 100)
	var everybody sync.WaitGroup
	for i := range ids {
		q := h.request(ann, "", body{"name": fmt.Sprint("door ", i)})
		everybody.Go(func() {
			a, err := h.client.Send(t.Context(), "backlog.door.hang", q)
			if err != nil {
				t.Error(err)
			}
			ids[i] = a.ID
		})
	}
	everybody.Wait()
	seen := map[int]string{}
	for _, id := range ids {
		if k := h.number(id); seen[k] != "" {
			t.Errorf("%s and %s both have the number %d", seen[k], id, k)
		} else {
			seen[k] = id
		}
	}
}

// An import brings keys of its own. Numbers that a process had set aside
// under load and not yet used are among them, whichever process claims them.
func TestNoNewKeyIsOneThatAnImportBrings(t *testing.T) {
	for name, claims := range map[string]func(*house) *command.World{
		"the same process":  func(h *house) *command.World { return h.world },
		"another process":   func(h *house) *command.World { return command.NewWorld(h.log, h.book, nil, nil) },
		"another, not ours": (*house).serve,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			for i := range 9 { // fast enough to have some set aside
				h.hang(i)
			}
			w := claims(h)
			for _, n := range []int{500, 500, 20} { // the second and third say nothing new
				if err := w.ReserveUpTo(t.Context(), "backlog", h.tenant, "D", n); err != nil {
					t.Fatal(err)
				}
			}
			for i := range 5 {
				if n := h.hang(100 + i); n <= 500 {
					t.Errorf("a new door has the imported number %d", n)
				}
			}
		})
	}
}

func TestNumbering(t *testing.T) {
	type reserved = command.NumbersReserved
	for _, schema := range command.NumberingSchemas {
		schema, ok := schema.(*es.Schema[command.Numbering])
		if !ok {
			t.Fatalf("%T", schema)
		}
		got := estest.Given(schema, reserved{"D", 1, 1}, reserved{"D", 2, 9}, reserved{"D", 0, 5}).State(t)
		if got != (command.Numbering{Next: 10, Floor: 5}) {
			t.Errorf("%+v", got)
		}
		if got := estest.Given(schema, reserved{"D", 1, 1}, reserved{"D", 0, 50}, reserved{"D", 51, 52}).State(t); got != (command.Numbering{Next: 53, Floor: 50}) {
			t.Errorf("%+v", got)
		}
	}
}
