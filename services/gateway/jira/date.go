package jira

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// dates reads every date form that Jira writes: ISO, the names of months in
// the languages of months, and numbers, whose order is the file's.
type dates struct {
	dayFirst, monthFirst bool // seen proof: a first or second number above 12
	// Without proof: rows that would be updated before they were created.
	dayWrong, monthWrong int
}

type dateKind int

const (
	unreadable dateKind = iota
	certain
	ambiguous // numbers only, both orders possible, and the file does not say
)

var isoLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", "2006-01-02T15:04",
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05Z07:00",
}

// parse returns the date in UTC.
func (d *dates) parse(s string) (time.Time, dateKind) {
	if s = strings.TrimSpace(s); len(s) > 64 {
		return time.Time{}, unreadable
	}
	if len(s) >= 10 && s[4] == '-' && s[7] == '-' {
		for _, layout := range isoLayouts {
			if t, err := time.Parse(layout, s); err == nil {
				if !plausibleYear(t.Year()) {
					return time.Time{}, unreadable
				}
				return t.UTC(), certain
			}
		}
	}
	p, ok := split(s)
	if !ok {
		return time.Time{}, unreadable
	}
	if !p.numeric {
		t, ok := p.on(p.year, p.month, p.a)
		return t, kindOf(ok, certain, unreadable)
	}
	day, dayOK := p.on(p.year, p.b, p.a)
	month, monthOK := p.on(p.year, p.a, p.b)
	switch { // what cannot be, decides
	case dayOK != monthOK:
		if dayOK {
			return day, certain
		}
		return month, certain
	case !dayOK:
		return time.Time{}, unreadable
	case day.Equal(month):
		return day, certain
	}
	first, known := d.order()
	if first == 'm' {
		return month, kindOf(known, certain, ambiguous)
	}
	return day, kindOf(known, certain, ambiguous)
}

func kindOf(ok bool, yes, no dateKind) dateKind {
	if ok {
		return yes
	}
	return no
}

// order is 'd' or 'm', and whether the file has shown it. Day first is what
// Jira itself writes, so it is assumed.
func (d *dates) order() (byte, bool) {
	switch {
	case d.dayFirst && d.monthFirst: // two forms in one file: neither is proof
		return 'd', false
	case d.dayFirst, d.monthWrong > 0 && d.dayWrong == 0:
		return 'd', true
	case d.monthFirst, d.dayWrong > 0 && d.monthWrong == 0:
		return 'm', true
	}
	return 'd', false
}

// settled says that reading on for evidence is of no use.
func (d *dates) settled() bool { return d.dayFirst || d.monthFirst }

// observe takes a row's dates as evidence: earlier must not be after later.
// It says whether one of them consists of numbers only.
func (d *dates) observe(earlier, later string) bool {
	a, okA := split(earlier)
	b, okB := split(later)
	for _, p := range []struct {
		parts
		ok bool
	}{{a, okA}, {b, okB}} {
		if p.ok && p.numeric {
			d.dayFirst = d.dayFirst || p.a > 12
			d.monthFirst = d.monthFirst || p.b > 12
		}
	}
	if okA && okB && a.numeric && b.numeric {
		if before(b, a, func(p parts) (time.Time, bool) { return p.on(p.year, p.b, p.a) }) {
			d.dayWrong++
		}
		if before(b, a, func(p parts) (time.Time, bool) { return p.on(p.year, p.a, p.b) }) {
			d.monthWrong++
		}
	}
	return okA && a.numeric || okB && b.numeric
}

func before(x, y parts, read func(parts) (time.Time, bool)) bool {
	tx, okX := read(x)
	ty, okY := read(y)
	return okX && okY && tx.Before(ty)
}

// parts is a date taken apart: a is the day, or with numeric the first of two
// numbers whose order is open.
type parts struct {
	a, b, month, year    int
	numeric              bool
	hour, minute, second int
	zone                 *time.Location
}

func (p parts) on(year, month, day int) (time.Time, bool) {
	t := time.Date(year, time.Month(month), day, p.hour, p.minute, p.second, 0, p.zone)
	if month < 1 || month > 12 || t.Day() != day || !plausibleYear(year) {
		return time.Time{}, false
	}
	return t.UTC(), true
}

// plausibleYear keeps out what can only be a mistake, and what cannot be
// written as RFC 3339.
func plausibleYear(year int) bool { return year >= 1900 && year <= 2200 }

// split takes apart everything that is not ISO: "25/Feb/26 10:17 PM",
// "05/août/25 2:47 PM", "3/4/2026 18:55:03", "25.02.2026 22:17", "Feb 25, 2026".
func split(s string) (parts, bool) {
	p := parts{zone: time.UTC}
	if len(s) > 64 {
		return p, false
	}
	date, ok := p.clock(s)
	if !ok {
		return p, false
	}
	var numbers []int
	var widths []int
	for _, w := range strings.FieldsFunc(date, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if n, err := strconv.Atoi(w); err == nil {
			numbers, widths = append(numbers, n), append(widths, len(w))
			continue
		}
		w = strings.ToLower(w)
		if w == "de" || w == "of" { // 5 de agosto de 2025
			continue
		}
		m, known := months[w]
		if !known || p.month != 0 {
			return p, false
		}
		p.month = m
	}
	if p.month != 0 {
		if len(numbers) != 2 {
			return p, false
		}
		if widths[0] == 4 {
			p.year, p.a = numbers[0], numbers[1]
		} else {
			p.a, p.year = numbers[0], century(numbers[1], widths[1])
		}
		return p, true
	}
	if len(numbers) != 3 {
		return p, false
	}
	if widths[0] == 4 { // 2026/02/25
		p.year, p.month, p.a = numbers[0], numbers[1], numbers[2]
		return p, true
	}
	p.numeric, p.a, p.b, p.year = true, numbers[0], numbers[1], century(numbers[2], widths[2])
	return p, true
}

func century(year, width int) int {
	switch {
	case width == 4:
		return year
	case width != 2:
		return -1
	case year < 70:
		return 2000 + year
	}
	return 1900 + year
}

// clock reads the time of day at the end of s and returns what is before it.
func (p *parts) clock(s string) (string, bool) {
	colon := strings.IndexByte(s, ':')
	if colon < 0 {
		return s, true
	}
	start := strings.LastIndexAny(s[:colon], " \t,T") // the word that the colon is in
	if start < 0 {
		return s, false
	}
	date, rest := s[:start], strings.TrimSpace(s[start+1:])
	end := strings.IndexFunc(rest, func(r rune) bool { return r != ':' && r != '.' && !unicode.IsDigit(r) })
	if end < 0 {
		end = len(rest)
	}
	hms := strings.Split(strings.TrimRight(rest[:end], "."), ":")
	if len(hms) > 3 {
		return date, false
	}
	for i, to := range []*int{&p.hour, &p.minute, &p.second}[:len(hms)] {
		whole, _, _ := strings.Cut(hms[i], ".")
		n, err := strconv.Atoi(whole)
		if err != nil {
			return date, false
		}
		*to = n
	}
	suffix := strings.ToLower(noise.Replace(rest[end:]))
	switch suffix {
	case "", "uhr", "z", "utc", "gmt":
	case "am", "vorm":
		if p.hour < 1 || p.hour > 12 {
			return date, false
		}
		p.hour %= 12
	case "pm", "nachm":
		if p.hour < 1 || p.hour > 12 {
			return date, false
		}
		p.hour = p.hour%12 + 12
	default:
		zone, err := time.Parse("-0700", strings.ReplaceAll(suffix, ":", ""))
		if err != nil {
			return date, false
		}
		p.zone = zone.Location()
	}
	return date, p.hour < 24 && p.minute < 60 && p.second < 60
}

// noise within "p. m." and the like.
var noise = strings.NewReplacer(".", "", " ", "", "\u00a0", "", "\u202f", "")

// months: names and abbreviations as Java's locales write them, without dots.
// No word means two months in two of these languages.
var months = monthTable(
	"january jan january janv janvier januar jän jänner enero ene janeiro gennaio gen januari",
	"february feb févr fév fevr février februar febrero fev fevereiro febbraio februari",
	"march mar mars märz mär mrz marzo março maart mrt",
	"april apr avr avril abr abril aprile",
	"may mai mayo maio mag maggio mei",
	"june jun juin juni junio junho giu giugno",
	"july jul juil juillet juli julio julho lug luglio",
	"august aug août aout ago agosto augustus",
	"september sep sept septembre septiembre set setembro settembre",
	"october oct octobre okt oktober octubre out outubro ott ottobre",
	"november nov novembre noviembre novembro",
	"december dec déc décembre dez dezember dic diciembre dezembro dicembre",
)

func monthTable(names ...string) map[string]int {
	t := map[string]int{}
	for i, line := range names {
		for _, name := range strings.Fields(line) {
			t[name] = i + 1
		}
	}
	return t
}
