package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"throughline.dev/services/gateway/web/page"
)

func TestVendoredScriptsAreThePublishedOnes(t *testing.T) {
	a := newAssets(t)
	for name, want := range map[string]string{
		"vendor/htmx.min.js":     "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
		"vendor/Sortable.min.js": "bf4241bc73fef7f11c59a283a69fe8051cdd31c6d8ff5a2b9ba219e7831fcf76",
	} {
		sum := sha256.Sum256(a.files[name].plain)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s has sha256 %s, want %s", name, got, want)
		}
	}
}

func TestAssetsAreServedCompressedAndForEver(t *testing.T) {
	a := newAssets(t)
	for _, one := range []struct {
		name, path, accept string
		status             int
		cache, encoding    string
	}{
		{"gzip", a.Base() + "app.css", "br, gzip;q=0.8", 200, "public, max-age=31536000, immutable", "gzip"},
		{"plain", a.Base() + "app.css", "", 200, "public, max-age=31536000, immutable", ""},
		{"gzip refused", a.Base() + "app.css", "gzip;q=0", 200, "public, max-age=31536000, immutable", ""},
		{"another build", "/static/0123456789ab/app.css", "gzip", 200, "no-store", "gzip"},
		{"no such file", a.Base() + "none.js", "gzip", 404, "", ""},
		{"outside", a.Base() + "../assets.go", "gzip", 404, "", ""},
	} {
		t.Run(one.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", one.path, nil)
			r.Header.Set("Accept-Encoding", one.accept)
			w := httptest.NewRecorder()
			a.ServeHTTP(w, r)
			if w.Code != one.status || w.Header().Get("Cache-Control") != one.cache || w.Header().Get("Content-Encoding") != one.encoding {
				t.Fatalf("answered %d, Cache-Control %q, Content-Encoding %q", w.Code, w.Header().Get("Cache-Control"), w.Header().Get("Content-Encoding"))
			}
			if one.status != 200 {
				return
			}
			var body io.Reader = w.Body
			if one.encoding == "gzip" {
				z, err := gzip.NewReader(w.Body)
				if err != nil {
					t.Fatal(err)
				}
				body = z
			}
			got, err := io.ReadAll(body)
			if err != nil || !bytes.Equal(got, a.files["app.css"].plain) {
				t.Errorf("the body is not the file (%v)", err)
			}
			if kind := w.Header().Get("Content-Type"); kind != "text/css; charset=utf-8" {
				t.Errorf("Content-Type %q", kind)
			}
		})
	}
}

func TestAssetsAreOnlyRead(t *testing.T) {
	w := httptest.NewRecorder()
	a := newAssets(t)
	a.ServeHTTP(w, httptest.NewRequest("POST", a.Base()+"app.css", nil))
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST answered %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestTheHashChangesWithEveryFile(t *testing.T) {
	one, err := readAssets(fstest.MapFS{"a.js": {Data: []byte("1")}, "b.js": {Data: []byte("2")}})
	if err != nil {
		t.Fatal(err)
	}
	other, err := readAssets(fstest.MapFS{"a.js": {Data: []byte("1")}, "b.js": {Data: []byte("3")}})
	if err != nil {
		t.Fatal(err)
	}
	if one.Base() == other.Base() {
		t.Errorf("two builds lie under %s", one.Base())
	}
}

// Scripts are paid for when a page is opened: own ones of a page may take
// 15 KB, with the vendored ones 60.
func TestScriptsStayInTheirBudget(t *testing.T) {
	a := newAssets(t)
	for _, section := range page.Nav {
		for _, link := range section.Links {
			own, all := 0, 0
			for _, name := range append([]string{"vendor/htmx.min.js", "shell.js", "live.js", "live-worker.js", "view.js", "keys.js", "palette.js"}, link.Modules...) {
				file, ok := a.files[name]
				if !ok {
					t.Fatalf("the page %s asks for %s, which is not there", link.Key, name)
				}
				all += len(file.gzip)
				if !strings.HasPrefix(name, "vendor/") {
					own += len(file.gzip)
				}
			}
			t.Logf("%s: own scripts %d B, all %d B, compressed", link.Key, own, all)
			if own > 15<<10 || all > 60<<10 {
				t.Errorf("%s: own scripts take %d B of %d, all %d of %d", link.Key, own, 15<<10, all, 60<<10)
			}
		}
	}
}

// A style sheet or script that names a file of another origin would be blocked
// by the policy; a style attribute or inline handler too.
func TestScriptsNeedNeitherEvalNorOtherOrigins(t *testing.T) {
	for name, file := range newAssets(t).files {
		if strings.HasPrefix(name, "vendor/") {
			continue
		}
		text := string(file.plain)
		for _, banned := range []string{"eval(", "new Function", "hx-on", "setAttribute('style'", "https://"} {
			if strings.Contains(text, banned) {
				t.Errorf("%s contains %q", name, banned)
			}
		}
	}
}

func newAssets(t *testing.T) *Assets {
	t.Helper()
	a, err := NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	return a
}
