package web_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"throughline.dev/services/gateway/web/browsertest"
)

// card is the selector of a card.
func card(key string) string { return fmt.Sprintf(`.card:has([href="/items/%s"])`, key) }

// where finds the state of the column that a card stands in.
func where(tab *browsertest.Tab, key string) string {
	return tab.Text(fmt.Sprintf(`document.querySelector(%q).closest('.column').dataset.state`, card(key)))
}

func in(key, state string) string {
	return fmt.Sprintf(`document.querySelector(%q)?.closest('.column').dataset.state === %q && !document.querySelector('[aria-busy]')`, card(key), state)
}

func focusCard(tab *browsertest.Tab, key string) {
	tab.Do(fmt.Sprintf(`document.querySelector(%q).focus()`, card(key)+" .card-title"))
}

const (
	said     = `document.getElementById('say').textContent`
	isLive   = `document.getElementById('live-state').dataset.state === 'live'`
	focusKey = `document.activeElement.closest('.card')?.querySelector('.key').textContent`
)

func TestBoardByKeyboard(t *testing.T) {
	p := newPreview(t)
	tab := browsertest.Start(t).Open(t, p.URL+"/kanban")
	tab.Wait(isLive)

	focusCard(tab, "E-101") // first in Funnel
	tab.Press(browsertest.Down)
	tab.Wait(focusKey + ` === 'E-105'`)
	tab.Press(browsertest.Right)
	tab.Wait(focusKey + ` === 'E-117'`)
	tab.Press(browsertest.Right)
	tab.Wait(focusKey + ` === 'E-108'`)
	if n := tab.Text(`document.querySelectorAll('.board [tabindex="0"]').length`); n != "1" {
		t.Errorf("the board has %s tab stops, want 1", n)
	}

	tab.Press(browsertest.Right, browsertest.Shift) // Analyzing → Ready
	tab.Wait(in("E-108", "ready"))
	tab.Wait(said + `.startsWith('E-108 moved to Ready')`)
	tab.Wait(focusKey + ` === 'E-108'`)
	tab.Wait(`Number(document.getElementById('kanban').dataset.position) >= 5001`)
	if got := where(tab, "E-108"); got != "ready" {
		t.Errorf("after the refresh E-108 stands in %s", got)
	}
	tab.Wait(focusKey + ` === 'E-108'`) // the focus survives the refresh

	sent := p.sent()
	if len(sent) != 1 || sent[0].body["to"] != "ready" || sent[0].match != `"1007"` {
		t.Fatalf("sent %+v, want one move to ready, on version 1007", sent)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(sent[0].key) {
		t.Errorf("Idempotency-Key %q is not a UUID", sent[0].key)
	}
	tab.Press(browsertest.Left, browsertest.Shift) // and back, on the version it has now
	tab.Wait(in("E-108", "analyzing"))
	if sent := p.sent(); len(sent) != 2 || sent[1].match != `"5001"` {
		t.Errorf("sent %+v, want the second move on version 5001", sent)
	}
	if problems := tab.Problems(); len(problems) > 0 {
		t.Errorf("the page has errors: %q", problems)
	}
}

func TestARefusedMoveGoesBackAndSaysWhy(t *testing.T) {
	p := newPreview(t)
	tab := browsertest.Start(t).Open(t, p.URL+"/kanban")
	tab.Wait(isLive)
	before := tab.Text(`document.querySelector('#column-persevere [data-count]').textContent`)

	focusCard(tab, "E-102") // Persevere → Done is refused
	tab.Press(browsertest.Right, browsertest.Shift)
	tab.Wait(`document.querySelector('.toast')?.textContent.includes('its outcome was decided')`)
	tab.Wait(in("E-102", "persevere"))
	tab.Wait(focusKey + ` === 'E-102'`)
	if after := tab.Text(`document.querySelector('#column-persevere [data-count]').textContent`); after != before {
		t.Errorf("the column counts %s epics, it was %s", after, before)
	}
	picture(t, tab, "refused-light")
	for _, v := range tab.Violations() {
		t.Error(v)
	}
}

func TestAFullColumnAsksForAReason(t *testing.T) {
	p := newPreview(t)
	tab := browsertest.Start(t).Open(t, p.URL+"/kanban")
	tab.Scheme("dark")
	tab.Wait(isLive)

	focusCard(tab, "E-101")
	tab.Press("m")
	tab.Wait(`document.activeElement.closest('#move-menu')`)
	picture(t, tab, "menu-dark")
	for _, v := range tab.Violations() {
		if v.ID != "region" { // a menu in the top layer is in no landmark
			t.Error(v)
		}
	}
	tab.Press("r") // Reviewing
	tab.Press(browsertest.Enter)
	tab.Wait(`document.getElementById('move-dialog').open`)
	tab.Wait(`document.querySelector('#move-dialog .form-error').textContent.includes('its limit is 5')`)
	tab.Wait(`document.activeElement.name === 'reason'`)
	picture(t, tab, "dialog-dark")
	for _, v := range tab.Violations() {
		t.Error(v)
	}
	tab.Press("the board asked for it")
	tab.Do(`document.querySelector('#move-dialog [type=submit]').click()`)
	tab.Wait(`!document.getElementById('move-dialog').open`)
	tab.Wait(in("E-101", "reviewing"))
	last := p.sent()[1]
	if last.body["override"] != true || last.body["reason"] != "the board asked for it" || last.body["to"] != "reviewing" {
		t.Errorf("sent %v", last.body)
	}
}

func TestBoardByMouse(t *testing.T) {
	p := newPreview(t)
	tab := browsertest.Start(t).Open(t, p.URL+"/kanban")
	tab.Wait(isLive)
	tab.Drag(card("E-104")+" .card-title", "#column-ready .card:nth-child(2)")
	tab.Wait(in("E-104", "ready"))
	if sent := p.sent(); len(sent) != 1 || sent[0].body["to"] != "ready" {
		t.Fatalf("sent %+v, want one move to ready", sent)
	}
	if path := tab.Text(`location.pathname`); path != "/kanban" {
		t.Errorf("the drag opened %s", path)
	}
	tab.Drag(card("E-113"), "#column-analyzing .card:nth-child(1)")
	tab.Wait(in("E-113", "analyzing"))
	tab.Drag(card("E-125"), "#column-reviewing .card:nth-child(1)") // full: it goes back
	tab.Wait(`document.getElementById('move-dialog').open`)
	tab.Wait(in("E-125", "analyzing"))
}

func TestTwoWindowsAreLive(t *testing.T) {
	p := newPreview(t)
	browser := browsertest.Start(t)
	one, two := browser.Open(t, p.URL+"/kanban"), browser.Open(t, p.URL+"/kanban?blocked=")
	one.Wait(isLive)
	two.Wait(isLive)
	focusCard(two, "E-104")
	focusCard(one, "E-104")
	one.Press(browsertest.Right, browsertest.Shift)
	two.Wait(in("E-104", "ready"))
	two.Wait(focusKey + ` === 'E-104'`)
	two.Wait(`Number(document.getElementById('kanban').dataset.position) >= 5001`)
	// Cut every connection: what happens meanwhile arrives after it is back.
	p.CloseClientConnections()
	focusCard(one, "E-104")
	one.Press(browsertest.Right, browsertest.Shift)
	two.Wait(in("E-104", "mvp"))
}

func TestThePastCannotBeChanged(t *testing.T) {
	p := newPreview(t)
	tab := browsertest.Start(t).Open(t, p.URL+"/kanban")
	tab.Press("t", browsertest.Alt)
	tab.Wait(`document.activeElement.id === 'as-of-at'`)
	picture(t, tab, "as-of-light")
	for _, v := range tab.Violations() {
		t.Error(v)
	}
	tab.Do(`document.getElementById('as-of-at').value = '2026-10-03T14:00'`)
	tab.Do(`document.querySelector('[data-when=asOf] button').click()`)
	tab.Wait(`location.search.includes('asOf=2026-10-03T') && document.readyState === 'complete' && document.querySelector('.past-bar')`)
	if text := tab.Text(`document.querySelector('.past-bar').textContent`); !strings.Contains(text, "3 Oct 2026, 14:00") {
		t.Errorf("the bar says %q", text)
	}
	focusCard(tab, "E-104")
	tab.Press(browsertest.Right, browsertest.Shift)
	tab.Press("m")
	tab.Drag(card("E-113"), "#column-analyzing .card:nth-child(1)")
	if got := where(tab, "E-104"); got != "analyzing" {
		t.Errorf("E-104 moved to %s in the past", got)
	}
	if sent := p.sent(); len(sent) > 0 {
		t.Errorf("the past sent %+v", sent)
	}
	if n := tab.Text(`document.querySelectorAll('[hx-trigger*=live], [data-menu], form[data-command]').length`); n != "0" {
		t.Errorf("%s elements of a past page could fetch or send", n)
	}
	tab.Click("#back-to-now")
	tab.Wait(`location.search === '' && !document.querySelector('.past-bar')`)
}

func TestFiltersStayInTheAddress(t *testing.T) {
	p := newPreview(t)
	tab := browsertest.Start(t).Open(t, p.URL+"/kanban")
	tab.Do(`document.querySelector('[name=blocked]').click()`)
	tab.Wait(`location.search === '?blocked=true' && document.querySelector('.filter-sum').textContent.includes(' of 60')`)
	tab.Wait(`!document.querySelector('.card:not(.card-blocked)')`)
	tab.Do(`document.querySelector('[data-set=asOf]').click()`)
	tab.Wait(`location.search.includes('blocked=true') && location.search.includes('asOf=')`)
}
