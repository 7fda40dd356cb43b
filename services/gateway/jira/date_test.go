package jira

import (
	"strings"
	"testing"
	"time"
)

func TestFormsOfDates(t *testing.T) {
	afternoon, day := utc(2025, 8, 5, 14, 47), utc(2025, 8, 5, 0, 0)
	for text, want := range map[string]time.Time{
		"05/Aug/25 2:47 PM":            afternoon,
		"05/août/25 2:47 PM":           afternoon,
		"5/AOÛT/2025 14:47":            afternoon,
		"5 août 2025, 14:47:00":        afternoon,
		"05.Aug.25 14:47":              afternoon,
		"5. August 2025 14:47":         afternoon,
		"05/ago./25 2:47 p. m.":        afternoon,
		"Aug 5, 2025 2:47 PM":          afternoon,
		"05-Aug-2025 14:47":            afternoon,
		"2025-08-05T14:47:00.000+0000": afternoon,
		"2025-08-05T16:47:00.000+0200": afternoon,
		"2025-08-05T14:47:00Z":         afternoon,
		"2025-08-05T16:47:00+02:00":    afternoon,
		"2025-08-05 14:47":             afternoon,
		"2025/08/05 14:47":             afternoon,
		"05/Aug/25 16:47 +0200":        afternoon,
		"2025-08-05":                   day,
		"5 de agosto de 2025":          day,
		"05/Aug/25 12:00 AM":           day,
		"8/8/2025":                     utc(2025, 8, 8, 0, 0),
		"31/12/1999":                   utc(1999, 12, 31, 0, 0),
		"12/31/1999":                   utc(1999, 12, 31, 0, 0),
		"15/juil./25 5:50 PM":          utc(2025, 7, 15, 17, 50),
		"14/sept./25 3:34 AM":          utc(2025, 9, 14, 3, 34),
		"01/févr./26 12:30 PM":         utc(2026, 2, 1, 12, 30),
		"03/Mär/25":                    utc(2025, 3, 3, 0, 0),
	} {
		var d dates
		if got, kind := d.parse(text); kind != certain || !got.Equal(want) {
			t.Errorf("%q: %v (%d), want %v", text, got, kind, want)
		}
	}
}

func TestWhatIsNoDate(t *testing.T) {
	for _, text := range []string{"", "soon", "25", "31/Feb/25", "13/13/2025", "05/Aug/25 25:00", "05/Aug/25 13:00 PM", "05/Foo/25", "1/2/3/4", "05/Aug/125",
		"05/Aug/25 2:47 XM", ":", "1:2:3:4", "99999999999999999999/1/1", "2025-08-05T", "05/Aug/Aug/25", "0000-01-01T00:30:00+02:00", "9999-12-31", strings.Repeat("1/", 100)} {
		var d dates
		if got, kind := d.parse(text); kind != unreadable || !got.IsZero() {
			t.Errorf("%q was read as %v (%d)", text, got, kind)
		}
	}
}

func TestOrderOfDayAndMonthIsTheFiles(t *testing.T) {
	const head = "Issue key,Summary,Created,Updated\n"
	for name, c := range map[string]struct {
		rows string
		want time.Time
		note string
	}{
		"a day above 12 later in the file": {"A-1,x,03/04/2025 10:00,\nA-2,x,25/04/2025,\n", utc(2025, 4, 3, 10, 0), ""},
		"a month first, shown later":       {"A-1,x,03/04/2025 10:00,\nA-2,x,04/25/2025,\n", utc(2025, 3, 4, 10, 0), ""},
		"updated before created otherwise": {"A-1,x,03/04/2025 10:00,\nA-2,x,11/01/2025,02/02/2025\n", utc(2025, 4, 3, 10, 0), ""},
		"the other way round":              {"A-1,x,03/04/2025 10:00,\nA-2,x,01/11/2025,02/02/2025\n", utc(2025, 3, 4, 10, 0), ""},
		"nothing shows it":                 {"A-1,x,03/04/2025 10:00,\n", utc(2025, 4, 3, 10, 0), "Created: read as day/month, which nothing in the file confirms"},
		"two forms in one file":            {"A-1,x,03/04/2025 10:00,\nA-2,x,25/04/2025,04/25/2025\n", utc(2025, 4, 3, 10, 0), "Created: read as day/month, which nothing in the file confirms"},
	} {
		t.Run(name, func(t *testing.T) {
			issues, _, _ := readText(t, head+c.rows)
			var notes []string
			if c.note != "" {
				notes = []string{c.note}
			}
			same(t, "created", issues[0].Created, c.want)
			same(t, "notes", issues[0].Notes, notes)
		})
	}
}
