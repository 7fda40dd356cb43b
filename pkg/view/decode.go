package view

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"

	"throughline.dev/pkg/es"
)

// decoded is a commit with its events as the catalog reads them.
type decoded struct {
	commit es.Commit
	events []decodedEvent
}

type decodedEvent struct {
	typ   reflect.Type // nil: the catalog does not know the name
	event any          // nil: nobody wants it
	err   error
}

// decode reads each event of the commits that some view wants, once for all of
// them and on all cores: decoding, not reading, is what a fold waits for.
func decode(catalog *es.Catalog, commits []es.Commit, views []*View) []decoded {
	out := make([]decoded, len(commits))
	one := func(i int) {
		c := commits[i]
		out[i] = decoded{c, make([]decodedEvent, len(c.Events))}
		for n, rec := range c.Events {
			e := &out[i].events[n]
			e.typ = catalog.Type(rec.Name)
			for _, v := range views {
				if v.wants(e.typ) {
					e.event, e.err = decodeOne(catalog, rec)
					break
				}
			}
		}
	}
	workers := min(runtime.GOMAXPROCS(0), len(commits)/32+1)
	if workers == 1 {
		for i := range commits {
			one(i)
		}
		return out
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w * len(commits) / workers; i < (w+1)*len(commits)/workers; i++ {
				one(i)
			}
		})
	}
	wg.Wait()
	return out
}

// decodeOne turns a panic of an upcaster into an error, so that it stops the
// views that want the event and nothing else.
func decodeOne(catalog *es.Catalog, rec es.Record) (e any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("decode %s: panic: %v", rec.Name, r)
		}
	}()
	return catalog.Decode(rec)
}
