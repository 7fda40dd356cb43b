package es_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"throughline.dev/pkg/es"
)

// panics returns what f panicked with, and fails when it did not.
func panics(t *testing.T, f func()) (said any) {
	t.Helper()
	defer func() {
		if said = recover(); said == nil {
			t.Error("the mistake shows only in production")
		}
	}()
	f()
	return nil
}

func TestSchemaMistakesShowAtTheStart(t *testing.T) {
	for name, mistake := range map[string]func(){
		"a name twice": func() {
			es.NewSchema(es.On[counted]("test.counter.a.v1"), es.On[cleared]("test.counter.a.v1"))
		},
		"a type twice": func() {
			es.NewSchema(es.On[counted]("test.counter.a.v1"), es.On[counted]("test.counter.b.v1"))
		},
		"an old name that is written": func() {
			es.NewSchema(es.On[counted]("test.counter.a.v1"), es.Was("test.counter.a.v1", func(cleared) counted { return counted{} }))
		},
		"a name in two schemas of a catalog": func() {
			es.NewCatalog(counterSchema, es.NewSchema(es.On[counted]("test.counter.counted.v1")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			if said, ok := panics(t, mistake).(string); !ok || !strings.Contains(said, "test.counter.") {
				t.Errorf("it said %q, without the name", said)
			}
		})
	}
}

func TestAnOldEventIsReadAsWhatItMeansToday(t *testing.T) {
	type countedV1 struct{ Amount string }
	schema := es.NewSchema(
		es.On[counted]("test.counter.counted.v2"),
		es.Was("test.counter.counted.v1", func(o countedV1) counted { return counted{By: len(o.Amount)} }),
	)
	e, err := schema.Decode(es.Record{Name: "test.counter.counted.v1", Data: []byte(`{"Amount":"|||"}`)})
	if err != nil || e != counted(counted{3}) {
		t.Errorf("%#v, %v", e, err)
	}
	if r, err := schema.Encode(counted{3}); err != nil || r.Name != "test.counter.counted.v2" || string(r.Data) != `{"By":3}` {
		t.Errorf("%s %s, %v: only today's name is written", r.Name, r.Data, err)
	}
	if got := schema.Names(); !slices.Equal(got, []string{"test.counter.counted.v2", "test.counter.counted.v1"}) {
		t.Error(got)
	}
	for _, name := range schema.Names() {
		if schema.Type(name) != reflect.TypeFor[counted]() {
			t.Errorf("%s is read as %v", name, schema.Type(name))
		}
		if _, err := schema.Decode(es.Record{Name: name, Data: []byte(`[]`)}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s with other JSON: %v", name, err)
		}
	}
}

func TestACatalogReadsAllOfItsSchemas(t *testing.T) {
	c := es.NewCatalog(counterSchema)
	if got := c.Names(); !slices.Equal(got, []string{"test.counter.cleared.v1", "test.counter.counted.v1"}) {
		t.Error(got)
	}
	if e, err := c.Decode(es.Record{Name: "test.counter.counted.v1", Data: []byte(`{"By":4}`)}); err != nil || e != any(counted{4}) {
		t.Errorf("%#v, %v", e, err)
	}
	if _, err := c.Decode(es.Record{Name: "test.counter.gone.v1"}); err == nil || !strings.Contains(err.Error(), "test.counter.gone.v1") {
		t.Errorf("an unknown name: %v", err)
	}
	if c.Type("test.counter.gone.v1") != nil {
		t.Error("an unknown name has a type")
	}
	if _, ok := counterSchema.Writes("no event"); ok {
		t.Error("a schema writes what is no event of its")
	}
}

func TestAddedPlusAndMinusLeaveTheOldAlone(t *testing.T) {
	room := make([]int, 1, 8) // room to write into, which must not be used
	a, b := es.Added(room, 1), es.Added(room, 2)
	if !slices.Equal(a, []int{0, 1}) || !slices.Equal(b, []int{0, 2}) {
		t.Errorf("%v and %v share memory", a, b)
	}
	m := map[string]int{"a": 1}
	if plus := es.Plus(m, "b", 2); !maps.Equal(plus, map[string]int{"a": 1, "b": 2}) {
		t.Error(plus)
	}
	if minus := es.Minus(m, "a"); len(minus) != 0 {
		t.Error(minus)
	}
	if !maps.Equal(m, map[string]int{"a": 1}) {
		t.Errorf("the old map is now %v", m)
	}
	var none map[string]int
	if plus := es.Plus(none, "a", 1); !maps.Equal(plus, m) {
		t.Error(plus)
	}
}
