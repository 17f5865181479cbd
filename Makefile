# The commands of this project. Each is a script of the same name in Scripts/, which installs what it lacks.
commands := run build test test-sanitized siege bench format lint assets clean

.PHONY: help fuzz $(commands)

help:
	@echo 'make run             build the release binary and start the server on port 3000 (PORT=8080 make run)'
	@echo 'make build           build the release binary, .build/release/martlet'
	@echo 'make test            all tests, and the format check'
	@echo 'make test-sanitized  the Swift tests under the thread sanitizer, then under the address sanitizer'
	@echo 'make siege           strangers and customers try for twenty minutes to stop the server, beside people who work'
	@echo 'make bench           measure the server beside hyper, nginx and FastAPI (see Benchmarks/README.md)'
	@echo 'make fuzz            fuzz every parser, FUZZ_SECONDS each (default 60)'
	@echo 'make format          format the Swift sources in place'
	@echo 'make lint            check their format'
	@echo 'make assets          make the pages that the binary embeds'
	@echo 'make clean           remove what was built, but not what was installed or measured'

$(commands):
	@Scripts/$@.sh

fuzz:
	@Scripts/set-up.sh
	@Scripts/fuzz.sh all $${FUZZ_SECONDS:-60}
