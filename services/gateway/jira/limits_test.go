package jira

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

const head = "Summary,Issue key,Issue id,Status,Description\n"

func row(n int) string { return fmt.Sprintf("\"Row %d\",A-%d,%d,Open,\"text,\nmore\"\n", n, n, 100+n) }

func keysOf(issues []Issue) string {
	var all []string
	for _, i := range issues {
		all = append(all, i.Key)
	}
	return strings.Join(all, " ")
}

func TestBrokenQuotes(t *testing.T) {
	for name, c := range map[string]struct {
		text, keys string
		refused    []*RowError
		notes      []string // of the first issue
	}{
		"never closed, first column": {row(1) + "\"Row 2,A-2,102,Open,text\n" + row(3) + row(4), "A-1 A-3 A-4",
			[]*RowError{{2, "A-2", `line 4: the quote that opens column "Summary" is not closed; line 4 is lost, reading goes on at line 5`}}, nil},
		"never closed, last column": {row(1) + "Row 2,A-2,102,Open,\"text\nand\nmore\n" + row(3) + row(4), "A-1 A-3 A-4",
			[]*RowError{{2, "A-2", `line 4: the quote that opens column "Description" is not closed; lines 4 to 6 are lost, reading goes on at line 7`}}, nil},
		"never closed, rows without quotes follow": {"\"Row 1,A-1,101,Open,text\nRow 2,A-2,102,Open,text\nRow 3,A-3,103,Open,text\n", "A-2 A-3",
			[]*RowError{{1, "A-1", `line 2: the quote that opens column "Summary" is not closed; line 2 is lost, reading goes on at line 3`}}, nil},
		"never closed, last row": {row(1) + "Row 2,A-2,102,Open,\"text\nmore\n", "A-1",
			[]*RowError{{2, "A-2", `line 4: the quote that opens column "Description" is never closed; lines 4 to 6, the end of the file, are lost`}}, nil},
		"not doubled": {"\"a \"good\" one\",A-1,101,Open,\"text\"\n" + row(2), "A-1 A-2", nil,
			[]string{`line 2: a quote in column "Summary" is not doubled; the text was taken as it stands`}},
		"in the middle of plain text": {"5\" screen,A-1,101,Open,text\n" + row(2), "A-1 A-2", nil, nil},
		"not doubled, and a column lost": {"\"a \"good, bad\",A-1\",101,Open\n" + row(2), "A-2",
			[]*RowError{{1, "", `line 2: a quote in column "Summary" is not doubled or not closed, and the row has 4 of 5 columns`}}, nil},
		"a comma too many": {"a, b,A-1,101,Open,text\n" + row(2), "A-2",
			[]*RowError{{1, "A-1", `line 2: the row has 6 columns, the header 5; a text with "," in it must be quoted`}}, nil},
		"columns missing at the end": {"a,A-1,101\n" + row(2), "A-1 A-2", nil,
			[]string{"line 2: the row has 3 of 5 columns; the others were taken as empty"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(head + c.text), iotest.OneByteReader(strings.NewReader(head + c.text))} {
				issues, refused, _, err := readAll("x", in)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "keys", keysOf(issues), c.keys)
				same(t, "refused", refused, c.refused)
				same(t, "notes", issues[0].Notes, c.notes)
			}
		})
	}
}

func TestAnIssueQuotedInATextIsNotAnIssue(t *testing.T) {
	quoted := "see\n\"\"Row 9\"\",A-9,109,Open,x\nRow 8,A-8,108,Open,y\nend"
	issues, refused, _ := readText(t, head+"a,A-1,101,Open,\""+quoted+"\"\n"+row(2))
	same(t, "keys", keysOf(issues), "A-1 A-2")
	same(t, "refused", len(refused), 0)
}

func TestALongCellIsRefusedByNameAndSize(t *testing.T) {
	for name, size := range map[string]int{"just over": maxCell + 1, "1 MB": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			long := strings.Repeat("abc def\n", size/8) + strings.Repeat("x", size%8)
			text := head + row(1) + "b,A-2,102,Open,\"" + long + "\"\n" + row(3)
			issues, refused, _ := readText(t, text)
			same(t, "keys", keysOf(issues), "A-1 A-3")
			same(t, "refused", refused, []*RowError{{2, "A-2", fmt.Sprintf(`line 4: column "Description" has %d bytes; at most 131072 are taken`, size)}})
		})
	}
	issues, refused, _ := readText(t, head+"b,A-2,102,Open,\""+strings.Repeat("x", maxCell)+"\"\n")
	same(t, "just not", []int{len(issues), len(refused)}, []int{1, 0})

	_, refused, _ = readText(t, one("A-1")+"\n"+strings.Replace(one("A-2"), `"x"`, `"`+strings.Repeat("x", 1<<20)+`"`, 1)+"\n")
	same(t, "JSON", refused, []*RowError{{2, "A-2", `field "summary" has 1048576 bytes; at most 131072 are taken`}})
}

func TestAnOpenQuoteBeforeManyRowsCostsOneRow(t *testing.T) {
	var b strings.Builder
	b.WriteString(head + "a,A-1,101,Open,\"open\n")
	for n := 2; n < 20000; n++ {
		fmt.Fprintf(&b, "Row %d,A-%d,%d,Open,plain\n", n, n, n)
	}
	issues, refused, _ := readText(t, b.String())
	same(t, "read and refused", []int{len(issues), len(refused)}, []int{19998, 1})
}

func TestATextWithoutEndIsReadPast(t *testing.T) {
	text := head + row(1) + "a,A-2,102,Open,\"" + strings.Repeat("nothing here looks like an issue\n", 18<<20/33) + row(3)
	issues, refused, _ := readText(t, text)
	same(t, "keys", keysOf(issues), "A-1 A-3")
	if len(refused) != 1 || refused[0].Key != "A-2" || !strings.Contains(refused[0].Reason, "longer than 16 MiB") {
		t.Error(refused)
	}
}

func TestFilesThatAreNoExport(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want error
		says string
	}{
		"empty":              {"", ErrEmpty, "empty.csv: the file is empty"},
		"only white space":   {" \n\n", ErrEmpty, ""},
		"only a BOM":         {"\uFEFF", ErrEmpty, ""},
		"empty, packed":      {zip(t, ""), ErrEmpty, ""},
		"other columns":      {"issuekey,title,storypoint\nA-1,x,5\n", ErrNotJira, "the first line is: issuekey | title | storypoint"},
		"a picture":          {"\x89PNG\r\n\x1a\n\x00\x00", ErrNotJira, "the first line is"},
		"HTML":               {"<html><body>", ErrNotJira, "Export CSV"},
		"a ZIP archive":      {"PK\x03\x04...", ErrNotJira, "unpack it first"},
		"other JSON":         {`{"name":"x","items":[]}`, ErrNotJira, "it has items, name; “key” and “fields” are expected"},
		"other JSON lines":   {strings.Repeat(`{"name":"x"}`+"\n", 50), ErrNotJira, "it has name"},
		"broken JSON":        {`{"key":"A-1"`, ErrNotJira, "ends in the middle"},
		"a number":           {"[1,2,3]", ErrNotJira, "no JSON object"},
		"a header left open": {"Issue key,\"Summary\nA-1,x\n", ErrNotJira, ""},
		"2,001 columns":      {"Issue key,Summary" + strings.Repeat(",x", maxColumns-1) + "\n", ErrColumns, "it has 2001"},
		"packed and broken":  {zip(t, strings.Repeat(one("A-1"), 100))[:40], ErrUnpack, ""},
		"packed, no content": {"\x1f\x8b\x08", ErrUnpack, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, _, err := readAll("empty.csv", strings.NewReader(c.text))
			if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) {
				t.Errorf("%v; want %v … %s", err, c.want, c.says)
			}
		})
	}
}

func TestKeysThatAreNone(t *testing.T) {
	issues, refused, _ := readText(t, "Issue key,Summary\nA-*,x\nev.>,x\nA-"+strings.Repeat("1", 5000)+",x\n,x\nA-1,x\n")
	same(t, "keys", keysOf(issues), "A-1")
	same(t, "reasons", []string{refused[0].Reason, refused[1].Reason, refused[3].Reason},
		[]string{`"A-*" is no issue key; one looks like PAY-12`, `"ev.>" is no issue key; one looks like PAY-12`, "it has neither an issue key nor an issue number"})
	if n := len(refused[2].Error()); n > 300 {
		t.Errorf("a message of %d bytes", n)
	}
}

func TestDepthIsLimited(t *testing.T) {
	deep := strings.Replace(one("A-2"), `"x"`, strings.Repeat("[", 100000)+strings.Repeat("]", 100000), 1)
	for name, text := range map[string]string{"lines": one("A-1") + "\n" + deep + "\n" + one("A-3") + "\n", "array": "[" + one("A-1") + "," + deep + "," + one("A-3") + "]"} {
		issues, refused, _ := readText(t, text)
		same(t, name, keysOf(issues), "A-1 A-3")
		if len(refused) != 1 || !strings.Contains(refused[0].Reason, "nested 100002 deep; at most 128") {
			t.Error(name, refused)
		}
	}
}

func TestAJSONIssueOver16MiBIsReadPast(t *testing.T) {
	long := strings.Replace(one("A-2"), `"x"`, `["`+strings.Repeat(`abcdefgh","`, 2<<20)+`"]`, 1)
	for name, text := range map[string]string{"lines": one("A-1") + "\n" + long + "\n" + one("A-3") + "\n", "array": "[" + one("A-1") + "," + long + "," + one("A-3") + "]"} {
		issues, refused, _ := readText(t, text)
		same(t, name, keysOf(issues), "A-1 A-3")
		if len(refused) != 1 || !strings.Contains(refused[0].Reason, "longer than 16 MiB") {
			t.Error(name, refused)
		}
	}
}

func TestManyDifferingFieldsAreRefused(t *testing.T) {
	var b strings.Builder
	for n := range 2500 {
		fmt.Fprintf(&b, `{"key":"A-%d","fields":{"summary":"x","customfield_%d":"y"}}`+"\n", n+1, n)
	}
	issues, refused, r := readText(t, b.String())
	same(t, "counts", []int{len(issues), len(refused), len(r.Unmapped())}, []int{2000, 500, 2000})
}

// repeat is a file of size bytes that holds no memory.
type repeat struct {
	head string
	unit []byte
	left int
	at   int
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.head != "" {
		n := copy(p, r.head)
		r.head = r.head[n:]
		return n, nil
	}
	n := 0
	for n < len(p) && r.left > 0 {
		c := copy(p[n:], r.unit[r.at:])
		n, r.at = n+c, r.at+c
		if r.at == len(r.unit) {
			r.at, r.left = 0, r.left-1
		}
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	lines := bytes.SplitAfter(manyJSON(1), []byte("\n"))
	csv := manyCSV(1)
	cut := bytes.IndexByte(csv, '\n') + 1
	for name, in := range map[string]io.Reader{
		"csv":   &repeat{head: string(csv[:cut]), unit: csv[cut:], left: 24 << 20 / len(csv)},
		"lines": &repeat{unit: lines[0], left: 12 << 20 / len(lines[0])},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Open(name, in)
			if err != nil {
				t.Fatal(err)
			}
			most := uint64(0)
			n := 0
			for ; ; n++ {
				if _, err := r.Next(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatal(err)
				}
				if n%2000 == 0 {
					var m runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapAlloc)
				}
			}
			if n < 8000 || most > 10<<20 {
				t.Errorf("%d issues with %d MB", n, most>>20)
			}
		})
	}
}

func TestGzipBomb(t *testing.T) {
	var packed bytes.Buffer
	text := head + row(1) + "b,A-2,102,Open,\"" + strings.Repeat("\n", 14<<20) + "\"\n"
	packed.WriteString(zip(t, text))
	_, _, _, err := readAll("bomb.gz", &packed)
	if !errors.Is(err, ErrBomb) {
		t.Errorf("%v, want %v", err, ErrBomb)
	}
	r, err := Open("bomb.gz", strings.NewReader(zip(t, text)))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 { // the error stays
		_, err = r.Next()
	}
	if !errors.Is(err, ErrBomb) {
		t.Errorf("later: %v", err)
	}
}

func TestAReaderThatFails(t *testing.T) {
	lost := errors.New("connection lost")
	for _, text := range []string{head + row(1), one("A-1") + "\n"} {
		_, _, _, err := readAll("x", io.MultiReader(strings.NewReader(text), iotest.ErrReader(lost)))
		if !errors.Is(err, lost) {
			t.Errorf("%v, want %v", err, lost)
		}
	}
}
