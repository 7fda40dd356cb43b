package jira

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"
)

// FuzzRead: whatever the bytes, reading ends, rows count upwards, an issue
// can be named and holds only text, no more of it than the file has, and a
// refusal is a short sentence.
func FuzzRead(f *testing.F) {
	names, err := filepath.Glob("testdata/*.*")
	if err != nil || len(names) == 0 {
		f.Fatal("no examples", err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, s := range []string{
		head + row(1) + "\"open,A-2,102,Open,text\n" + row(3),
		head + "\"a \"good\" one\",A-1,101,Open,\"text\"\n",
		"sep=;\nIssue key;Summary\nA-1;x;y;z\n",
		one("A-1") + "\n{oops\n" + one("A-2"),
		`{"issues":[` + one("A-1") + `],"names":{"a":"b"}}`,
		"[" + one("A-1") + ",7,]}",
		zip(f, one("A-1")),
		"\xff\xfe" + utf16le("Issue key\tSummary\nA-1\tx\n"),
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := Open("fuzz", bytes.NewReader(in))
		if err != nil {
			return
		}
		packed := bytes.HasPrefix(in, []byte{0x1f, 0x8b})
		last, held := 0, 0
		for range 2*len(in) + 100 {
			issue, err := r.Next()
			var refused *RowError
			switch {
			case errors.As(err, &refused):
				if refused.Row != last+1 || refused.Reason == "" || len(refused.Error()) > 2000 || !utf8.ValidString(refused.Error()) {
					t.Fatalf("after row %d: %q", last, refused)
				}
				last = refused.Row
				continue
			case err == io.EOF || err != nil && packed:
				for _, c := range r.Unmapped() {
					if !utf8.ValidString(c.Name + c.Sample) {
						t.Fatalf("column %q, %q", c.Name, c.Sample)
					}
				}
				return
			case err != nil:
				t.Fatal(err)
			}
			if issue.Row != last+1 || issue.Key == "" && issue.ID == "" {
				t.Fatalf("after row %d: %+v", last, issue)
			}
			last = issue.Row
			b, err := json.Marshal(issue)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b, bytes.ToValidUTF8(b, nil)) {
				t.Fatalf("not UTF-8: %q", b)
			}
			// An empty issue is some 1.5 kB of JSON; a byte of a file becomes
			// at most a 6-byte escape or, in a list, a member of some 100 bytes.
			if held = len(b); !packed && held > 8<<10+200*len(in) {
				t.Fatalf("%d bytes became an issue of %d", len(in), held)
			}
		}
		if !packed {
			t.Fatalf("reading %d bytes does not end", len(in))
		}
	})
}
