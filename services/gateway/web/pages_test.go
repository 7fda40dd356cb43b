package web_test

import (
	"testing"

	"throughline.dev/services/gateway/web/browsertest"
)

func TestPaletteFindsPagesAndItems(t *testing.T) {
	p := newPreview(t)
	tab := browsertest.Start(t).Open(t, p.URL+"/kanban")
	tab.Wait(isLive)
	tab.Press("k", browsertest.Ctrl)
	tab.Wait(`document.getElementById('palette').open`)
	tab.Press("consent")
	tab.Wait(`document.querySelectorAll('#palette-items [role=option]').length > 2`)
	picture(t, tab, "palette-light")
	for _, v := range tab.Violations() {
		t.Error(v)
	}
	tab.Do(`document.getElementById('palette-input').select()`)
	tab.Press("back")
	tab.Wait(`document.querySelector('#palette-pages [aria-selected=true]')?.id === 'page-backlog'`)
	tab.Press(browsertest.Enter)
	tab.Wait(`location.pathname === '/backlog' && document.readyState === 'complete'`)
	if problems := tab.Problems(); len(problems) > 0 {
		t.Errorf("the page has errors: %q", problems)
	}
}

func TestTreeByKeyboard(t *testing.T) {
	p := newPreview(t)
	tab := browsertest.Start(t).Open(t, p.URL+"/strategy")
	tab.Do(`document.querySelector('#item-f3').focus()`)
	tab.Press(browsertest.Right)
	tab.Wait(`document.querySelector('#item-s8')`) // fetched when it was opened
	tab.Wait(`location.search.includes('f3')`)
	tab.Press(browsertest.Right)
	tab.Wait(`document.activeElement.id === 'item-s7'`)
	tab.Press(browsertest.Left)
	tab.Wait(`document.activeElement.id === 'item-f3'`)
	tab.Press(browsertest.Left)
	tab.Wait(`document.querySelector('#item-f3').ariaExpanded === 'false' && !document.querySelector('#item-s8').checkVisibility()`)
	tab.Press(browsertest.Home)
	tab.Wait(`document.activeElement.id === 'item-v1'`)
	if problems := tab.Problems(); len(problems) > 0 {
		t.Errorf("the page has errors: %q", problems)
	}
}

func TestBacklogIsRanked(t *testing.T) {
	p := newPreview(t)
	tab := browsertest.Start(t).Open(t, p.URL+"/backlog")
	tab.Wait(isLive)
	tab.Do(`document.querySelector('.rank-title').focus()`)
	tab.Press(browsertest.Down, browsertest.Shift)
	tab.Wait(`document.querySelector('.rank:nth-child(2)').dataset.key === 'PAY-200' && document.querySelector('.rank:nth-child(2) .rank-no').textContent === '2'`)
	tab.Wait(`document.activeElement.closest('.rank')?.dataset.key === 'PAY-200'`)
	tab.Drag(`.rank:nth-child(5) .rank-title`, `.rank:nth-child(1) .rank-title`)
	tab.Wait(`document.querySelector('.rank:nth-child(1)').dataset.key === 'PAY-228' && document.querySelector('.rank:nth-child(1) .rank-no').textContent === '1'`)
	sent := p.sent()
	if len(sent) != 2 || sent[0].path != "/api/v1/orders/payments/move-after" || sent[0].body["after"] != "01hzitem0001" || sent[1].path != "/api/v1/orders/payments/move-before" || sent[1].body["before"] != "01hzitem0001" {
		t.Errorf("sent %+v", sent)
	}
	if problems := tab.Problems(); len(problems) > 0 {
		t.Errorf("the page has errors: %q", problems)
	}
}

func TestInboxIsTriagedByKeys(t *testing.T) {
	p := newPreview(t)
	tab := browsertest.Start(t).Open(t, p.URL+"/feedback/1")
	tab.Wait(isLive)
	tab.Press("j")
	tab.Wait(`document.querySelector('.voice').dataset.id === '2' && location.pathname === '/feedback/2'`)
	tab.Press("1")
	tab.Wait(`document.getElementById('link-dialog').open`)
	tab.Press("consent")
	tab.Wait(`document.querySelectorAll('#link-dialog [role=option]').length > 0`)
	tab.Press(browsertest.Enter)
	tab.Do(`document.querySelector('#link-dialog textarea').value = 'not said'`)
	tab.Do(`document.querySelector('#link-dialog [type=submit]').click()`)
	tab.Wait(`document.querySelector('#link-dialog [data-field=excerpt] .field-error').textContent.includes('own words')`)
	tab.Wait(`document.activeElement.name === 'excerpt' && document.activeElement.ariaInvalid === 'true'`)
	picture(t, tab, "link-light")
	for _, v := range tab.Violations() {
		t.Error(v)
	}
	tab.Do(`document.querySelector('#link-dialog textarea').value = ''`)
	tab.Do(`document.querySelector('#link-dialog [type=submit]').click()`)
	tab.Wait(`document.querySelector('.voice').dataset.id === '3'`) // on to the next
	last := p.sent()[1]
	target, _ := last.body["target"].(map[string]any)
	if target["id"] == nil || last.body["importance"] != "2" || last.body["excerpt"] != nil || last.path != "/api/v1/feedback/2/link" {
		t.Errorf("sent %+v", last)
	}
	if problems := tab.Problems(); len(problems) > 0 {
		t.Errorf("the page has errors: %q", problems)
	}
}
