# Two commands: `make book` and `make test`. The logic is in scripts/, one file a job.
SHELL := /bin/sh
PYTHON := .venv/bin/python
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help book slides serve test fix notebooks colab samples figures benchmarks links repository lock clean

help: ## List these commands
	@echo "A notebook course that ends at a camera that works. Commands:"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r name what; \
		do printf '  make %-12s %s\n' "$$name" "$$what"; done
	@echo
	@echo "ASL_DATA_DIR=FOLDER make book   runs the chapters on your own copy of the real data."

$(READY): requirements.txt pyproject.toml scripts/environment.py
	@python=$$(sh scripts/find_python.sh) && "$$python" scripts/environment.py

book: $(READY) ## Execute every chapter and build the pages into _build/html
	@$(PYTHON) scripts/build.py

slides: book ## Make each chapter's slides again, from the executed book
	@$(PYTHON) scripts/slides.py

serve: book ## Build, then show the pages at a local address
	@$(PYTHON) scripts/serve.py

test: $(READY) ## Run every check: style, notebooks, package, labs, pages
	@$(PYTHON) scripts/check.py

fix: $(READY) ## Mend what a program can mend: formatting and notebook form
	@$(PYTHON) scripts/check.py --fix

notebooks: $(READY) ## Derive the notebooks for Colab from the chapters, into notebooks/
	@$(PYTHON) scripts/notebooks.py

colab: $(READY) ## Run the notebooks with Colab's own versions: make colab CHAPTERS="ch08 ch19"
	@$(PYTHON) scripts/colab.py $(CHAPTERS)

samples: $(READY) ## Draw the small embedded data sets of data/samples again
	@$(PYTHON) tools/draw_samples.py

figures: $(READY) ## Draw the figures of the pages again
	@$(PYTHON) scripts/fragments.py

benchmarks: $(READY) ## Measure builds, notebooks and renderer into data/results
	@$(PYTHON) -m benchmarks.builds build
	@$(PYTHON) -m benchmarks.builds notebooks
	@$(PYTHON) -m benchmarks.drawing

links: $(READY) ## Ask every external link whether it still answers
	@$(PYTHON) scripts/repository.py --external

repository: $(READY) ## Move every link to another repository: make repository URL=https://...
	@$(PYTHON) scripts/repository.py "$(URL)"

lock: $(READY) ## Resolve requirements.in into requirements.txt again
	@$(PYTHON) scripts/lock.py

clean: ## Delete what these commands built, .venv included
	rm -rf _build .venv node_modules .pytest_cache .ruff_cache book/_static/generated
