package jira

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// manyCSV is an export of n issues whose texts hold what texts hold.
func manyCSV(n int) []byte {
	var b bytes.Buffer
	b.WriteString("Summary,Issue key,Issue id,Issue Type,Status,Project key,Created,Updated,Description,Labels,Labels,Sprint,Custom field (Story Points),Custom field (Team),Parent key,Status Category\r\n")
	text := strings.Repeat("As a \"\"visitor\"\" I want a basket, so that I can pay later.\n", 12)
	for i := range n {
		fmt.Fprintf(&b, "\"Basket, part %d\",PAY-%d,%d,Story,To Do,PAY,25/Feb/26 2:54 PM,27/Feb/26 2:16 PM,\"%s\",web,shop,Sprint 4,5.0,Blue,PAY-1,To Do\r\n", i, i+1, 10000+i, text)
	}
	return b.Bytes()
}

func manyJSON(n int) []byte {
	var b bytes.Buffer
	text := strings.Repeat(`As a \"visitor\" I want a basket, so that I can pay later.\n`, 12)
	for i := range n {
		fmt.Fprintf(&b, `{"id":"%d","key":"PAY-%d","fields":{"summary":"Basket, part %d","description":"%s","issuetype":{"name":"Story","subtask":false},"project":{"key":"PAY","name":"Payments"},"status":{"name":"To Do","statusCategory":{"key":"new"}},"created":"2026-02-25T14:54:00.000+0000","updated":"2026-02-27T14:16:00.000+0000","labels":["web","shop"],"assignee":{"accountId":"7","displayName":"Ada"},"comment":{"total":1,"comments":[{"id":"1","author":{"accountId":"7"},"body":"Done?","created":"2026-02-26T14:16:00.000+0000"}]},"customfield_10200":{"value":"Blue"},"customfield_10201":null}}`+"\n",
			10000+i, i+1, i, text)
	}
	return b.Bytes()
}

// readAll returns the issues, the refusals and what ended the reading.
func readAll(name string, in io.Reader) (issues []Issue, refused []*RowError, r *Reader, err error) {
	r, err = Open(name, in)
	if err != nil {
		return nil, nil, nil, err
	}
	for {
		issue, err := r.Next()
		var row *RowError
		switch {
		case err == nil:
			issues = append(issues, issue)
		case errors.As(err, &row):
			refused = append(refused, row)
		case err == io.EOF:
			return issues, refused, r, nil
		default:
			return issues, refused, r, err
		}
	}
}

func bench(b *testing.B, data []byte, want int) {
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open("bench", bytes.NewReader(data))
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != want {
			b.Fatalf("%d issues, want %d", n, want)
		}
	}
}

func BenchmarkCSV(b *testing.B)       { bench(b, manyCSV(2000), 2000) }
func BenchmarkJSONLines(b *testing.B) { bench(b, manyJSON(2000), 2000) }
