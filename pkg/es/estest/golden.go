package estest

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"throughline.dev/pkg/es"
)

var golden = flag.Bool("golden", false, "write golden files for events that have none")

// Golden checks that every stored name of the schemas has a file
// <dir>/<name>.json that still reads, and that what is written today is what
// the file says. With -golden it writes files that are missing, filled with
// sample values; it never changes one. Files of names that no schema reads
// any more fail the test: a stored name is never given up.
func Golden(t *testing.T, dir string, schemas ...es.Decoder) {
	t.Helper()
	known := map[string]bool{}
	for _, s := range schemas {
		for _, name := range s.Names() {
			known[name] = true
			file := filepath.Join(dir, name+".json")
			data, err := os.ReadFile(file)
			if os.IsNotExist(err) && *golden {
				data = sample(t, s, name)
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, data, 0o644); err != nil {
					t.Fatal(err)
				}
			} else if err != nil {
				t.Errorf("%s has no golden file (make golden writes it): %v", name, err)
				continue
			}
			checkGolden(t, s, name, data)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".json"); !known[name] {
			t.Errorf("%s: no schema reads this stored name any more", f)
		}
	}
}

func checkGolden(t *testing.T, s es.Decoder, name string, data []byte) {
	t.Helper()
	e, err := s.DecodeAny(es.Record{Name: name, Data: data})
	if err != nil {
		t.Errorf("%s no longer reads: %v", name, err)
		return
	}
	if reflect.TypeOf(e) != s.Type(name) {
		t.Errorf("%s reads as %T, want %v", name, e, s.Type(name))
	}
	w, ok := s.(interface{ Writes(any) (es.Record, bool) })
	if !ok {
		return
	}
	r, ok := w.Writes(e)
	if !ok || r.Name != name {
		return // an old name: it reads, that is all
	}
	var want bytes.Buffer
	if err := json.Compact(&want, data); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if !bytes.Equal(want.Bytes(), []byte(r.Data)) {
		t.Errorf("%s is no longer written as it was; make it a new version\n  was %s\n  is  %s", name, want.Bytes(), r.Data)
	}
}

func sample(t *testing.T, s es.Decoder, name string) []byte {
	t.Helper()
	v := reflect.New(s.Type(name)).Elem()
	fill(v, 0)
	b, err := json.MarshalIndent(v.Interface(), "", "  ")
	if err != nil {
		t.Fatalf("sample of %s: %v", name, err)
	}
	return append(b, '\n')
}

// fill sets every field to a value that is not its zero, the same each time.
func fill(v reflect.Value, depth int) {
	if depth > 6 || !v.CanSet() {
		return
	}
	if _, ok := v.Interface().(time.Time); ok {
		v.Set(reflect.ValueOf(Meta.Time))
		return
	}
	if _, ok := v.Interface().(json.RawMessage); ok {
		v.Set(reflect.ValueOf(json.RawMessage(`{"a":1}`)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("text")
		if strings.HasPrefix(v.Type().Name(), "ID[") {
			v.SetString("0sample0000000000000000000")
		}
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(3)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(3)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), depth+1)
	case reflect.Map:
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(k, depth+1)
		fill(e, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(k, e)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	}
}
