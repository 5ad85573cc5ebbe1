# SPDX-License-Identifier: Apache-2.0
# The scripts of tools/ by shorter names. The build itself is CMake's; see CONTRIBUTING.md.
PREFIX ?= /usr/local
DESTDIR ?=

help:
	@echo 'make run       build and run iotsd with a simulated greenhouse; Ctrl-C ends it'
	@echo 'make demo      the same as a short session that ends by itself'
	@echo 'make test      every check (make test-long: with fuzzing and endurance)'
	@echo 'make bench     measure'
	@echo 'make format    put the code into form'
	@echo 'make tidy      static checks'
	@echo 'make tsan      the tests under the thread sanitizer'
	@echo 'make install   into $$(DESTDIR)$$(PREFIX), by default /usr/local'
	@echo 'make clean     remove what was built'

run demo test bench:
	./tools/$@

test-long:
	./tools/test long

format tidy tsan:
	./tools/test $@

install:
	cmake -B build -DCMAKE_INSTALL_PREFIX='$(PREFIX)'
	cmake --build build --parallel
	DESTDIR='$(DESTDIR)' cmake --install build

clean:
	rm -rf build build-*

.PHONY: help run demo test test-long bench format tidy tsan install clean
