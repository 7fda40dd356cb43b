// Package web is what people see: pages rendered on the server, the styles and
// scripts they need, and nothing that a browser has to fetch from elsewhere.
// Pages show view models (package view/…) in one shell (package page); reads
// and writes go the same way as those of the public API.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// CSP is the Content-Security-Policy of every page: no inline script or style,
// no eval, nothing from another origin.
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

//go:embed static
var static embed.FS

// Assets are the static files, read and compressed once. One hash over all of
// them is part of their address, since the modules import one another by
// relative path: a page gets either all files of a build or none.
type Assets struct {
	hash  string
	files map[string]asset
}

type asset struct {
	kind  string // media type
	plain []byte
	gzip  []byte // nil where compression does not pay
}

// NewAssets reads the embedded files.
func NewAssets() (*Assets, error) {
	root, err := fs.Sub(static, "static")
	if err != nil {
		return nil, err
	}
	return readAssets(root)
}

func readAssets(root fs.FS) (*Assets, error) {
	a := &Assets{files: map[string]asset{}}
	sum := sha256.New()
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		plain, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(plain))
		sum.Write(plain)
		one := asset{kind: mediaType(name), plain: plain}
		if one.gzip, err = compress(plain); err != nil {
			return fmt.Errorf("compress %s: %w", name, err)
		}
		a.files[name] = one
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	a.hash = hex.EncodeToString(sum.Sum(nil))[:12]
	return a, nil
}

// mediaType does not ask the machine's own table first: a type that differs
// from one machine to the next would make a module not load under nosniff.
func mediaType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".md":
		return "text/plain; charset=utf-8"
	}
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

func compress(plain []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if b.Len() >= len(plain) {
		return nil, nil
	}
	return b.Bytes(), nil
}

// Base is the address under which the files lie, such as "/static/3f2a…/".
func (a *Assets) Base() string { return "/static/" + a.hash + "/" }

// ServeHTTP answers GET and HEAD of /static/<hash>/<file>. Under the hash of
// another build it still answers, but uncached: while a new build is rolled
// out, a page of the one may ask a replica of the other.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "static files are only read", http.StatusMethodNotAllowed)
		return
	}
	hash, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/static/"), "/")
	file, ok := a.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	if hash == a.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-store")
	}
	body := file.plain
	if file.gzip != nil && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = file.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader has gone if this fails
	}
}

func acceptsGzip(header string) bool {
	for _, one := range strings.Split(header, ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.TrimSpace(name) != "gzip" {
			continue
		}
		q := strings.TrimPrefix(strings.TrimSpace(quality), "q=")
		value, err := strconv.ParseFloat(q, 64)
		return err != nil || value > 0
	}
	return false
}
