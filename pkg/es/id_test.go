package es_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

var idShape = regexp.MustCompile(`^[0-9a-z]{26}$`)

const good = "01kb2m3n4p5q6r7s8t9v0w1x2y"

// foreign are texts from outside that must never become part of a subject.
var foreign = []string{"", "*", ">", "\x00", good + "\x00", good[:25] + "*", good[:25] + ">", good[:25] + ".", good[:25] + " ",
	good[:25] + "\n", good + "\n", strings.ToUpper(good), good[:25], good + "0", good[:24] + "é", strings.Repeat("a", 5000), "../" + good[3:]}

func TestIDsFromOutside(t *testing.T) {
	if id, err := es.ParseID[counter](good); err != nil || id.String() != good {
		t.Errorf("%q, %v", id, err)
	}
	for _, s := range foreign {
		id, err := es.ParseID[counter](s)
		e, known := fail.As(err)
		if !known || e.Kind != fail.KindInvalid || e.Field != "id" || id != "" {
			t.Errorf("id %.40q: %q, %v", s, id, err)
		} else if len(e.Text) > 200 {
			t.Errorf("id %.40q: the error repeats all of it", s)
		}
		if _, err := es.ParseTenant(s); err == nil {
			t.Errorf("tenant %.40q was taken", s)
		}
		var u es.ID[counter]
		if err := json.Unmarshal(must(t, s), &u); err == nil && s != "" {
			t.Errorf("JSON %.40q was taken", s)
		}
	}
}

func must(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestSubjectsFromOutside(t *testing.T) {
	s, err := es.ParseSubject("ev.test." + good + ".counter-of-things." + good)
	if err != nil || s.Context() != "test" || s.Aggregate() != "counter-of-things" || s.ID() != good || s.Tenant().String() != good {
		t.Fatalf("%+v, %v", s, err)
	}
	bad := []string{"", "ev", "ev....", "ev.test." + good + ".counter", "ev.test." + good + ".counter." + good + ".x",
		"cmd.test." + good + ".counter." + good, "ev.Test." + good + ".counter." + good, "ev.*." + good + ".counter." + good,
		"ev.>." + good + ".counter." + good, "ev.test." + good + ".*." + good, "ev.test." + good + ".coun\x00ter." + good, "ev.test.>"}
	for _, f := range foreign {
		bad = append(bad, f, "ev.test."+good+".counter."+f, "ev.test."+f+".counter."+good)
		if f != "" && !idShape.MatchString(f) && len(f) != 5000 {
			bad = append(bad, "ev."+f+"."+good+".counter."+good)
		}
	}
	for _, b := range bad {
		if s, err := es.ParseSubject(b); err == nil {
			t.Errorf("%.60q became %+v", b, s)
		} else if len(err.Error()) > 300 {
			t.Errorf("%.60q: the error repeats all of it", b)
		}
	}
}

func TestNewIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		for _, id := range []string{es.NewID[counter]().String(), es.NewTenant().String()} {
			if !idShape.MatchString(id) || seen[id] {
				t.Fatalf("%q is no new id", id)
			}
			seen[id] = true
		}
	}
}

func TestDerivedIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-c]{0,3}`) // short, so that parts could run together
		parts := rapid.SliceOfN(text, 0, 4)
		a, b := parts.Draw(t, "a"), parts.Draw(t, "b")
		x, y := es.DeriveID[counter](a...), es.DeriveID[counter](b...)
		if !idShape.MatchString(x.String()) {
			t.Fatalf("%q is no id", x)
		}
		if same := strings.Join(a, "\x00") == strings.Join(b, "\x00") && len(a) == len(b); same != (x == y) {
			t.Fatalf("%q and %q gave %s and %s", a, b, x, y)
		}
	})
}

func TestMetaIDsFollowFromTheCommit(t *testing.T) {
	m := es.Meta{Tenant: es.NewTenant(), ID: "commit", Command: "key"}
	first, again, second := es.MetaID[counter](m, 1), es.MetaID[counter](m, 1), es.MetaID[counter](m, 2)
	if first != again || first == second {
		t.Error("the n-th id of a commit is always the same and no other's")
	}
}

func TestWhenIsWhenItHappened(t *testing.T) {
	now, then := time.Now(), time.Now().Add(-time.Hour)
	if got := (es.Meta{Time: now}).When(); got != now {
		t.Error(got)
	}
	if got := (es.Meta{Time: now, Occurred: then}).When(); got != then {
		t.Error(got)
	}
}

func FuzzParseID(f *testing.F) {
	f.Add(good)
	for _, s := range foreign {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := es.ParseID[counter](s)
		if (err == nil) != idShape.MatchString(s) || err == nil && id.String() != s {
			t.Errorf("%q gave %q, %v", s, id, err)
		}
	})
}

func FuzzParseSubject(f *testing.F) {
	f.Add("ev.test." + good + ".counter." + good)
	for _, s := range foreign {
		f.Add("ev.test." + good + ".counter." + s)
		f.Add("ev." + s + "." + good + ".counter." + good)
		f.Add(s)
	}
	shape := regexp.MustCompile(`^ev\.[a-z-]+\.[0-9a-z]{26}\.[a-z-]+\.[0-9a-z]{26}$`)
	f.Fuzz(func(t *testing.T, s string) {
		stream, err := es.ParseSubject(s)
		if (err == nil) != shape.MatchString(s) {
			t.Errorf("%q: %v", s, err)
		}
		if err == nil && stream.Subject() != s {
			t.Errorf("%q became %q", s, stream.Subject())
		}
	})
}
