// Package browsertest drives Chromium in tests of pages: it presses keys,
// drags, waits for what a person would see, and asks axe-core whether everyone
// can use it. It never waits for a span of time, only for something to be so.
package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long Wait waits. It is long since a loaded machine is slow;
// a test that is right never uses it up.
const patience = 20 * time.Second

// Browser is one Chromium with a profile of its own.
type Browser struct{ ctx context.Context }

// Start starts a Chromium that ends with the test. A machine without one fails
// the test: what is not run is not proven.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := ""
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); name != "" && err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no Chromium was found: install it (apt-get install chromium) or name it in CHROMIUM")
	}
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.ExecPath(path), chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", false),
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("disable-renderer-backgrounding", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true))
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	// What the library does not know of the protocol is not an error of ours.
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(func(string, ...any) {}))
	t.Cleanup(func() {
		// Waits until the browser has gone; the library made its profile, and
		// removes it.
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("end the browser: %v", err)
		}
		cancel()
		cancelAllocator()
	})
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return &Browser{ctx}
}

// Tab is one window of the browser.
type Tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string
}

// Open opens a new tab at url and waits until it has loaded.
func (b *Browser) Open(t testing.TB, url string) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			tab.problem(e.ExceptionDetails.Error())
		case *cdplog.EventEntryAdded:
			// A refused command is an answer like others; the browser logs its
			// status as an error.
			if e.Entry.Level == cdplog.LevelError && e.Entry.Source != cdplog.SourceNetwork {
				tab.problem(e.Entry.Text)
			}
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				var words []string
				for _, a := range e.Args {
					words = append(words, string(a.Value)+a.Description)
				}
				tab.problem(strings.Join(words, " "))
			}
		}
	})
	// A tab in the background neither paints nor gets the focus, and a test of
	// two tabs has one in the background.
	// The first run makes the tab; a tab lives as long as the context of that run.
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	tab.run(cdplog.Enable(), emulation.SetFocusEmulationEnabled(true))
	tab.Go(url)
	return tab
}

func (t *Tab) problem(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.problems = append(t.problems, text)
}

// Problems are the script errors and the violations of the content security
// policy since the tab was opened.
func (t *Tab) Problems() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.problems...)
}

func (t *Tab) run(actions ...chromedp.Action) {
	t.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, 2*patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.t.Fatal(err)
	}
}

// Go opens another address and waits until it has loaded.
func (t *Tab) Go(url string) {
	t.t.Helper()
	t.run(chromedp.Navigate(url), chromedp.WaitReady("body"))
}

// Do runs script.
func (t *Tab) Do(script string) {
	t.t.Helper()
	t.run(chromedp.Evaluate(script, nil, awaited))
}

// Text is what script gives as a string.
func (t *Tab) Text(script string) string {
	t.t.Helper()
	var s string
	t.run(chromedp.Evaluate("String("+script+")", &s))
	return s
}

func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// Wait waits until condition, a JavaScript expression, is true.
func (t *Tab) Wait(condition string) {
	t.t.Helper()
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	for {
		var yes bool
		err := chromedp.Run(ctx, chromedp.Poll("Boolean("+condition+")", &yes, chromedp.WithPollingTimeout(patience)))
		if err == nil {
			return
		}
		// A page that is left takes the question with it: ask the next one.
		if ctx.Err() != nil || errors.Is(err, chromedp.ErrPollingTimeout) {
			t.t.Fatalf("never came true: %s (%v); problems: %q", condition, err, t.Problems())
		}
	}
}

// Keys of Press.
const (
	Left, Right, Up, Down = kb.ArrowLeft, kb.ArrowRight, kb.ArrowUp, kb.ArrowDown
	Enter, Escape, Tabs   = kb.Enter, kb.Escape, kb.Tab
	Home, End             = kb.Home, kb.End
)

// Modifiers of Press.
const (
	Shift = input.ModifierShift
	Ctrl  = input.ModifierCtrl
	Alt   = input.ModifierAlt
)

// Press presses a key, or types a text key by key, with modifiers held down.
func (t *Tab) Press(keys string, modifiers ...input.Modifier) {
	t.t.Helper()
	var held input.Modifier
	for _, m := range modifiers {
		held |= m
	}
	var actions []chromedp.Action
	for _, r := range keys {
		for _, e := range kb.Encode(r) {
			// A character of its own would be typed even where the page prevents
			// the default of its key; as part of the key it is not.
			if e.Type == input.KeyChar {
				continue
			}
			if e.Type == input.KeyRawDown || e.Type == input.KeyDown {
				e.Type = input.KeyRawDown
				if r >= ' ' && r < '\ue000' && held&^Shift == 0 {
					e.Type, e.Text = input.KeyDown, string(r)
				}
				if r == '\r' {
					e.Type, e.Text = input.KeyDown, "\r"
				}
			}
			e.Modifiers |= held
			actions = append(actions, e)
		}
	}
	t.run(actions...)
}

// Click clicks in the middle of the first element that selector finds.
func (t *Tab) Click(selector string) {
	t.t.Helper()
	x, y := t.middle(selector)
	t.run(chromedp.MouseClickXY(x, y))
}

// Drag drags the element of from with the mouse onto that of to.
func (t *Tab) Drag(from, to string) {
	t.t.Helper()
	fx, fy := t.middle(from)
	tx, ty := t.middle(to)
	actions := []chromedp.Action{
		chromedp.MouseEvent(input.MouseMoved, fx, fy),
		chromedp.MouseEvent(input.MousePressed, fx, fy, chromedp.ButtonLeft, chromedp.ClickCount(1)),
	}
	const steps = 12
	for i := 1; i <= steps; i++ {
		part := float64(i) / steps
		actions = append(actions, chromedp.MouseEvent(input.MouseMoved, fx+(tx-fx)*part, fy+(ty-fy)*part, chromedp.ButtonLeft), painted())
	}
	t.run(append(actions, chromedp.MouseEvent(input.MouseReleased, tx, ty, chromedp.ButtonLeft, chromedp.ClickCount(1)))...)
}

// painted waits for two frames, so that what moves has been laid out.
func painted() chromedp.Action {
	return chromedp.Evaluate(`new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))`, nil, awaited)
}

func (t *Tab) middle(selector string) (x, y float64) {
	t.t.Helper()
	var box []float64
	t.run(chromedp.Evaluate(fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		if (!e) return [];
		e.scrollIntoView({block: 'nearest', inline: 'nearest'});
		const r = e.getBoundingClientRect();
		return [r.x + r.width / 2, r.y + r.height / 2];
	})()`, selector), &box))
	if len(box) != 2 {
		t.t.Fatalf("there is no %s on the page", selector)
	}
	return box[0], box[1]
}

// Scheme says whether the system is "light" or "dark".
func (t *Tab) Scheme(scheme string) {
	t.t.Helper()
	t.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}), painted())
}

// Size sets the size of the window in CSS pixels.
func (t *Tab) Size(width, height int64) {
	t.t.Helper()
	t.run(chromedp.EmulateViewport(width, height), painted())
}

// Cookie sets a cookie for url.
func (t *Tab) Cookie(url, name, value string) {
	t.t.Helper()
	t.run(network.SetCookie(name, value).WithURL(url))
}

// Picture writes what is seen to file as PNG.
func (t *Tab) Picture(file string) {
	t.t.Helper()
	var png []byte
	t.run(painted(), chromedp.CaptureScreenshot(&png))
	if err := os.WriteFile(file, png, 0o644); err != nil {
		t.t.Fatal(err)
	}
}

// Violation is a rule of axe-core that a page breaks, and where.
type Violation struct {
	ID     string
	Impact string
	Help   string
	Nodes  []struct {
		HTML    string
		Summary string
	}
}

func (v Violation) String() string {
	s := fmt.Sprintf("%s (%s): %s", v.ID, v.Impact, v.Help)
	for i, n := range v.Nodes {
		if i == 3 {
			s += fmt.Sprintf("\n    and %d more", len(v.Nodes)-3)
			break
		}
		s += "\n    " + n.HTML + "\n      " + strings.ReplaceAll(n.Summary, "\n", "\n      ")
	}
	return s
}

// Violations asks axe-core for all that breaks WCAG 2.2 AA or its best
// practices on the page as it is now.
func (t *Tab) Violations() []Violation {
	t.t.Helper()
	source, err := os.ReadFile(axe(t.t))
	if err != nil {
		t.t.Fatal(err)
	}
	var found []Violation
	t.run(
		chromedp.Evaluate(string(source)+"\n;true", nil),
		chromedp.Evaluate(`axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice'], resultTypes: ['violations']}).then(r =>
			r.violations.map(v => ({ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map(n => ({HTML: n.html.slice(0, 200), Summary: n.failureSummary}))})))`, &found, awaited))
	return found
}

// axe finds the script from wherever in the module the test runs.
func axe(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "gateway", "web", "testdata", "axe.min.js")
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test: where is axe.min.js?")
		}
		dir = filepath.Dir(dir)
	}
}
