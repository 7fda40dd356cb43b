package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"throughline.dev/pkg/api"
)

// remote is the server that a client command speaks to.
type remote struct {
	url, token string
	json       bool
}

// flags adds the flags that every client command takes.
func (r *remote) flags(f *flag.FlagSet) {
	f.StringVar(&r.url, "server", envOr("THROUGHLINE_URL", "http://127.0.0.1:8080"), "address of the server")
	f.StringVar(&r.token, "token", os.Getenv("THROUGHLINE_TOKEN"), "file with an API token (or the token itself)")
	f.BoolVar(&r.json, "json", false, "machine-readable output")
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// secret reads the token.
func (r *remote) secret() (string, error) {
	if r.token == "" {
		if b, err := os.ReadFile(".throughline/demo.token"); err == nil {
			return strings.TrimSpace(string(b)), nil
		}
		return "", errors.New("no API token: say --token FILE or set THROUGHLINE_TOKEN (make run leaves one in .throughline/demo.token)")
	}
	if strings.HasPrefix(r.token, "tl_") {
		return r.token, nil
	}
	b, err := os.ReadFile(r.token)
	if err != nil {
		return "", fmt.Errorf("read the API token: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// do sends a request; an answer of 400 or more becomes an error with the
// problem's words. The caller closes the body.
func (r *remote) do(ctx context.Context, method, path string, body io.Reader, header map[string]string) (*http.Response, error) {
	secret, err := r.secret()
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(r.url, "/")+path, body)
	if err != nil {
		return nil, fmt.Errorf("server address: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+secret)
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("reach the server: %w", err)
	}
	if resp.StatusCode >= 400 {
		defer resp.Body.Close()
		return nil, problemOf(resp)
	}
	return resp, nil
}

func problemOf(resp *http.Response) error {
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	var p api.Problem
	if json.Unmarshal(b, &p) != nil || p.Title == "" {
		return fmt.Errorf("the server answered %s", resp.Status)
	}
	return fmt.Errorf("%s (%d %s): %s", p.Title, p.Status, p.Code, p.Detail)
}

// call sends JSON and reads JSON.
func (r *remote) call(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = strings.NewReader(string(b))
	}
	resp, err := r.do(ctx, method, path, body, map[string]string{"Content-Type": "application/json"})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unversioned build)"
}
