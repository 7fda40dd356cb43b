package part

import (
	"net/url"
	"testing"
)

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{"Amara Keita": "AK", "Ben van der Müller": "BM", "Żaneta": "Ż", "": "?", "  ": "?", "anne-marie o'neil": "AO", "李 小龍": "李小"} {
		if got := (Person{Name: name}).Initials(); got != want {
			t.Errorf("%q has initials %q, want %q", name, got, want)
		}
	}
}

func TestOnlyWhatIsFinishedIs100Percent(t *testing.T) {
	for _, one := range []struct {
		done, total float64
		want        int
	}{{0, 0, 0}, {0, 5, 0}, {999, 1000, 99}, {5, 5, 100}, {7, 5, 100}, {-1, 5, 0}} {
		if got := (Progress{Done: one.done, Total: one.total}).Percent(); got != one.want {
			t.Errorf("%g of %g is %d %%, want %d", one.done, one.total, got, one.want)
		}
	}
}

func TestQueryKeepsWhatItIsNotTold(t *testing.T) {
	q := url.Values{"text": {"a b"}, "asOf": {"42"}}
	if got := Query("/kanban", q, "asOf", "", "as", "table"); got != "/kanban?as=table&text=a+b" {
		t.Errorf("got %s", got)
	}
	if q.Get("asOf") != "42" {
		t.Error("the query of the page was changed")
	}
	if got := Query("/kanban", url.Values{"a": {"1"}}, "a", ""); got != "/kanban" {
		t.Errorf("got %s", got)
	}
}

func TestCountSetsThousandsApart(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1499: "1\u202f499", 1234567: "1\u202f234\u202f567", -1000: "-1\u202f000"} {
		if got := Count(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
