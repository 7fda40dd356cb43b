# make run · make test · make lint · make bench · make golden
MODULES := pkg services
TEMPL   := cd tools && GOWORK=off go tool templ
PKGS    := $(addsuffix /...,$(addprefix ./,$(MODULES)))

.PHONY: run build test unit lint fmt generate golden bench needs

run: build ## the whole product with demo data on http://127.0.0.1:8080
	./throughline serve --listen 127.0.0.1:8080 --data .throughline --demo

build:
	go build -o throughline ./services/throughline

test: needs lint unit ## everything that CI checks; installs what is missing

unit:
	go test -race -timeout 15m $(PKGS)

lint:
	@files=$$(gofmt -l $(MODULES)); if [ -n "$$files" ]; then echo "gofmt -w these: $$files"; exit 1; fi
	go vet $(PKGS)
	cd tools && GOWORK=off go build -o ../.bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	.bin/staticcheck $(PKGS)

fmt:
	gofmt -w $(MODULES)

generate: ## the Go code of the templ pages
	$(TEMPL) generate -path ../services/gateway/web

golden: ## golden files for stored events that have none (never changes one), and the list of refusals
	go test -run Golden ./pkg/rights/... ./pkg/command/... ./services/strategy ./services/backlog ./services/feedback ./services/gateway -golden

bench:
	go test -run '^$$' -bench . -benchmem $(PKGS)

needs: ## a real Redis and Chromium, for the tests only
	@sh scripts/needs.sh redis-server chromium
