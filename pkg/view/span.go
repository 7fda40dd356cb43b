package view

import (
	"encoding/base64"
	"strings"

	"throughline.dev/pkg/fail"
)

// An index entry is escape(Sort) + "\0\x01" + id. Escaping "\0" as "\0\xff"
// keeps the order of Sort for any bytes and the end of Sort unmistakable. The
// entry of index "" is the id itself.
const endOfSort = "\x00\x01"

func entry(index, sort, id string) string {
	if index == "" {
		return id
	}
	return escape(sort) + endOfSort + id
}

func escape(sort string) string {
	if strings.IndexByte(sort, 0) < 0 {
		return sort
	}
	return strings.ReplaceAll(sort, "\x00", "\x00\xff")
}

// split is entry's inverse.
func split(index, e string) (sort, id string) {
	if index == "" {
		return "", e
	}
	sort, id, _ = strings.Cut(e, endOfSort)
	return strings.ReplaceAll(sort, "\x00\xff", "\x00"), id
}

// span is a stretch of entries of one index: lo ≤ entry < hi.
type span struct {
	index  string
	lo, hi string // hi "": no end
	desc   bool
	limit  int // 0: all
}

// span turns a range into the stretch that it means.
func (q Range) span() (span, error) {
	if q.Index != "" && !validName(q.Index) {
		return span{}, fail.Invalid("index", "an index is named by lower-case letters, digits and dashes, not %.40q", q.Index)
	}
	s := span{index: q.Index, desc: q.Desc, limit: max(q.Limit, 0)}
	prefix := q.Prefix
	if q.Index != "" {
		prefix = escape(prefix)
	}
	s.lo, s.hi = prefix, successor(prefix)
	if q.After == "" {
		return s, nil
	}
	after, err := base64.RawURLEncoding.DecodeString(q.After)
	if err != nil || len(after) == 0 || (q.Index != "" && !strings.Contains(string(after), endOfSort)) {
		return span{}, fail.Invalid("after", "it is not a continuation that this list gave; leave it out to start at the beginning")
	}
	if a := string(after); q.Desc {
		if s.hi == "" || a < s.hi {
			s.hi = a
		}
	} else if a += "\x00"; a > s.lo {
		s.lo = a
	}
	return s, nil
}

func continuation(entry string) string { return base64.RawURLEncoding.EncodeToString([]byte(entry)) }

// successor returns the first string after all those that begin with prefix;
// "": there is none.
func successor(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			return prefix[:i] + string([]byte{prefix[i] + 1})
		}
	}
	return ""
}
