package backlog

import "strings"

// Ranks are texts that sort bytewise, and between any two of them there is
// another one, so that a move changes the rank of what moved and no other.
//
// A rank is an integer part and a fraction in base 36. The first character
// tells the length of the integer part and its sign, so that placing at the
// end or at the beginning counts up or down and stays short: 36 items take 2
// characters, 1.7 million take 6. Only placing again and again into the same
// gap makes a rank longer, by a character for about five times.
//
// The scheme is David Greenspan's ("Implementing Fractional Indexing"), with
// digits instead of capitals before the zero so that ranks also survive
// stores that ignore case.

const digits = "0123456789abcdefghijklmnopqrstuvwxyz"

// zeroRank is the first one given in an empty backlog.
const zeroRank = "a0"

// rankBetween returns a rank after a and before b; an empty one is an open end.
// It needs a < b where both are there.
func rankBetween(a, b string) string {
	switch {
	case a == "" && b == "":
		return zeroRank
	case a == "":
		head := b[:intLen(b)]
		if head < b {
			return head
		}
		if down, ok := countDown(head); ok {
			return down
		}
		return head + middle("", b[len(head):])
	case b == "":
		head := a[:intLen(a)]
		if up, ok := countUp(head); ok {
			return up
		}
		return head + middle(a[len(head):], "")
	}
	headA, headB := a[:intLen(a)], b[:intLen(b)]
	if headA == headB {
		return headA + middle(a[len(headA):], b[len(headB):])
	}
	if up, ok := countUp(headA); ok && up < b {
		return up
	}
	return headA + middle(a[len(headA):], "")
}

// intLen is the length of a rank's integer part, its first character included:
// a to z have 1 to 26 digits, 9 down to 0 have 1 to 10.
func intLen(rank string) int {
	if c := rank[0]; c >= 'a' {
		return int(c-'a') + 2
	}
	return int('9'-rank[0]) + 2
}

// countUp returns the next integer, false past the last one.
func countUp(head string) (string, bool) {
	b := []byte(head)
	for i := len(b) - 1; i > 0; i-- {
		d := strings.IndexByte(digits, b[i]) + 1
		if d < len(digits) {
			b[i] = digits[d]
			return string(b), true
		}
		b[i] = digits[0]
	}
	switch {
	case b[0] == '9':
		return zeroRank, true
	case b[0] == 'z':
		return "", false
	case b[0] > '9':
		return string(b[0]+1) + string(b[1:]) + "0", true
	}
	return string(b[0]+1) + string(b[2:]), true
}

// countDown returns the integer before, false before the first one.
func countDown(head string) (string, bool) {
	b := []byte(head)
	for i := len(b) - 1; i > 0; i-- {
		d := strings.IndexByte(digits, b[i]) - 1
		if d >= 0 {
			b[i] = digits[d]
			return string(b), true
		}
		b[i] = digits[len(digits)-1]
	}
	switch {
	case b[0] == 'a':
		return "9z", true
	case b[0] == '0':
		return "", false
	case b[0] > 'a':
		return string(b[0]-1) + string(b[2:]), true
	}
	return string(b[0]-1) + string(b[1:]) + "z", true
}

// middle returns a fraction after a and before b that does not end in a 0; an
// empty b is the open end.
func middle(a, b string) string {
	if b != "" {
		n := 0
		for n < len(b) && digitAt(a, n) == b[n] {
			n++
		}
		if n > 0 {
			return b[:n] + middle(a[min(n, len(a)):], b[n:])
		}
	}
	low, high := 0, len(digits)
	if a != "" {
		low = strings.IndexByte(digits, a[0])
	}
	if b != "" {
		high = strings.IndexByte(digits, b[0])
	}
	if high-low > 1 {
		return string(digits[(low+high+1)/2])
	}
	if len(b) > 1 {
		return b[:1]
	}
	rest := ""
	if a != "" {
		rest = a[1:]
	}
	return string(digits[low]) + middle(rest, "")
}

// digitAt reads beyond a fraction's end as 0.
func digitAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return digits[0]
}
